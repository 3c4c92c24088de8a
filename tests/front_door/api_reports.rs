//! The reports of our own API: their rows, pages, intervals and refusals.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use super::http::get;
use super::reports::{RANGE, cells, demo, signed_in};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// All rows of a report, page by page.
pub fn all_rows(server: &Server<'_>, program: &Program, name: &str, query: &str, limit: u32) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = program.read(server, &format!("reports/{name}?{query}&limit={limit}{cursor}"));
        rows.extend(reply["rows"].as_array().unwrap().iter().cloned());
        match reply["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

/// The rows of a file, each as its cells by the names of their columns.
pub fn file(server: &Server<'_>, cookie: &str, name: &str, query: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("/sites/1/export/{name}.csv?{query}");
    let mut rows = cells(&server.ask(&get(&path).cookie(cookie)).text()).into_iter();
    let head = rows.next().unwrap();
    rows.map(|row| head.iter().cloned().zip(row).collect()).collect()
}

/// A cell as JSON has it: without the quote that keeps a spreadsheet from computing it, empty where there is no value.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn a_report_by_another_one_has_the_pairs_of_its_file() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, program) = (signed_in(&server, &password), Program::with_key(&desk));
    let query = format!("date={RANGE}&by=web-browsers&compare=before");
    let expected = file(&server, &cookie, "countries", &query);
    let found = all_rows(&server, &program, "countries", &query, 7);
    assert!(expected.len() > 10);
    let pair =
        |row: &Value| [&row["item"], &row["by"]["item"], &row["visits"], &row["before"]["visits"]].map(text);
    let of_file = |row: &BTreeMap<String, String>| {
        ["item", "by", "visits", "visits_before"].map(|name| plain(&row[name]).to_owned())
    };
    let mut found: Vec<_> = found.iter().map(pair).collect();
    let mut expected: Vec<_> = expected.iter().map(of_file).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn days_fold_into_weeks_and_months_and_hours_are_those_of_their_days() {
    let (desk, _) = demo();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let sums = |interval: &str| -> (usize, i64) {
        let rows =
            all_rows(&server, &program, "visitors", &format!("date={RANGE}&interval={interval}"), 1_000);
        (rows.len(), rows.iter().map(|row| row["value"].as_i64().unwrap()).sum())
    };
    let (days, sum) = sums("day");
    assert_eq!((days, sums("hour"), sums("week"), sums("month")), (7, (168, sum), (2, sum), (1, sum)));
    let reply = program.read(&server, &format!("reports/visitors?date={RANGE}"));
    assert_eq!(reply["total"], sum);
    assert_eq!(reply["query"]["date"], serde_json::json!({"first": "2026-10-20", "last": "2026-10-26"}));
    assert!(reply["query"]["url"].as_str().unwrap().contains("/sites/1/reports/visitors?date=2026-10-20"));
}

#[test]
fn pages_join_to_the_whole_report_while_visits_arrive() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    for number in 0..9 {
        server.hit(&format!("203.0.113.{number}"), &fields(&view(&format!("/page-{number}"))));
    }
    desk.wait_for("(select count(*) from visits) = 9");
    let (mut seen, mut cursor, mut arrived) = (Vec::new(), String::new(), 9);
    loop {
        let reply = program.read(&server, &format!("reports/pages?date=today&limit=2{cursor}"));
        seen.extend(reply["rows"].as_array().unwrap().iter().map(|row| text(&row["value"])));
        // A page that is new, and one that climbs to the top.
        for path in ["/new", "/page-8"] {
            server.hit(&format!("198.51.100.{arrived}"), &fields(&view(path)));
            arrived += 1;
        }
        desk.wait_for(&format!("(select count(*) from visits) = {arrived}"));
        match reply["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!((seen.len(), once.len()), (9, 9), "{seen:?}");
}

#[test]
fn a_page_that_has_another_one_keeps_its_entity_tag_until_a_visit_begins() {
    let desk = Desk::with_site();
    let clock = desk.path().join("clock");
    fs::write(&clock, "+0").unwrap();
    let server = desk.serve_by_clock(&clock);
    let program = Program::with_key(&desk);
    for path in ["/", "/shop"] {
        assert_eq!(server.hit("81.2.69.1", &fields(&view(path))).status, 204);
    }
    let page = || program.sign(get("/api/v1/sites/1/reports/pages?date=last-30-days&limit=1"));
    let answer = server.ask(&page());
    assert!(answer.json()["next_cursor"].is_string(), "{}", answer.text());
    let tag = answer.header("etag").to_owned();
    fs::write(&clock, "+5s").unwrap();
    assert_eq!(server.ask(&page().header("If-None-Match", &tag)).status, 304);
    assert_eq!(server.hit("81.2.69.2", &fields(&view("/"))).status, 204);
    assert_eq!(server.ask(&page().header("If-None-Match", &tag)).status, 200);
}

#[test]
fn a_path_with_a_slash_at_its_end_is_none() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    for path in ["/api/v1/sites/", "/api/v1/sites/1/", "/api/v1/sites/1/reports/pages/", "/api/v1/"] {
        let answer = program.get(&server, path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("Leave it out"), "{path}: {}", answer.text());
    }
    assert!(program.get(&server, "/api/v1/nothing").text().contains("no such path"));
}

#[test]
fn bad_input_is_refused_with_its_field_and_a_hint() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let many = vec!["country=DE"; 21].join("&");
    for (path, status, field, hint) in [
        ("reports/pages?contry=DE", 422, "contry", "“country”"),
        ("reports/pages?interval=day", 422, "interval", "no parameter"),
        ("reports/pages?date=nonsense", 422, "date", "last-7-days"),
        ("reports/pages?date=1990-01-01,2026-01-01", 422, "date", "ten years"),
        ("reports/pages?compare=previous", 422, "compare", "weekdays"),
        ("reports/pages?limit=1001", 422, "limit", "1 to 1000"),
        ("reports/pages?limit=many", 422, "limit", "1 to 1000"),
        ("reports/pages?sort=seconds", 422, "sort", "bounce_rate"),
        ("reports/pages?order=up", 422, "order", "asc or desc"),
        ("reports/pages?by=country", 422, "by", "“countries”"),
        ("reports/pages?cursor=x", 422, "cursor", "no cursor"),
        ("reports/pages?time=many", 422, "time", "such as 4-6"),
        ("reports/pages?segment=7", 422, "segment", "segments"),
        ("reports/visitors?interval=year", 422, "interval", "hour, day"),
        ("reports/visitors?interval=hour&date=last-90-days", 422, "interval", "31 days"),
        (&format!("reports/pages?{many}"), 422, "filter", "too many filters"),
    ] {
        let answer = program.get(&server, &format!("/api/v1/sites/1/{path}"));
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        let problem = answer.json();
        assert_eq!(problem["field"], field, "{path}: {problem}");
        assert!(problem["hint"].as_str().unwrap().contains(hint), "{path}: {problem}");
    }
    let answer = program.get(&server, "/api/v1/sites/1/reports/page");
    assert_eq!(answer.status, 404);
    assert!(answer.json()["detail"].as_str().unwrap().contains("“pages”"), "{}", answer.text());
}

#[test]
fn a_segment_filters_as_its_filters_do_and_is_listed_for_its_person() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("203.0.113.1", &fields(&view("/a")));
    server.hit("203.0.113.2", &fields(&view("/b")));
    desk.wait_for("(select count(*) from visits) = 2");
    desk.open()
        .execute_batch(
            "insert into segments (site_id, user_id, name, conditions, created_at) select 1, id, 'own', 'href=/a', 0 from users;
             insert into segments (site_id, user_id, name, conditions, created_at) values (1, null, 'shared', 'href=/b', 0);",
        )
        .unwrap();
    let user = desk.texts("select username from users").remove(0);
    let (key, token) = (Program::with_key(&desk), Program::with_token(&desk, &user, false));
    let names = |program: &Program| {
        let list = program.read(&server, "segments");
        list["segments"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect::<Vec<_>>()
    };
    assert_eq!(names(&key), ["shared"]);
    assert_eq!(names(&token), ["shared", "own"]);
    let own = desk.number("select id from segments where name = 'own'");
    let reply = token.read(&server, &format!("reports/pages?date=today&segment={own}"));
    assert_eq!(reply["count"], 1);
    assert_eq!(reply["query"]["filters"], serde_json::json!([["is", "href", ["/a"]]]));
    let refused = key.get(&server, &format!("/api/v1/sites/1/reports/pages?segment={own}"));
    assert_eq!(refused.status, 422, "{}", refused.text());
}
