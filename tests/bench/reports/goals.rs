//! Reports of a site with twenty goals: the goals themselves, and other reports with the conversions of all goals or of one.

use super::{Screen, measure_subject, program, serve};
use rusqlite::Connection;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The goals of the site.
const GOALS: i64 = 20;
/// The pages of the goals beside those of the demo.
const PAGES: [&str; 14] = [
    "/",
    "/bread",
    "/bread/rye",
    "/shop",
    "/cakes",
    "/opening-hours",
    "/bread/sourdough",
    "/cakes/birthday",
    "/shop/basket",
    "/recipes/apple-tart",
    "/blog/why-rye-keeps",
    "/bread/baguette",
    "/shop/*",
    "/cakes/*",
];
const RANGE: &str = "date=last-365-days";

/// The screens, with what the project asks of their median, if anything.
fn screens() -> Vec<Screen> {
    let report = |name, path: &str, wanted| (name, format!("/sites/1/reports/{path}{RANGE}"), wanted);
    vec![
        report("goals", "goals?", Some(40)),
        report("goals, one in view", "goals?conversions-of=Order&", None),
        report("goals by source", "goals?by=traffic-sources&", None),
        report("sources", "traffic-sources?columns=goals&", None),
        report("sources, one goal in view", "traffic-sources?columns=goals&conversions-of=Order&", None),
        report("links, one goal in view", "links?columns=goals&conversions-of=Order&", None),
        report("pages with goals", "pages?columns=goals&", None),
        report("pages, one goal in view", "pages?columns=goals&conversions-of=Order&", None),
        report("pages by conversions", "pages?columns=goals&sort=conversions&", None),
        report("most active visitors", "visitors-most-active?columns=goals&", None),
        report("revenue", "revenue?", None),
        ("dashboard", format!("/sites/1?{RANGE}"), Some(100)),
        ("visitors who reached a goal", format!("/sites/1/visitors?goal=Order&{RANGE}"), None),
    ]
}

/// Returns one number of the data file.
pub fn number(file: &Path, sql: &str) -> i64 {
    Connection::open(file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Adds goals until the site has twenty, lets the server match them with all visits, and seals the days anew.
fn prepare(file: &Path) {
    let count = "select count(*) from goals where site_id = 1 and removed_at is null";
    let begun = Instant::now();
    for (goal, page) in (number(file, count)..GOALS).zip(PAGES) {
        let name = format!("Saw {page}");
        let matching = if page.ends_with('*') { "wildcard" } else { "exact" };
        let added = program(file)
            .args(["goal", "add", "--site", "1", "--name", &name, "--page", page, "--match", matching])
            .stdout(Stdio::null())
            .status();
        assert!(added.unwrap().success(), "{goal}: {page}");
    }
    wait(file, "select count(*) from goals where match_below is not null");
    let sql = "delete from block_ranges; delete from blocks; delete from jobs where name = 'seal days'";
    Connection::open(file).unwrap().execute_batch(sql).unwrap();
    wait(file, "select not exists (select 1 from jobs where name = 'seal days' and milliseconds >= 0)");
    println!(
        "goals: {} goals, {} conversions of {} visits, matched and sealed in {:.1} s",
        number(file, count),
        number(file, "select count(*) from conversions where site_id = 1"),
        number(file, "select count(*) from visits where site_id = 1"),
        begun.elapsed().as_secs_f64()
    );
}

/// Serves the file until a question is answered by 0.
pub fn wait(file: &Path, question: &str) {
    let connection = Connection::open(file).unwrap();
    let (_server, _) = serve(file);
    while connection.query_row(question, [], |row| row.get::<_, i64>(0)).unwrap() > 0 {
        // A pause between two looks at the progress, which is what is waited for.
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Measures the screens whose names contain a text.
pub fn measure(file: &Path, cookie: &str, runs: u64, only: Option<&str>) {
    prepare(file);
    measure_subject(file, ("goals", screens()), cookie, runs, only);
}
