//! The reports of our own API: the numbers of the screens' files, and of Clicky's API.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use super::http::get;
use super::reports::{RANGE, cells, demo, signed_in};
use serde_json::Value;
use std::collections::BTreeMap;

/// The reply to a request about site 1.
pub fn told(server: &Server<'_>, program: &Program, path: &str) -> Value {
    let answer = program.get(server, &format!("/api/v1/sites/1/{path}"));
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// All rows of a report, page by page.
fn all_rows(server: &Server<'_>, program: &Program, name: &str, query: &str, limit: u32) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = told(server, program, &format!("reports/{name}?{query}&limit={limit}{cursor}"));
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
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

const MEASURES: [&str; 7] = ["count", "visits", "unique", "new", "actions", "seconds", "bounces"];
/// The questions that every report is asked; files compare with the period before if they are not told otherwise.
const QUESTIONS: [&str; 4] =
    ["compare=none", "compare=none&country=DE", "compare=weekdays", "compare=year&href=/&source=Searches"];

/// Compares a report of the API with its file.
fn compare(
    server: &Server<'_>,
    program: &Program,
    cookie: &str,
    (name, kind): (&str, &str),
    query: &str,
) -> usize {
    let expected = file(server, cookie, name, query);
    let found = all_rows(server, program, name, query, 1_000);
    let case = format!("{name} {query}");
    assert_eq!(found.len(), expected.len(), "{case}");
    let before = |cells: &BTreeMap<String, String>, column: &str| {
        let names = ["before", "weekdays_before", "year_before"].map(|period| format!("{column}{period}"));
        names.iter().find_map(|name| cells.get(name)).cloned()
    };
    for (row, cells) in found.iter().zip(&expected) {
        match kind {
            "items" => {
                assert_eq!(text(&row["item"]), plain(&cells["item"]), "{case}");
                assert_eq!(text(&row["beside"]), plain(&cells["beside"]), "{case}");
                for measure in MEASURES {
                    assert_eq!(text(&row[measure]), cells[measure], "{measure} of {case}");
                    let earlier = before(cells, &format!("{measure}_")).unwrap_or_default();
                    assert_eq!(text(&row["before"][measure]), earlier, "{measure} before of {case}");
                }
            }
            "metric" => {
                let value = |value: &Value| value.as_f64().unwrap_or_default();
                let number = |cell: &str| cell.parse::<f64>().unwrap_or_default();
                let step = cells.get("date").or(cells.get("hour"));
                assert!(step.is_none_or(|step| text(&row["date"]).ends_with(step)), "{row} {case}");
                let cell = cells.get("value").or(cells.get("online")).unwrap();
                assert!((value(&row["value"]) - number(cell)).abs() < 1e-9, "{row} {cells:?} {case}");
                let earlier = before(cells, "").unwrap_or_default();
                assert!((value(&row["before"]) - number(&earlier)).abs() < 1e-9, "{row} {cells:?} {case}");
            }
            "recent" => {
                assert_eq!(text(&row["item"]), plain(&cells["item"]), "{case}");
                assert_eq!(text(&row["visit_id"]), plain(&cells["visit"]), "{case}");
                let moment = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
                assert_eq!(moment(&text(&row["at"])), moment(&cells["time"]), "{case}");
            }
            _ => {
                for column in ["date", "reason", "meaning", "hits"] {
                    assert_eq!(text(&row[column]), plain(&cells[column]), "{case}");
                }
                assert_eq!(text(&row["before"]), before(cells, "hits_").unwrap_or_default(), "{case}");
            }
        }
    }
    found.len()
}

#[test]
fn every_report_has_the_rows_of_its_file_with_filters_and_comparisons_too() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, program) = (signed_in(&server, &password), Program::with_key(&desk));
    let catalogue = told(&server, &program, "reports");
    let reports = catalogue["reports"].as_array().unwrap();
    assert!(reports.len() > 50, "{}", reports.len());
    for report in reports {
        let (name, kind) = (report["name"].as_str().unwrap(), report["kind"].as_str().unwrap());
        for question in QUESTIONS {
            let query = format!("date={RANGE}&{question}");
            let rows = compare(&server, &program, &cookie, (name, kind), &query);
            assert!(
                question != "compare=none" || rows > 0 || kind == "filtered",
                "{name} has nothing to compare"
            );
        }
        if kind == "metric" {
            compare(&server, &program, &cookie, (name, kind), "date=2026-10-22&compare=weekdays");
        }
    }
}

#[test]
fn items_are_the_same_by_a_query_and_by_clickys_api() {
    let (desk, _) = demo();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let key = desk.texts("select site_key from sites where id = 1").remove(0);
    for (report, dimension) in
        [("pages", "href"), ("countries", "country"), ("links", "link"), ("cities", "city")]
    {
        let rows = all_rows(&server, &program, report, &format!("date={RANGE}"), 1_000);
        let path =
            format!("/api/stats/4?site_id=1&sitekey={key}&type={report}&date={RANGE}&limit=all&output=json");
        let clicky = server.ask(&get(path).without("Sec-Fetch-Site")).json();
        let clicky = clicky[0]["dates"][0]["items"].as_array().unwrap().clone();
        let counts =
            |items: &[Value], name: &str| items.iter().map(|item| text(&item[name])).collect::<Vec<_>>();
        assert_eq!(counts(&clicky, "value"), counts(&rows, "count"), "{report}");
        let (first, last) = RANGE.split_once(',').unwrap();
        let body = serde_json::json!({
            "metrics": ["count", "visits", "bounce_rate"], "date_range": [first, last], "dimensions": [dimension],
            "limit": 1_000,
        });
        let reply = super::api_query::ask(&server, &program, &body);
        let results = reply["results"].as_array().unwrap();
        assert_eq!(results.len(), rows.len());
        for (result, row) in results.iter().zip(&rows) {
            assert_eq!(result["dimensions"][0], row["value"]);
            let metrics = ["count", "visits", "bounce_rate"].map(|name| row[name].clone());
            assert_eq!(result["metrics"], serde_json::json!(metrics));
        }
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
    let reply = told(&server, &program, &format!("reports/visitors?date={RANGE}"));
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
        let reply = told(&server, &program, &format!("reports/pages?date=today&limit=2{cursor}"));
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
        let list = told(&server, program, "segments");
        list["segments"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect::<Vec<_>>()
    };
    assert_eq!(names(&key), ["shared"]);
    assert_eq!(names(&token), ["shared", "own"]);
    let own = desk.number("select id from segments where name = 'own'");
    let reply = told(&server, &token, &format!("reports/pages?date=today&segment={own}"));
    assert_eq!(reply["count"], 1);
    assert_eq!(reply["query"]["filters"], serde_json::json!([["is", "href", ["/a"]]]));
    let refused = key.get(&server, &format!("/api/v1/sites/1/reports/pages?segment={own}"));
    assert_eq!(refused.status, 422, "{}", refused.text());
}
