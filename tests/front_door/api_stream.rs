//! The live stream of the API: actions as JSON the moment they happen, gaps closed, and an end when the right ends.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use super::http::{Wire, get};
use super::streams::{listen, next};
use serde_json::Value;

const PATH: &str = "/api/v1/sites/1/stream";

/// Opens a stream; the wire that keeps it open.
fn open(server: &Server<'_>, program: &Program, query: &str, last_event: Option<&str>) -> Wire {
    let request = program.sign(get(format!("{PATH}{query}")));
    let (wire, head) = listen(server, request, last_event);
    assert!(!head.header("ratelimit").is_empty());
    wire
}

/// The data of the next event, which must be an action.
fn action(wire: &mut Wire) -> Value {
    let event = next(wire).unwrap();
    assert_eq!(event.name, "action");
    serde_json::from_str(&event.data).unwrap()
}

fn come(server: &Server<'_>, address: &str, path: &str) {
    assert_eq!(server.hit(address, &fields(&view(path))).status, 204);
}

#[test]
fn an_action_is_on_the_stream_as_json_with_its_visit() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut stream = open(&server, &Program::with_key(&desk), "", None);
    come(&server, "81.2.69.1", "/first");
    come(&server, "81.2.69.1", "/second");
    let (first, second) = (action(&mut stream), action(&mut stream));
    assert_eq!((&first["kind"], &first["number"]), (&"pageview".into(), &1.into()));
    assert_eq!(first["href"], "https://bakery.example/first");
    assert_eq!(second["number"], 2);
    assert_eq!(first["visit"]["visit_id"], second["visit"]["visit_id"]);
    assert_eq!(first["visit"]["visit_id"], desk.texts("select cast(id as text) from visits").remove(0));
    assert_eq!(first["visit"]["country"], "GB");
}

#[test]
fn filters_choose_the_visits_of_a_stream() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut stream = open(&server, &Program::with_key(&desk), "?landing=/wanted", None);
    come(&server, "81.2.69.1", "/other");
    come(&server, "81.2.69.2", "/wanted");
    come(&server, "81.2.69.1", "/other2");
    come(&server, "81.2.69.2", "/next");
    assert_eq!(action(&mut stream)["href"], "https://bakery.example/wanted");
    assert_eq!(action(&mut stream)["href"], "https://bakery.example/next");
}

#[test]
fn a_program_that_comes_back_is_told_what_it_missed() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let mut stream = open(&server, &program, "", None);
    come(&server, "81.2.69.1", "/seen");
    let seen = next(&mut stream).unwrap();
    drop(stream);
    // More than a screen shows.
    for number in 0..220 {
        come(&server, &format!("81.2.69.{}", number % 5), &format!("/missed-{number}"));
    }
    for (query, last_event) in [("", Some(seen.id.as_str())), (&*format!("?since={}", seen.id), None)] {
        let mut stream = open(&server, &program, query, last_event);
        let told: Vec<String> =
            (0..221).map(|_| action(&mut stream)["href"].as_str().unwrap().to_owned()).collect();
        assert!(told[0].ends_with("/seen") && told[220].ends_with("/missed-219"), "{told:?}");
    }
    let mut stream = open(&server, &program, "?since=2020-01-01T00:00:00Z", None);
    assert!(action(&mut stream)["href"].as_str().unwrap().ends_with("/seen"));
}

#[test]
fn an_ended_right_ends_an_open_and_idle_stream() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    let server = desk.serve();
    let (key, own, shared) = (
        Program::with_key(&desk),
        Program::with_token(&desk, "ada", false),
        Program::with_token(&desk, "uma", false),
    );
    let ended = |program: &Program, end: &dyn Fn()| {
        let mut stream = open(&server, program, "", None);
        end();
        assert_eq!(next(&mut stream).unwrap().name, "gone");
        assert!(next(&mut stream).is_none());
        program.get(&server, PATH).status
    };
    let remove_share = || drop(desk.text(&["share", "remove", "--site", "1", "--user", "uma"]));
    assert_eq!(ended(&shared, &remove_share), 404, "a share that ended");
    let remove_token = || {
        desk.open().execute("delete from tokens where id = 1", []).unwrap();
    };
    assert_eq!(ended(&own, &remove_token), 401, "a token that was removed");
    assert_eq!(
        ended(&key, &|| drop(desk.text(&["site", "rotate-key", "1"]))),
        401,
        "a key that was replaced"
    );
    let owner = Program::with_token(&desk, "ada", false);
    assert_eq!(
        ended(&owner, &|| drop(desk.text(&["site", "remove", "1", "--yes"]))),
        404,
        "a site that is gone"
    );
}

#[test]
fn a_share_that_ends_before_an_action_keeps_the_action_from_the_stream() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    let server = desk.serve();
    let mut stream = open(&server, &Program::with_token(&desk, "uma", false), "", None);
    desk.text(&["share", "set", "--site", "1", "--user", "uma", "--level", "view-only"]);
    come(&server, "81.2.69.1", "/secret");
    let event = next(&mut stream).unwrap();
    assert_eq!((event.name.as_str(), event.data.contains("/secret")), ("gone", false));
}

#[test]
fn a_program_has_a_limited_number_of_streams() {
    const PER_KEY: usize = 10;
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let mut streams: Vec<Wire> = (0..PER_KEY).map(|_| open(&server, &program, "", None)).collect();
    let refused = program.get(&server, PATH);
    assert_eq!((refused.status, refused.header("retry-after").is_empty()), (503, false));
    drop(open(&server, &Program::with_token(&desk, "ada", false), "", None));
    server.terminate();
    let last = streams.last_mut().unwrap();
    assert!(next(last).is_none(), "a server that stops ends its streams");
}

#[test]
fn a_stream_with_a_parameter_that_is_unknown_or_wrong_is_not_opened() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    for (query, field) in
        [("?contry=DE", "contry"), ("?since=yesterday", "since"), ("?segment=77", "segment")]
    {
        assert_eq!(program.refused_field(&server, &format!("{PATH}{query}")), field);
    }
}
