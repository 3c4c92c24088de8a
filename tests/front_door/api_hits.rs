//! Hits that programs send in batches: each has its own result, and counts once, whatever is sent again.

use super::api_client::{Program, hit};
use super::harness::Desk;
use super::http::{Wire, post_json};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

const ACTIONS: &str = "select count(*) from actions";

/// One member of all results.
fn each(answer: &Value, member: &str) -> Vec<String> {
    let results = answer["results"].as_array().unwrap().iter();
    results.map(|result| result[member].as_str().unwrap_or("-").to_owned()).collect()
}

#[test]
fn every_hit_of_a_batch_has_its_own_result_in_the_order_sent() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let answer = program.send(
        &server,
        &[
            hit("a", "81.2.69.1", "/a"),
            json!({ "id": "b", "href": "/b" }),
            json!({ "ip_address": "81.2.69.1", "href": "/c", "custom": { "name": "Bo", "age": 5 } }),
            json!({ "id": "d", "ip_address": "81.2.69.1" }),
            json!({ "id": "e", "ip_address": "81.2.69.1", "type": "goal", "goal": "Order", "revenue": 9.5 }),
            json!({ "id": "f", "visit": "17", "href": "/f" }),
            json!({ "id": "g", "ip_address": "81.2.69.1", "type": "outbound", "href": "https://x.example/" }),
        ],
    );
    let recorded = "recorded";
    let dropped = "dropped";
    assert_eq!(each(&answer, "status"), [recorded, dropped, recorded, dropped, recorded, dropped, recorded]);
    assert_eq!(each(&answer, "id"), ["a", "b", "-", "d", "e", "f", "g"]);
    assert_eq!(each(&answer, "reason"), ["-", "no-visitor", "-", "no-page", "-", "unknown-visit", "-"]);
    assert!(each(&answer, "detail")[1].contains("ip_address"));
    assert_eq!(
        (&answer["recorded"], &answer["dropped"], &answer["duplicates"]),
        (&4.into(), &3.into(), &0.into())
    );
    assert_eq!(desk.number("select count(*) from visits"), 1, "one visitor");
    assert_eq!(desk.number("select actions from visits"), 3);
    assert_eq!(
        desk.texts(
            "select text from labels where text in ('Bo', '5') union select code from goals order by 1"
        ),
        ["5", "Bo", "Order"]
    );
    assert_eq!(program.send(&server, &[])["results"], json!([]));
}

#[test]
fn a_hit_with_a_robots_user_agent_is_dropped_and_one_without_a_user_agent_counts() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let by = |id: &str, agent: &str| json!({ "id": id, "href": "/a", "ip_address": "81.2.69.1", "user_agent": agent });
    let robot = by("a", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
    let without = json!({ "ip_address": "81.2.69.1", "href": "/b" });
    let answer = program.send(&server, &[robot.clone(), without, by("c", " "), hit("d", "81.2.69.1", "/d")]);
    assert_eq!(each(&answer, "reason"), ["bot", "-", "-", "-"]);
    assert!(each(&answer, "detail")[0].contains("user_agent"));
    assert_eq!(each(&program.send(&server, &[robot]), "reason"), ["bot"], "sent again");
    assert_eq!(desk.number("select count(*) from visits"), 1, "all others are one visit");
    assert_eq!(desk.number(ACTIONS), 3);
    assert_eq!(desk.number("select count from filtered where reason = 'bot'"), 1);
}

#[test]
fn a_hit_that_is_sent_again_counts_once_wherever_it_is_sent() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let answer = program
        .send(&server, &[hit("a", "81.2.69.1", "/a"), hit("a", "81.2.69.2", "/b"), json!({ "id": "b" })]);
    assert_eq!(each(&answer, "status"), ["recorded", "duplicate", "dropped"]);
    let again = [hit("a", "81.2.69.1", "/a"), hit("b", "81.2.69.1", "/b"), hit("c", "81.2.69.1", "/c")];
    let answer = program.send(&server, &again);
    assert_eq!(each(&answer, "status"), ["duplicate", "duplicate", "recorded"]);
    assert_eq!(each(&answer, "first"), ["recorded", "dropped", "-"]);
    assert_eq!(each(&answer, "reason"), ["-", "no-visitor", "-"]);
    assert_eq!(desk.number(ACTIONS), 2);
    server.stop();
    let server = desk.serve();
    assert_eq!(each(&program.send(&server, &again), "status"), ["duplicate"; 3]);
    assert_eq!(desk.number(ACTIONS), 2);
}

