//! Spy's event stream: what happens is there within moments, gaps are closed, an ended right ends it, and so does SIGTERM.

use super::harness::{Desk, Server, fields, view};
use super::http::{Wire, get};
use std::time::{Duration, Instant};

/// An event of a stream.
#[derive(Debug, Default)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: String,
}

pub fn open(server: &Server<'_>, cookie: &str, last_event: Option<&str>) -> Wire {
    let mut request = get("/sites/1/spy/stream").cookie(cookie).header("Accept", "text/event-stream");
    if let Some(id) = last_event {
        request = request.header("Last-Event-ID", id);
    }
    let mut wire = server.wire();
    wire.send(&request.bytes(server.address)).unwrap();
    let head = wire.head().unwrap();
    assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream"));
    assert_eq!(head.header("content-encoding"), "identity");
    // The stream watches from the moment it says so.
    while !wire.line().unwrap().starts_with("retry:") {}
    wire
}

/// The next event; none when the stream ends.
pub fn next(wire: &mut Wire) -> Option<Event> {
    let mut event = Event::default();
    loop {
        let line = wire.line().ok()?;
        match line.split_once(": ") {
            Some(("event", name)) => event.name = name.into(),
            Some(("id", id)) => event.id = id.into(),
            Some(("data", data)) => event.data = data.into(),
            _ if line.is_empty() && !event.name.is_empty() => return Some(event),
            _ => {}
        }
    }
}

#[test]
fn a_hit_is_on_the_stream_within_a_second_of_its_acknowledgement() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let mut stream = open(&server, &cookie, None);
    for path in ["/first", "/second"] {
        assert_eq!(server.hit("81.2.69.1", &fields(&view(path))).status, 204);
        let acknowledged = Instant::now();
        let event = next(&mut stream).unwrap();
        assert!(acknowledged.elapsed() < Duration::from_secs(1));
        assert!(event.name == "action" && event.data.contains(path), "{event:?}");
    }
}

#[test]
fn another_sites_hits_are_not_on_the_stream() {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "other.example", "--owner", "ada"]);
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let mut stream = open(&server, &cookie, None);
    server.hit("81.2.69.1", &[("site_id", "2"), ("type", "pageview"), ("href", "/other")]);
    server.hit("81.2.69.1", &fields(&view("/mine")));
    assert!(next(&mut stream).unwrap().data.contains("/mine"));
}

#[test]
fn a_stream_that_comes_back_is_told_what_it_missed() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let mut stream = open(&server, &cookie, None);
    server.hit("81.2.69.1", &fields(&view("/seen")));
    let seen = next(&mut stream).unwrap();
    drop(stream);
    server.hit("81.2.69.1", &fields(&view("/missed")));
    let mut stream = open(&server, &cookie, Some(&seen.id));
    let told = [next(&mut stream).unwrap().data, next(&mut stream).unwrap().data];
    assert!(told.iter().any(|data| data.contains("/missed")), "{told:?}");
}

#[test]
fn an_ended_right_ends_an_open_stream_and_it_is_not_let_in_again() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let mut stream = open(&server, &cookie, None);
    desk.text(&["user", "disable", "ada"]);
    let event = next(&mut stream).unwrap();
    assert_eq!(event.name, "gone");
    assert!(next(&mut stream).is_none());
    let again = server.ask(&get("/sites/1/spy/stream").cookie(&cookie).header("Accept", "text/event-stream"));
    assert_eq!(again.status, 204);
}

#[test]
fn a_site_that_is_given_away_is_gone_from_an_open_stream() {
    let desk = Desk::with_site();
    desk.json_with(
        "correct horse battery",
        &["user", "add", "bob", "--email", "bob@b.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let mut stream = open(&server, &cookie, None);
    desk.text(&["site", "transfer", "1", "--to", "bob"]);
    server.hit("81.2.69.1", &fields(&view("/secret")));
    let event = next(&mut stream).unwrap();
    assert_eq!((event.name.as_str(), event.data.contains("/secret")), ("gone", false));
}

#[test]
fn sigterm_ends_streams_and_the_process_within_five_seconds() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let mut streams: Vec<Wire> = (0..4).map(|_| open(&server, &cookie, None)).collect();
    let told = Instant::now();
    server.terminate();
    for stream in &mut streams {
        assert!(next(stream).is_none());
    }
    assert!(server.wait().success());
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}
