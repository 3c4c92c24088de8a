//! What programs of the API may take from the others: neither the memory nor the places of all, whatever they send or ask.

use super::api_client::{Program, hit};
use super::compressed_bodies::peak_kib;
use super::harness::{BROWSER, Desk, Server};
use super::http::{Wire, get, head, post_json};
use serde_json::{Value, json};

const BATCH_BYTES: usize = 4 * 1024 * 1024 - 100;
/// More than all places for batches.
const SLOW_BATCHES: usize = 30;
/// Visits whose actions are together more than one reply has.
const LONG_VISITS: usize = 8;

#[test]
fn batches_that_describe_gigabytes_take_no_memory() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let filled = |start: &str, part: &str, end: &str| {
        format!("{start}{}{end}", part.repeat((BATCH_BYTES - start.len() - end.len()) / part.len()))
    };
    let before = peak_kib(&server);
    for body in [
        filled(r#"{"hits":["#, "{},", "{}]}"),
        filled(r#"{"hits":["#, r#"{"":0},"#, "{}]}"),
        filled(r#"{"hits":[{"custom":{"a":["#, r#"{"":0},"#, "0]}}]}"),
        filled(r#"{"hits":[],"a":["#, r#"{"":0},"#, "0]}"),
    ] {
        let answer = server.ask(&program.sign(post_json("/api/v1/sites/1/hits", &body)));
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
    let taken = peak_kib(&server) - before;
    assert!(taken < 64 * 1024, "{taken} KiB");
}

#[test]
fn programs_of_one_site_that_send_slowly_leave_places_to_those_of_others() {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "other.example", "--owner", "ada"]);
    let server = desk.serve();
    let slow = Program::with_key(&desk);
    let bytes = slow.batch(&[hit("a", "81.2.69.1", "/a")]).bytes(server.address);
    let held: Vec<Wire> = (0..SLOW_BATCHES)
        .map(|_| {
            let mut wire = server.wire();
            wire.send(&bytes[..bytes.len() - 1]).unwrap();
            wire
        })
        .collect();
    // One that is refused shows that the places of the site are taken.
    while !held.iter().any(Wire::is_answered) {
        std::thread::yield_now();
    }
    let body = json!({ "hits": [hit("a", "81.2.69.1", "/a")] }).to_string();
    let other = Program::with_token(&desk, "ada", true);
    let answer = server.ask(&other.sign(post_json("/api/v1/sites/2/hits", &body)));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Records visits with as many actions as one may have, and with long addresses.
fn fill(server: &Server<'_>, program: &Program) {
    for visit in 0..LONG_VISITS {
        let hit = |number: usize| {
            let href = format!("/{}{}", "p".repeat(1_900), number % 5);
            let title = "t".repeat(500);
            json!({ "href": href, "title": title, "ip_address": format!("81.2.69.{visit}"), "user_agent": BROWSER })
        };
        program.send(server, &(0..1_000).map(hit).collect::<Vec<_>>());
    }
}

#[test]
fn a_page_of_visits_with_very_many_actions_ends_early_and_the_next_ones_have_the_others() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    fill(&server, &program);
    let (mut visits, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let path = format!("/api/v1/sites/1/visits?date=today&limit=1000&action_log=true{cursor}");
        let answer = program.get(&server, &path);
        assert!(answer.status == 200 && answer.body.len() < 20 * 1024 * 1024, "{}", answer.body.len());
        let page = answer.json();
        for visit in page["visits"].as_array().unwrap() {
            assert_eq!(visit["action_log"].as_array().unwrap().len(), 1_000);
            visits.push(visit["visit_id"].clone());
        }
        pages += 1;
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    visits.dedup();
    assert_eq!((visits.len(), pages), (LONG_VISITS, 2));
    let exported = program.get(&server, "/api/v1/sites/1/export?date=today").text();
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["visit_id"].clone();
    visits.reverse();
    assert_eq!(exported.lines().map(id).collect::<Vec<_>>(), visits);
}

#[test]
fn the_head_of_a_live_stream_is_answered_and_the_stream_ends() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let mut wire = server.wire();
    wire.send(&program.sign(head("/api/v1/sites/1/stream")).bytes(server.address)).unwrap();
    let answer = wire.head().unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"));
    wire.send(&program.sign(get("/api/v1/sites")).bytes(server.address)).unwrap();
    assert_eq!(wire.answer().unwrap().status, 200, "the connection waits for no stream");
}

#[test]
fn ids_of_dropped_hits_fill_no_disk() {
    const KEPT: i64 = 100_000;
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    for batch in 0..=KEPT / 1_000 {
        let hits: Vec<Value> =
            (0..1_000).map(|number| json!({ "id": format!("{batch}-{number}") })).collect();
        assert_eq!(program.send(&server, &hits)["dropped"], 1_000);
    }
    assert_eq!(desk.number("select count(*) from sent_hits"), KEPT);
    let again = program.send(&server, &[json!({ "id": "0-0" }), hit("new", "81.2.69.1", "/a")]);
    assert_eq!((&again["duplicates"], &again["recorded"]), (&1.into(), &1.into()));
}
