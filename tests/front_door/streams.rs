//! Spy's event stream: what happens is there within moments, gaps are closed, an ended right ends it, and so does SIGTERM.

use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::{Answer, Request, Wire, get};
use std::time::{Duration, Instant};

/// An event of a stream.
#[derive(Debug, Default)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: String,
}

pub fn open(server: &Server<'_>, cookie: &str, last_event: Option<&str>) -> Wire {
    let request = get("/sites/1/spy/stream").cookie(cookie).header("Accept", "text/event-stream");
    listen(server, request, last_event).0
}

/// Opens a stream; the wire that keeps it open, and the head of its response.
pub fn listen(server: &Server<'_>, mut request: Request, last_event: Option<&str>) -> (Wire, Answer) {
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
    (wire, head)
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

/// Asks for a guest link's stream from an address; the status, and the wire that keeps it open.
fn guest_stream(server: &Server<'_>, path: &str, address: &str) -> (u16, Wire) {
    let mut wire = server.wire();
    let request = get(format!("{path}/spy/stream")).header("X-Forwarded-For", address);
    wire.send(&request.bytes(server.address)).unwrap();
    (wire.head().unwrap().status, wire)
}

#[test]
fn no_address_and_no_link_takes_all_streams_and_guests_leave_some_for_people() {
    let desk = Desk::with_site();
    let links: Vec<String> = (0..4).map(|_| link(&desk, &[]).1).collect();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let mut kept = Vec::new();
    // How many are let in, until one is refused.
    let mut fill = |path: &str, address: &str| {
        for count in 0.. {
            let (status, wire) = guest_stream(&server, path, address);
            match status {
                200 => kept.push(wire),
                503 => return count,
                other => panic!("answered {other}"),
            }
        }
        0
    };
    assert_eq!(fill(&links[0], "81.2.69.1"), 20, "of one address");
    assert_eq!(fill(&links[1], "81.2.69.1"), 0, "of one address, by another link");
    assert_eq!([1, 2, 3, 4].map(|host| fill(&links[0], &format!("81.3.{host}.1"))), [20; 4]);
    assert_eq!(fill(&links[0], "81.4.1.1"), 0, "of one link");
    for (link, network) in [(&links[1], 5), (&links[2], 6)] {
        for host in 0..5 {
            assert_eq!(fill(link, &format!("81.{network}.{host}.1")), 20);
        }
    }
    assert_eq!(fill(&links[3], "81.7.1.1"), 0, "of all guests");
    let mut stream = open(&server, &ada, None);
    server.hit("81.2.69.1", &fields(&view("/seen")));
    assert!(next(&mut stream).unwrap().data.contains("/seen"));
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

#[test]
fn guests_of_one_network_take_not_all_places_at_a_live_list() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (_, path) = link(&desk, &[]);
    let open = |address: &str| {
        let mut wire = server.wire();
        let stream = get(format!("{path}/spy/stream")).header("X-Forwarded-For", address);
        wire.send(&stream.bytes(server.address)).unwrap();
        (wire.head().unwrap().status, wire)
    };
    let held: Vec<_> = (0..110).map(|number| open(&format!("2001:db8:1:{number}::1"))).collect();
    assert_eq!(held.iter().filter(|(status, _)| *status == 200).count(), 60);
    assert_eq!(open("2001:db8:2::1").0, 200);
}
