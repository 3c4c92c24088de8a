//! Queries of our own API.

use super::api_client::Program;
use super::harness::{Desk, Server};
use super::http::post_json;
use super::reports::{RANGE, demo};
use serde_json::{Value, json};

/// The answer to a query about site 1.
pub fn ask(server: &Server<'_>, program: &Program, body: &Value) -> Value {
    let answer = program.query(server, body);
    assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    answer.json()
}

fn days() -> Value {
    let (first, last) = RANGE.split_once(',').unwrap();
    json!([first, last])
}

#[test]
fn results_without_dimensions_by_time_and_by_item_agree_with_each_other() {
    let (desk, _) = demo();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let metrics =
        json!(["visits", "pageviews", "bounces", "bounce_rate", "visit_duration", "actions_per_visit"]);
    let whole = ask(&server, &program, &json!({"metrics": metrics, "date_range": days()}));
    assert_eq!(whole["results"].as_array().unwrap().len(), 1);
    let total = |place: usize| whole["results"][0]["metrics"][place].as_i64().unwrap();
    for (dimension, count) in [("time:day", 7), ("time:hour", 168), ("time:week", 2), ("time:month", 1)] {
        let reply = ask(
            &server,
            &program,
            &json!({"metrics": metrics, "date_range": days(), "dimensions": [dimension], "compare": if count == 168 { "none" } else { "before" }}),
        );
        let results = reply["results"].as_array().unwrap();
        let rest = reply["meta"]["total_rows"].as_u64().unwrap();
        assert_eq!(rest, count, "{dimension}");
        if results.len() as u64 == count {
            for place in 0..3 {
                let sum: i64 = results.iter().map(|one| one["metrics"][place].as_i64().unwrap()).sum();
                assert_eq!(sum, total(place), "{dimension}");
            }
            assert!(results.iter().all(|one| one["before"].is_array()), "{dimension}");
        }
    }
    let browsers = ask(
        &server,
        &program,
        &json!({"metrics": ["visits"], "date_range": days(), "dimensions": ["visit:browser"], "limit": 1_000}),
    );
    let results = browsers["results"].as_array().unwrap();
    let sum: i64 = results.iter().map(|one| one["metrics"][0].as_i64().unwrap()).sum();
    assert_eq!(sum, total(0));
    assert_eq!(browsers["query"]["dimensions"], json!(["browser"]));
}

#[test]
fn filters_are_those_of_an_address() {
    let (desk, _) = demo();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    for (filters, address) in [
        (json!([["is", "country", ["DE", "AT"]]]), "country.in=DE,AT"),
        (json!([["is_not", "visit:country", ["DE", "AT"]]]), "country.not=DE&country.not=AT"),
        (
            json!([["contains", "event:page", ["shop"]], ["starts", "browser", ["fire"]]]),
            "href.contains=shop&browser.starts=fire",
        ),
        (json!([["contains_not", "href", ["shop"]]]), "href.lacks=shop"),
        (json!([["is", "time_on_site", ["60-600"]]]), "time=60-600"),
        (json!([["is", "visit:channel", ["Searches"]]]), "time_on_site=0-&source=Searches"),
    ] {
        let reply =
            ask(&server, &program, &json!({"metrics": ["visits"], "date_range": days(), "filters": filters}));
        let report = program.read(&server, &format!("reports/visitors?date={RANGE}&{address}"));
        assert_eq!(reply["results"][0]["metrics"][0], report["total"], "{address}");
        assert!(report["total"].as_i64().unwrap() > 0, "{address}");
    }
}

#[test]
fn two_dimensions_have_the_visits_of_both_and_items_over_time_add_up() {
    let (desk, _) = demo();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let pairs = ask(
        &server,
        &program,
        &json!({"metrics": ["visits"], "date_range": days(), "dimensions": ["country", "browser"]}),
    );
    let first = &pairs["results"][0];
    let (country, browser) = (first["dimensions"][0].clone(), first["dimensions"][1].clone());
    let filters = json!([["is", "country", [country]], ["is", "browser", [browser]]]);
    let both =
        ask(&server, &program, &json!({"metrics": ["visits"], "date_range": days(), "filters": filters}));
    assert_eq!(both["results"][0]["metrics"], first["metrics"]);
    for (dimensions, time) in [(["time:day", "country"], 0), (["country", "time:day"], 1)] {
        let body =
            json!({"metrics": ["count"], "date_range": days(), "dimensions": dimensions, "limit": 1_000});
        let reply = ask(&server, &program, &body);
        let results = reply["results"].as_array().unwrap();
        let of_country = results.iter().filter(|one| one["dimensions"][1 - time] == country);
        let sum: i64 = of_country.map(|one| one["metrics"][0].as_i64().unwrap()).sum();
        let alone = program.read(&server, &format!("reports/countries?date={RANGE}&find="));
        let row = alone["rows"].as_array().unwrap().iter().find(|row| row["value"] == country).unwrap();
        assert_eq!(row["count"], sum, "{dimensions:?}");
    }
}

