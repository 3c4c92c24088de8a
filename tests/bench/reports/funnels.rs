//! Funnels of five steps over a year: within a visit, with steps that follow directly, broken down, and across visits; and other
//! reports of the visits of a step.

use super::{Screen, measure_subject, program};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;
use std::process::Stdio;

const RANGE: &str = "date=last-365-days";
/// The steps of the funnels, as the command takes them.
const STEPS: [&str; 5] =
    ["page:/", "page:/shop", "page:/shop/basket", "page:/shop/checkout", "page:/shop/thank-you"];

/// The funnels: the name, further options, and true if steps follow directly.
const FUNNELS: [(&str, &[&str], bool); 3] =
    [("Within a visit", &[], false), ("Directly", &[], true), ("Within a week", &["--within", "7d"], false)];

/// The screens, with what the project asks of their median, if anything.
fn screens(file: &Path) -> Vec<Screen> {
    let funnel = |place: usize| add(file, FUNNELS[place]);
    let (within, direct, week) = (funnel(0), funnel(1), funnel(2));
    let report = |id: i64, more: &str| format!("/sites/1/reports/funnels?funnel={id}{more}&{RANGE}");
    vec![
        ("five steps", report(within, ""), Some(150)),
        ("five steps, directly", report(direct, ""), Some(150)),
        ("five steps by source", report(within, "&by=traffic-sources"), None),
        ("five steps within a week", report(week, ""), None),
        ("countries of a step", format!("/sites/1/reports/countries?funnel-step={within}:2&{RANGE}"), None),
    ]
}

/// Returns the id of a funnel, which is added unless it is there.
fn add(file: &Path, (name, options, is_direct): (&str, &[&str], bool)) -> i64 {
    let find = || {
        let sql = "select id from funnels where site_id = 1 and name = ?1";
        Connection::open(file).unwrap().query_row(sql, [name], |row| row.get(0)).optional().unwrap()
    };
    if let Some(id) = find() {
        return id;
    }
    let steps = STEPS.iter().enumerate().map(|(place, step)| {
        if is_direct && place > 0 { format!("directly:{step}") } else { (*step).to_owned() }
    });
    let steps = steps.flat_map(|step| ["--step".to_owned(), step]);
    let added = program(file)
        .args(["funnel", "add", "--site", "1", "--name", name])
        .args(options)
        .args(steps)
        .stdout(Stdio::null())
        .status();
    assert!(added.unwrap().success(), "{name}");
    find().unwrap()
}

/// Measures the screens whose names contain a text.
pub fn measure(file: &Path, cookie: &str, runs: u64, only: Option<&str>) {
    measure_subject(file, ("funnels", screens(file)), cookie, runs, only);
}
