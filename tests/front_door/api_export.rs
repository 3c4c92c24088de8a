//! The export of visits as newline-delimited JSON: complete, resumable, and only as long as its program may read.

use super::api_client::{Program, hit};
use super::harness::{Desk, Server};
use super::http::{get, head};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/sites/1/export";

/// More than two slices.
const VISITS: usize = 450;

/// Sends visits of two actions, some with a goal, custom data and another browser.
fn fill(desk: &Desk, server: &Server<'_>) {
    let program = Program::with_key(desk);
    let visits: Vec<Value> = (0..VISITS)
        .flat_map(|number| {
            let address = format!("81.2.{}.{}", 10 + number / 200, number % 200);
            let landing = if number % 3 == 0 { "/third" } else { "/page" };
            let order = json!({ "type": "goal", "goal": "Order", "revenue": 5, "ip_address": address, "custom": { "name": "Bo" } });
            [hit(&format!("{number}a"), &address, landing), hit(&format!("{number}b"), &address, "/next"), order]
        })
        .collect();
    for batch in visits.chunks(1_000) {
        assert_eq!(program.send(server, batch)["dropped"], 0);
    }
}

/// The visits of an export, each line one.
fn lines(server: &Server<'_>, program: &Program, query: &str) -> Vec<Value> {
    let answer = program.get(server, &format!("{PATH}{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let text = answer.text();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn id(visit: &Value) -> &str {
    visit["visit_id"].as_str().unwrap()
}

#[test]
fn an_export_has_every_visit_once_oldest_first_with_all_that_is_known() {
    let desk = Desk::with_site();
    let server = desk.serve();
    fill(&desk, &server);
    let exported = lines(&server, &Program::with_key(&desk), "?date=last-7-days");
    let stored = desk.texts("select cast(id as text) from visits order by id");
    assert_eq!(exported.iter().map(id).collect::<Vec<_>>(), stored);
    assert_eq!(exported.len(), VISITS);
    for visit in &exported {
        let log = visit["action_log"].as_array().unwrap();
        assert_eq!((log.len(), &log[1]["href"]), (2, &"https://bakery.example/next".into()));
        assert_eq!((&visit["custom"]["name"], &visit["goals"][0]["goal"]), (&"Bo".into(), &"Order".into()));
        assert_eq!((&visit["actions"], &visit["goals"][0]["revenue"]), (&2.into(), &5.0.into()));
    }
    let token = Program::with_token(&desk, "ada", false);
    assert_eq!(lines(&server, &token, "?date=last-7-days"), exported);
    assert!(lines(&server, &token, "?date=2026-01-01").is_empty());
}

#[test]
fn an_export_that_is_resumed_continues_behind_its_last_line_also_when_visits_arrive() {
    let desk = Desk::with_site();
    let server = desk.serve();
    fill(&desk, &server);
    let program = Program::with_key(&desk);
    let whole = lines(&server, &program, "?date=today");
    program.send(&server, &[hit("new", "81.2.200.1", "/new")]);
    for place in [0, 199, 200, 300, VISITS - 1] {
        let rest = lines(&server, &program, &format!("?date=today&after={}", id(&whole[place])));
        let (last, rest) = rest.split_last().unwrap();
        assert_eq!(rest, &whole[place + 1..], "after {place}");
        assert_eq!(last["action_log"][0]["href"], "https://bakery.example/new");
    }
}

#[test]
fn filters_choose_the_visits_of_an_export() {
    let desk = Desk::with_site();
    let server = desk.serve();
    fill(&desk, &server);
    let program = Program::with_key(&desk);
    let is_third = |visit: &Value| visit["landing"].as_str().unwrap().ends_with("/third");
    let whole = lines(&server, &program, "?date=today");
    let (third, others): (Vec<Value>, Vec<Value>) = whole.into_iter().partition(is_third);
    assert_eq!(lines(&server, &program, "?date=today&landing=/third"), third);
    assert_eq!(lines(&server, &program, "?date=today&landing.not=/third"), others);
    let resumed = lines(&server, &program, &format!("?date=today&landing=/third&after={}", id(&third[99])));
    assert_eq!(resumed, &third[100..]);
}

#[test]
fn an_export_whose_right_ends_breaks_off_and_a_program_runs_one_at_a_time() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    let server = desk.serve();
    fill(&desk, &server);
    // Long lines: what the connection holds is less than the whole.
    let title = "x".repeat(500);
    let hits: Vec<Value> = (0..30_000)
        .map(|number| {
            json!({ "href": format!("/{number}"), "title": format!("{number} {title}"), "ip_address": format!("81.3.{}.1", number / 300) })
        })
        .collect();
    for batch in hits.chunks(1_000) {
        Program::with_key(&desk).send(&server, batch);
    }
    let program = Program::with_token(&desk, "uma", false);
    let mut wire = server.wire();
    wire.send(&program.sign(get(format!("{PATH}?date=today"))).bytes(server.address)).unwrap();
    assert_eq!(wire.head().unwrap().status, 200);
    let again = program.get(&server, &format!("{PATH}?date=today"));
    assert_eq!((again.status, again.header("retry-after").is_empty()), (429, false));
    desk.text(&["share", "remove", "--site", "1", "--user", "uma"]);
    let mut has_end = false;
    while let Ok(line) = wire.line() {
        has_end |= line == "0";
    }
    assert!(!has_end, "a part looks like the whole");
    assert_eq!(program.get(&server, &format!("{PATH}?date=today")).status, 404);
}

#[test]
fn an_export_with_a_parameter_that_is_unknown_or_wrong_is_refused() {
    let desk = Desk::with_people(&["val"]);
    desk.text(&["share", "add", "--site", "1", "--user", "val", "--level", "view-only"]);
    let server = desk.serve();
    let program = Program::with_key(&desk);
    for (query, field) in
        [("?dat=today", "dat"), ("?date=someday", "date"), ("?after=x", "after"), ("?limit=5", "limit")]
    {
        assert_eq!(program.refused_field(&server, &format!("{PATH}{query}")), field);
    }
    assert_eq!(Program::with_token(&desk, "val", false).get(&server, PATH).status, 403);
    assert_eq!(server.ask(&get(PATH)).status, 401);
}

#[test]
fn the_head_of_an_export_is_that_of_the_export() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut wire = server.wire();
    wire.send(&Program::with_key(&desk).sign(head(PATH)).bytes(server.address)).unwrap();
    let answer = wire.head().unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
}