#[test]
fn ids_are_a_sites_own_and_the_same_for_all_its_tokens() {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "other.example", "--owner", "ada"]);
    let server = desk.serve();
    let (key, token) = (Program::with_key(&desk), Program::with_token(&desk, "ada", true));
    let sent = [hit("a", "81.2.69.1", "/a")];
    assert_eq!(each(&key.send(&server, &sent), "status"), ["recorded"]);
    assert_eq!(each(&token.send(&server, &sent), "status"), ["duplicate"]);
    let other = token.sign(post_json("/api/v1/sites/2/hits", &json!({ "hits": sent }).to_string()));
    assert_eq!(each(&server.ask(&other).json(), "status"), ["recorded"]);
    assert_eq!(
        desk.number("select count(distinct substr(hits, 1, 8)) from sent_runs"),
        2,
        "the same id has the same hash"
    );
}

#[test]
fn an_id_is_kept_for_a_day_and_then_forgotten() {
    let desk = Desk::with_site();
    let clock = desk.path().join("clock");
    let sent = [hit("a", "81.2.69.1", "/a")];
    let program = Program::with_key(&desk);
    for (wrong_by, status) in
        [("+0", "recorded"), ("+23h", "duplicate"), ("+25h", "recorded"), ("+47h", "duplicate")]
    {
        fs::write(&clock, wrong_by).unwrap();
        let server = desk.serve_by_clock(&clock);
        assert_eq!(each(&program.send(&server, &sent), "status"), [status], "{wrong_by}");
    }
    assert_eq!(desk.number(ACTIONS), 2);
}

