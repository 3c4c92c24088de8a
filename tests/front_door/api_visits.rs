//! Visits, actions and visitors of our own API.

use super::api_client::Program;
use super::api_reports::file;
use super::harness::{Desk, fields, view};
use super::reports::{RANGE, demo, signed_in};
use serde_json::Value;

/// The rows of a list, page by page; `between` is called after each page.
fn pages(mut ask: impl FnMut(&str) -> Value, list: &str, mut between: impl FnMut()) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = ask(&cursor);
        rows.extend(reply[list].as_array().unwrap().iter().cloned());
        between();
        match reply["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

#[test]
fn visits_are_those_of_the_file_page_by_page_with_their_actions() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, program) = (signed_in(&server, &password), Program::with_key(&desk));
    let expected = file(&server, &cookie, "visitors-list", &format!("date={RANGE}"));
    let ask = |cursor: &str| {
        program.read(&server, &format!("visits?date={RANGE}&action_log=true&limit=150{cursor}"))
    };
    let found = pages(ask, "visits", || ());
    assert_eq!(found.len(), expected.len());
    for (visit, cells) in found.iter().zip(&expected) {
        let text = |name: &str| visit[name].as_str().unwrap_or_default().to_owned();
        let names =
            [("visit_id", "visit"), ("visitor_id", "visitor"), ("browser", "browser"), ("city", "city")];
        for (name, column) in names {
            assert_eq!(text(name), cells[column].trim_start_matches('\''), "{name}");
        }
        for number in ["actions", "seconds"] {
            assert_eq!(visit[number].to_string(), cells[number]);
        }
        let log = visit["action_log"].as_array().unwrap();
        let counted = log.iter().filter(|action| action["kind"] != "media").count();
        assert_eq!(counted.to_string(), cells["actions"]);
    }
    let ask = |cursor: &str| program.read(&server, &format!("actions?date={RANGE}&limit=1000{cursor}"));
    let actions = pages(ask, "actions", || ());
    let sum: usize = expected.iter().map(|cells| cells["actions"].parse::<usize>().unwrap()).sum();
    assert_eq!(actions.len(), sum);
    let times: Vec<jiff::Timestamp> =
        actions.iter().map(|action| action["at"].as_str().unwrap().parse().unwrap()).collect();
    assert!(times.is_sorted_by(|one, next| one >= next));
}

#[test]
fn each_visit_and_action_is_listed_once_while_others_arrive() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let send = |count: i64| {
        let number = desk.number("select count(*) from visits");
        for next in number..number + count {
            server.hit(&format!("203.0.113.{next}"), &fields(&view("/")));
        }
        desk.wait_for(&format!("(select count(*) from visits) = {}", number + count));
    };
    send(8);
    for (list, id) in [("visits", "visit_id"), ("actions", "visit_id")] {
        let first = desk.number("select count(*) from visits");
        let ask = |cursor: &str| program.read(&server, &format!("{list}?date=today&limit=3{cursor}"));
        let rows = pages(ask, list, || send(2));
        let mut ids: Vec<&str> = rows.iter().map(|row| row[id].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((rows.len(), ids.len()), (usize::try_from(first).unwrap(), rows.len()), "{list}");
    }
}

#[test]
fn a_visit_has_its_actions_and_its_visitor_all_visits() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    for path in ["/a", "/b"] {
        server.hit("203.0.113.7", &fields(&view(path)));
        desk.wait_for(&format!("exists (select 1 from labels where text like '%{path}')"));
    }
    desk.wait_for("(select count(*) from actions) = 2");
    let id = desk.number("select id from visits");
    let reply = program.read(&server, &format!("visits/{id}"));
    let log = reply["visit"]["action_log"].as_array().unwrap();
    let hrefs: Vec<&str> = log.iter().map(|action| action["href"].as_str().unwrap()).collect();
    assert_eq!(hrefs, ["https://bakery.example/a", "https://bakery.example/b"]);
    let visitor = reply["visitor"]["visitor_id"].as_str().unwrap();
    assert_eq!(reply["visitor"]["visits"], 1);
    let reply = program.read(&server, &format!("visitors/{visitor}"));
    assert_eq!(reply["visits"][0]["visit_id"], id.to_string());
    let online = program.read(&server, "online");
    assert_eq!((online["online"].as_i64(), online["sources"][0]["online"].as_i64()), (Some(1), Some(1)));
    for path in ["visits/1", "visits/x", "visitors/9", "visitors/x"] {
        assert_eq!(program.get(&server, &format!("/api/v1/sites/1/{path}")).status, 404, "{path}");
    }
    let site = program.get(&server, "/api/v1/sites/1").json();
    assert_eq!((site["site_id"].as_str(), site["domain"].as_str()), (Some("1"), Some("bakery.example")));
}
