//! Files with a site that somebody changed, or wrote with a text editor: whatever they say, nothing breaks.

use super::harness::{Desk, Server};
use super::http::get;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// A desk whose site 2 has something of everything, and that site's file as values.
fn lines_of_a_full_site() -> Vec<Value> {
    let desk = Desk::with_site();
    desk.json(&[
        "demo",
        "--into-existing",
        "--visits",
        "60",
        "--days",
        "3",
        "--until",
        "2026-10-26",
        "--no-serve",
        "--json",
    ]);
    desk.open()
        .execute_batch(
            "insert into segments (site_id, name, conditions, created_at) values (2, 'Phones', 'hardware=phone', 5);
             insert into rollups values (2, 'all', 20000, 0, 0, 0, null, 3, 3, 3, 1, 4, 50, 1, 0, 0, 0, 0, '3,0,0,0,0');
             insert into rollups values (2, 'hour', 20000, 0, 0, 7, null, 3, 3, 3, 1, 4, 50, 1, 0, 0, 0, 0, '3,0,0,0,0');
             insert into rollups values (2, 'country', 20000, (select min(id) from labels), 0, 0, null, 3, 3, 3, 1, 4, 50, 1, 0, 0, 0, 0, null);
             insert into exclusions values (2, 'page', '/admin/*');
             insert into brands values (2, 'Oven & Co', '#8a1538', 'By Oven & Co', null, 5);
             insert into splits select site_id, id, landing, landing, null from visits where site_id = 2 limit 3;
             insert or ignore into heatmap_clicks (site_id, visit_id, number, page, x, y, width)
             select site_id, id, 1, landing, 5, 6, 700 from visits where site_id = 2 limit 3;
             update sites set visits_kept_days = 3650, view_only_reports = 'pages', view_only_data = 'places',
               actions_per_day_max = 100000 where id = 2;",
        )
        .unwrap();
    desk.text(&["link", "add", "--site", "2", "--name", "For the bank"]);
    let text = desk.text(&["export", "--site", "2"]);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write(desk: &Desk, name: &str, lines: &[Value]) -> String {
    let path = desk.path().join(name);
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The file with its first line changed so, and another time of its writing, so that it is not known.
fn with_setting(lines: &[Value], pointer: &str, value: &Value) -> Vec<Value> {
    let mut changed = lines.to_vec();
    *changed[0].pointer_mut(pointer).unwrap() = value.clone();
    changed
}

#[test]
fn a_site_whose_settings_no_form_would_take_is_refused_with_a_sentence_and_changes_nothing() {
    let lines = lines_of_a_full_site();
    let desk = Desk::with_site();
    let long = "x".repeat(5_000);
    for (pointer, value, words) in [
        ("/site/id", json!("9223372036854775807"), "no number that a site can have"),
        ("/site/id", json!("0"), "no number that a site can have"),
        ("/exported_at", json!(i64::MAX), "none from 1970"),
        ("/site/created_at", json!(-5), "none from 1970"),
        ("/site/site_key", json!("x"), "keys"),
        ("/site/hits_per_minute_max", json!(0), "hits in a minute"),
        ("/site/actions_per_day_max", json!(-1), "actions in a day"),
        ("/site/visits_kept_days", json!(-1), "kept for that many days"),
        ("/site/visits_kept_days", json!(0), "kept for that many days"),
        ("/site/visits_kept_days", json!(i64::MAX), "kept for that many days"),
        ("/site/view_only_reports", json!("<b>"), "View Only"),
        ("/site/exclusions/0/0", json!("nonsense"), "can't be left out"),
        ("/site/exclusions/0/1", json!(long), "can't be left out"),
        ("/site/exclusions/0/1", json!("*"), "can't be left out"),
        ("/site/brand/accent", json!("#000;}"), "white label"),
        ("/site/brand/name", json!(long), "white label"),
        ("/site/brand/logo", json!("00ff"), "logo"),
        ("/site/name", json!(long), "name"),
        ("/site/time_zone", json!("Mars/Base"), "time zone"),
    ] {
        let path = write(&desk, "site", &with_setting(&lines, pointer, &value));
        let complaint = desk.complaint(&["import", &path]);
        assert!(complaint.contains(words), "{pointer}: {complaint}");
    }
    assert_eq!(desk.number("select count(*) from sites"), 1);
    assert_eq!(desk.json(&["site", "add", "shop.example", "--owner", "ada", "--json"])["site_id"], 2);
}

#[test]
fn a_record_that_this_program_never_wrote_is_refused_by_its_number_with_the_reason() {
    let lines = lines_of_a_full_site();
    let place = |kind: &str| lines.iter().position(|line| line.get(kind).is_some()).unwrap();
    let desk = Desk::with_site();
    for (number, (kind, pointer, value, words)) in [
        ("visit", "/id", json!("9223372036854775807"), "1970"),
        ("visit", "/stay", json!(-5), "longer"),
        ("visit", "/stay", json!(i64::MAX), "longer"),
        ("visit", "/actions_count", json!(i64::MAX), "other actions"),
        ("visit", "/medium", json!(99), "that way"),
        ("visit", "/hardware", json!(-1), "machine"),
        ("visit", "/traits", json!(-1), "trait"),
        ("visit", "/texts/landing", json!("javascript:alert(1)"), "text"),
        ("visit", "/texts/country", json!("<b>"), "text"),
        ("visit", "/texts/browser", json!("a\u{1}"), "text"),
        ("visit", "/actions/0/at", json!(i64::MAX), "action"),
        ("visit", "/actions/0/page", json!("javascript:alert(1)"), "action"),
        ("visit", "/page_views", json!(-1), "other actions"),
        ("visit", "/actions/0/kind", json!(99), "action"),
        ("total", "/day", json!(i32::MAX), "day"),
        ("total", "/visits", json!(i64::MAX), "number"),
        ("total", "/kinds", json!("nonsense,;"), "kinds"),
        ("total", "/dimension", json!("nope"), "no totals by that"),
        ("filtered", "/count", json!(-1), "count"),
        ("filtered", "/reason", json!("nonsense"), "reason"),
        ("sample", "/at", json!(i64::MIN), "time"),
        ("segment", "/conditions", json!("nonsense=1"), "filters"),
        ("segment", "/name", json!("x".repeat(5_000)), "name"),
        ("link", "/token", json!("../../x"), "address"),
        ("link", "/embed_origins", json!("https://x.example; script-src *"), "pages"),
        ("link", "/segment", json!("nonsense=1"), "filters"),
        ("link", "/name", json!(""), "name"),
        ("link", "/views", json!(i64::MAX), "count"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut changed = lines.clone();
        changed[0]["exported_at"] = json!(1_800_000_000_000_u64 + number as u64);
        let place = place(kind);
        *changed[place].pointer_mut(&format!("/{kind}{pointer}")).unwrap() = value;
        let path = write(&desk, "site", &changed);
        let said = desk.json(&["import", &path, "--dry-run", "--as", "new", "--json"])["files"][0].clone();
        assert_eq!(said["refused"], 1, "{kind}{pointer}");
        let refused = &said["refused_lines"][0];
        assert_eq!(refused["line"], place + 1, "{kind}{pointer}");
        assert!(refused["why"].as_str().unwrap().contains(words), "{kind}{pointer}: {refused}");
    }
}

#[test]
fn no_more_segments_and_guest_links_are_imported_than_a_site_may_have() {
    let mut lines = lines_of_a_full_site();
    for kind in ["segment", "link"] {
        let place = lines.iter().position(|line| line.get(kind).is_some()).unwrap();
        for number in 0..105 {
            let mut further = lines[place].clone();
            further[kind]["name"] = json!(format!("Number {number}"));
            if kind == "link" {
                further[kind]["token"] = json!(format!("{number:040x}"));
            }
            lines.insert(place, further);
        }
    }
    let count = lines.len() - 2;
    *lines.last_mut().unwrap() = json!({"end": {"lines": count}});
    let desk = Desk::with_site();
    let said = desk.json(&["import", &write(&desk, "site", &lines), "--json"])["files"][0].clone();
    assert_eq!(said["refused"], 12);
    assert!(said["refused_lines"][0]["why"].as_str().unwrap().contains("as many segments as it may have"));
    assert_eq!(desk.number("select count(*) from segments where site_id = 2"), 100);
    assert_eq!(desk.number("select count(*) from links where site_id = 2"), 100);
}

#[test]
fn a_few_letters_in_a_file_do_not_become_millions_of_imported_lines() {
    let mut lines = lines_of_a_full_site();
    let list = |period: i64, times: u32, hash: u64| {
        json!({"lines": {
            "key": "0".repeat(32), "period": period, "seen_at": 7_000_000_000_000_i64, "times": times,
            "hashes": format!("{hash:016x}"),
        }})
    };
    let lists =
        [list(1, 3_999_999, 7), list(1, 1, 8), list(1, 1, 9), list(2, 2, 7), list(3, 3, 7), list(4, 1, 7)];
    let end = lines.len() - 1;
    lines.splice(end..end, lists);
    let count = lines.len() - 2;
    *lines.last_mut().unwrap() = json!({"end": {"lines": count}});
    let desk = Desk::with_site();
    let said = desk.json(&["import", &write(&desk, "site", &lines), "--json"])["files"][0].clone();
    assert_eq!(said["refused"], 2, "{said}");
    let why = |place: usize| said["refused_lines"][place]["why"].as_str().unwrap();
    assert!(why(0).contains("as many lines of those ten minutes as it may"), "{said}");
    assert!(why(1).contains("more repeated lines than are remembered"), "{said}");
    let kept =
        desk.texts("select period || ' ' || (sum(length(hashes)) / 8) from imported_lines group by period");
    assert_eq!(kept, ["1 4000000", "2 2", "4 1"]);
    assert_eq!(
        desk.number("select count(*) from imported_lines where seen_at > unixepoch() * 1000 + 1000"),
        0
    );
}

/// Pointers to every number and text of a value.
fn scalars(value: &Value, here: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| scalars(inner, &format!("{here}/{name}"), found));
        }
        Value::Array(items) => {
            for (place, inner) in items.iter().enumerate() {
                scalars(inner, &format!("{here}/{place}"), found);
            }
        }
        Value::Number(_) | Value::String(_) | Value::Null => found.push(here.to_owned()),
        Value::Bool(_) => {}
    }
}