#[test]
fn the_names_of_plausible_are_days_up_to_today() {
    let (desk, _) = demo();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let range = |name: &str| {
        let reply = ask(&server, &program, &json!({"metrics": ["visits"], "date_range": name}));
        reply["query"]["date"].clone()
    };
    assert_eq!(range("7d"), range("last-7-days"));
    assert_eq!(range("day"), range("today"));
    assert_eq!(range("month"), range("this-month"));
    assert_eq!(range("all")["first"], "2026-09-27");
}

#[test]
fn results_are_ordered_and_paged_as_asked() {
    let (desk, _) = demo();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let (mut seen, mut body) = (
        Vec::new(),
        json!({"metrics": ["visits"], "date_range": days(), "dimensions": ["city"], "order_by": [["visits", "asc"]], "limit": 3}),
    );
    let count = loop {
        let reply = ask(&server, &program, &body);
        seen.extend(
            reply["results"].as_array().unwrap().iter().map(|one| one["metrics"][0].as_i64().unwrap()),
        );
        match reply["next_cursor"].as_str() {
            Some(next) => body["cursor"] = next.into(),
            None => break reply["meta"]["total_rows"].as_u64().unwrap(),
        }
    };
    assert_eq!(seen.len() as u64, count);
    assert!(count > 3 && seen.is_sorted(), "{seen:?}");
    body["limit"] = 4.into();
    let refused = program.query(&server, &body);
    assert!(refused.text().contains("another query"), "{}", refused.text());
}

#[test]
fn a_body_that_is_no_json_is_malformed_and_wrong_credentials_come_first() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let malformed = || post_json("/api/v1/sites/1/query", "{\"metrics\":");
    let answer = server.ask(&Program::with_key(&desk).sign(malformed()));
    assert_eq!((answer.status, answer.json()["title"].as_str()), (400, Some("Malformed request")));
    assert!(answer.text().contains("line 1"), "{}", answer.text());
    assert_eq!(server.ask(&Program::bearing("cst_0").sign(malformed())).status, 401);
    let marked = "\u{feff}{\"metrics\":[\"visitors\"],\"date_range\":\"7d\",\"site_id\":\"1\"}";
    let answer = server.ask(&Program::with_key(&desk).sign(post_json("/api/v1/sites/1/query", marked)));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn what_does_not_fit_together_is_refused_with_its_member() {
    let (desk, _) = demo();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let visits = || json!(["visits"]);
    for (change, field, hint) in [
        (json!({"metrics": []}), "metrics", "1 to 25"),
        (json!({"metrics": ["views_per_visit"]}), "metrics", "actions_per_visit"),
        (json!({"site_id": "bakery.org"}), "site_id", "Leave site_id out"),
        (json!({"metrics": ["count"]}), "metrics", "dimension"),
        (json!({"metrics": ["pageviews"], "dimensions": ["country"]}), "metrics", "pageviews"),
        (json!({"metrics": ["unique"], "dimensions": ["country", "city"]}), "metrics", "ask for visits"),
        (json!({"dimensions": ["time:day", "city"]}), "metrics", "ask for count"),
        (json!({"dimensions": ["contry"]}), "dimensions", "“country”"),
        (json!({"dimensions": ["time:year"]}), "dimensions", "time:day"),
        (json!({"dimensions": ["time"]}), "dimensions", "time_on_site"),
        (json!({"dimensions": ["visit:source"]}), "dimensions", "visit:channel"),
        (json!({"filters": [["is", "visit:source", ["Google"]]]}), "filters", "engine for search engines"),
        (json!({"dimensions": ["city", "country", "os"]}), "dimensions", "two dimensions"),
        (json!({"dimensions": ["city", "city"]}), "dimensions", "different"),
        (json!({"date_range": "sometime"}), "date_range", "last-7-days"),
        (json!({"filters": [["matches", "country", ["DE"]]]}), "filters", "is_not"),
        (json!({"filters": [["is", "country"]]}), "filters", "list of filters"),
        (json!({"order_by": [["bounces", "asc"]]}), "order_by", "can't be ordered"),
        (
            json!({"dimensions": ["city"], "metrics": ["bounces"], "order_by": [["bounces", "asc"]]}),
            "order_by",
            "bounce_rate",
        ),
        (json!({"orderby": []}), "orderby", "“order_by”"),
        (json!({"limit": 0}), "limit", "1 to 1000"),
        (json!({"cursor": "x"}), "cursor", "no cursor"),
        (json!({"compare": "x"}), "compare", "weekdays"),
    ] {
        let mut body = json!({"metrics": visits(), "date_range": days()});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = program.query(&server, &body);
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        let problem = answer.json();
        assert_eq!(problem["field"], field, "{body}: {problem}");
        assert!(problem["hint"].as_str().unwrap().contains(hint), "{body}: {problem}");
    }
}