#[test]
fn a_batch_that_is_no_batch_changes_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let good = r#"{"href":"/a","ip_address":"81.2.69.1"}"#;
    let many = format!(r#"{{"hits":[{}]}}"#, [good; 1_001].join(","));
    let large = format!(r#"{{"hits":[{{"title":"{}"}}]}}"#, "x".repeat(4 * 1024 * 1024));
    for (body, status, field) in [
        (format!(r#"{{"hits":[{good},"#), 400, ""),
        (String::new(), 400, ""),
        (format!("[{good}]"), 422, "hits"),
        (format!(r#"{{"hits":[{good},5]}}"#), 422, "hits[1]"),
        (format!(r#"{{"hits":[{good},{{"hreff":"/"}}]}}"#), 422, "hits[1].hreff"),
        (format!(r#"{{"hits":[{good},{{"id":true}}]}}"#), 422, "hits[1].id"),
        (many, 422, "hits"),
        (large, 413, ""),
        ("\u{feff}{".to_owned(), 400, ""),
    ] {
        let request = program.sign(post_json("/api/v1/sites/1/hits", &body));
        let answer = server.ask(&request);
        let problem = answer.json();
        let named = problem["field"].as_str().unwrap_or_default();
        assert_eq!((answer.status, named), (status, field), "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let with_parameter = post_json("/api/v1/sites/1/hits?dry_run=1", &format!(r#"{{"hits":[{good}]}}"#));
    let answer = server.ask(&program.sign(with_parameter));
    assert_eq!((answer.status, answer.json()["field"].as_str()), (422, Some("dry_run")));
    let compressed = program.batch(&[hit("a", "81.2.69.1", "/a")]).header("Content-Encoding", "gzip");
    assert_eq!(server.ask(&compressed).status, 415);
    assert_eq!((desk.number(ACTIONS), desk.number("select count(*) from sent_runs")), (0, 0));
    assert!(
        server
            .ask(&program.sign(post_json("/api/v1/sites/1/hits", "{\"hit\":[]}")))
            .text()
            .contains("“hits”")
    );
}

#[test]
fn only_programs_that_may_write_send_hits() {
    let desk = Desk::with_people(&["uma", "val", "sam"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    desk.text(&["share", "add", "--site", "1", "--user", "val", "--level", "view-only"]);
    let server = desk.serve();
    let sent = [hit("a", "81.2.69.1", "/a")];
    let status = |program: &Program| server.ask(&program.batch(&sent)).status;
    for (person, may_write, sentence) in [
        ("ada", false, "This token only reads."),
        ("uma", true, "Your access to this site only reads"),
        ("val", true, "View Only, which has no API"),
    ] {
        let answer = server.ask(&Program::with_token(&desk, person, may_write).batch(&sent));
        assert_eq!(answer.status, 403, "{person}");
        assert!(answer.text().contains(sentence), "{person}: {}", answer.text());
    }
    assert_eq!(status(&Program::with_token(&desk, "sam", true)), 404, "a token of somebody without a share");
    assert_eq!(server.ask(&post_json("/api/v1/sites/1/hits", "{\"hits\":[]}")).status, 401);
    let other = Program::with_key(&desk).sign(post_json("/api/v1/sites/2/hits", "{\"hits\":[]}"));
    assert_eq!(server.ask(&other).status, 401);
    assert_eq!(desk.number(ACTIONS), 0);
    assert_eq!(status(&Program::with_token(&desk, "ada", true)), 200);
}

#[test]
fn a_sites_exclusions_hold_for_batches() {
    let desk = Desk::with_site();
    desk.open()
        .execute("insert into exclusions (site_id, kind, value) values (1, 'address', '81.2.69.7')", [])
        .unwrap();
    let server = desk.serve();
    let answer =
        Program::with_key(&desk).send(&server, &[hit("a", "81.2.69.7", "/a"), hit("b", "81.2.69.8", "/a")]);
    assert_eq!(each(&answer, "reason"), ["excluded-address", "-"]);
    assert_eq!(desk.number("select sum(count) from filtered"), 1);
}

/// Sends batches over one connection until it breaks; each is told before it is sent, and whether it was acknowledged.
fn send_batches(
    program: &Program,
    address: std::net::SocketAddr,
    connection: usize,
    over: &AtomicBool,
    sent: &mpsc::Sender<(Vec<Value>, bool)>,
) {
    let Ok(mut wire) = Wire::open(address) else { return };
    for number in 0.. {
        let hits: Vec<Value> = (0..50)
            .map(|index| {
                let id = format!("{connection}-{number}-{index}");
                hit(&id, &format!("81.{connection}.1.{}", index % 20), &format!("/{id}"))
            })
            .collect();
        match wire.send(&program.batch(&hits).bytes(address)).and_then(|()| wire.answer()) {
            Ok(answer) if answer.status == 200 => sent.send((hits, true)).unwrap(),
            Ok(answer) => panic!("a batch was answered {}: {}", answer.status, answer.text()),
            Err(_) => {
                assert!(over.load(Ordering::SeqCst), "the connection broke before the server was killed");
                sent.send((hits, false)).unwrap();
                return;
            }
        }
    }
}

#[test]
fn every_hit_of_batches_that_a_kill_broke_off_counts_once_when_they_are_sent_again() {
    const CONNECTIONS: usize = 4;
    let desk = Desk::with_site();
    let program = Program::with_key(&desk);
    let mut sent: Vec<(Vec<Value>, bool)> = Vec::new();
    for round in 0..4 {
        let server = desk.serve();
        let (address, over) = (server.address, AtomicBool::new(false));
        let (tell, told) = mpsc::channel();
        std::thread::scope(|scope| {
            for connection in 0..CONNECTIONS {
                let (tell, over, program) = (tell.clone(), &over, &program);
                scope.spawn(move || send_batches(program, address, round * 10 + connection, over, &tell));
            }
            drop(tell);
            sent.extend(told.iter().take(8 + 5 * round));
            over.store(true, Ordering::SeqCst);
            server.kill();
            sent.extend(told.iter());
        });
    }
    let server = desk.serve();
    for (hits, was_acknowledged) in &sent {
        let statuses: HashSet<String> = each(&program.send(&server, hits), "status").into_iter().collect();
        // A batch is written as a whole.
        assert_eq!(statuses.len(), 1, "{statuses:?}");
        assert!(!was_acknowledged || statuses.contains("duplicate"), "an acknowledged batch was lost");
    }
    let hits = sent.iter().map(|(hits, _)| hits.len()).sum::<usize>();
    assert_eq!(desk.number(ACTIONS), i64::try_from(hits).unwrap());
    assert_eq!(desk.number("select count(distinct page) from actions"), desk.number(ACTIONS));
}