/// What may stand in the place of a number or a text.
fn nasty() -> impl Strategy<Value = Value> {
    let numbers = prop::sample::select(vec![
        i64::MIN,
        i64::MIN + 1,
        -2_147_483_649,
        -1,
        0,
        1,
        7,
        23,
        1_000,
        84_006,
        2_147_483_647,
        4_294_967_296,
        1 << 40,
        1 << 53,
        7_258_118_400_000,
        i64::MAX - 1,
        i64::MAX,
    ]);
    prop_oneof![
        4 => numbers.clone().prop_map(|number| json!(number)),
        2 => numbers.prop_map(|number| json!(number.to_string())),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        2 => "\\PC{0,40}".prop_map(|text| json!(text)),
        1 => prop::sample::select(vec!["", "\u{0}", "javascript:alert(1)", "/x", "hour", "all", "DE", "Asia/Beirut"])
            .prop_map(|text| json!(text)),
        1 => Just(Value::Null),
    ]
}

/// The screens of a site answer.
fn assert_shown(server: &Server<'_>, cookie: &str, site: i64) {
    for path in [
        "?date=2026-10-20,2026-10-26",
        "?date=last-3650-days",
        "/reports/pages?date=2026-10-20,2026-10-26",
        "/reports/countries?date=2018-01-01,2026-10-26",
        "/reports/left-out?date=2026-10-01,2026-10-26",
        "/visitors?date=2026-10-20,2026-10-26",
        "/export/pages.csv?date=2026-10-20,2026-10-26",
        "/spy",
        "/segments",
        "/preferences/tracking",
        "/preferences/hosts",
        "/preferences/privacy",
        "/preferences/view-only",
        "/preferences/public-access",
        "/preferences/white-label",
    ] {
        let answer = server.ask(&get(format!("/sites/{site}{path}")).cookie(cookie));
        assert!(answer.status < 500, "{path}: {}", answer.text());
    }
    let home = server.ask(&get(format!("/sites/{site}")).cookie(cookie)).status;
    assert_eq!(home, 200);
}

#[test]
fn whatever_stands_in_the_place_of_a_number_or_a_text_is_taken_or_refused_and_every_screen_answers() {
    const CASES: u32 = 40;
    let lines = lines_of_a_full_site();
    // Each field is as likely as any other, however many lines have it.
    let mut fields = std::collections::BTreeMap::<String, Vec<usize>>::new();
    for (line, value) in lines.iter().enumerate() {
        let mut found = Vec::new();
        scalars(value, "", &mut found);
        for pointer in found {
            fields.entry(pointer).or_default().push(line);
        }
    }
    let change = (prop::sample::select(fields.keys().cloned().collect::<Vec<_>>()), nasty(), 1..4_usize);
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let mut number = 1_800_000_000_000_u64;
    let number = std::cell::RefCell::new(&mut number);
    runner
        .run(&prop::collection::vec(change, 1..4), |changes| {
            let mut changed = lines.clone();
            **number.borrow_mut() += 1;
            changed[0]["exported_at"] = json!(**number.borrow());
            for (pointer, value, times) in changes {
                for line in fields[&pointer].iter().take(times) {
                    *changed[*line].pointer_mut(&pointer).unwrap() = value.clone();
                }
            }
            let output = desk.run(&["import", &write(&desk, "site", &changed), "--as", "new", "--json"]);
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            prop_assert!(output.status.code() == Some(0) || output.status.code() == Some(1), "{}", complaint);
            prop_assert!(!complaint.contains("panicked"), "{}", complaint);
            let site = desk.number("select max(id) from sites");
            if output.status.success() && site > 1 {
                assert_shown(&server, &cookie, site);
            }
            desk.open().execute("delete from links", []).unwrap();
            Ok(())
        })
        .unwrap();
    desk.text(&["prune", "--yes"]);
    assert!(desk.text(&["check"]).contains("is whole"));
}
