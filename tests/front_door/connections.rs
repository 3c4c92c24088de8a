//! Who opens very many connections keeps nobody else out: not by the limit of open files, not from one address, and not
//! through a proxy.

use super::harness::{Desk, SOON, Server, beacon, fields, view};
use super::http::{Request, Wire, get};
use super::network::{HOME, SCHOOL, SERVER, connect, with_a_network};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::SockRef;
use std::fs;
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A head of a hit whose body does not come.
const HALF: &[u8] = b"POST /in.php HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsite_id=1";

/// What every peer has room for, and every address behind a proxy.
const MOST: usize = 256;

/// Lets this test itself have so many connections.
fn open_files(count: u64) {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < count) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(count), ..limit }).unwrap();
    }
}

/// A server that listens to the network of a test's own.
fn serve_in_the_network(desk: &Desk) -> Server<'_> {
    let mut command = desk.command(&[], &[]);
    command.env("CLICKSTEAD_LISTEN", format!("{SERVER}:0"));
    Server::start(desk, command)
}

fn files_of(server: &Server<'_>) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count()
}

/// The soft limit of open files of the server.
fn soft_limit(server: &Server<'_>) -> usize {
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    line.split_whitespace().nth(3).unwrap().parse().unwrap()
}

/// Waits until the server has closed what it must: no longer than any deadline of what was half sent.
fn wait_for_files(server: &Server<'_>, most: usize) {
    let begun = Instant::now();
    while files_of(server) > most {
        assert!(begun.elapsed() < Duration::from_secs(8), "{} files instead of {most}", files_of(server));
        std::thread::yield_now();
    }
}

fn hit(server: &Server<'_>, from: &str, number: usize) -> u16 {
    let mut wire = Wire::over(connect(from, server.address)).unwrap();
    wire.send(&beacon("81.2.69.1", &fields(&view(&format!("/page-{number}")))).bytes(server.address))
        .unwrap();
    wire.answer().unwrap().status
}

#[test]
fn a_server_may_open_as_many_files_as_the_system_lets_it_but_no_more_than_65536() {
    let desk = Desk::with_site();
    let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    for (soft, allowed) in [(300, 2_000), (1_024, hard)] {
        let limit = format!("--nofile={soft}:{allowed}");
        let limit = limit.replace(&u64::MAX.to_string(), "unlimited");
        let server = Server::start(&desk, desk.command(&["prlimit", &limit], &[]));
        assert_eq!(soft_limit(&server) as u64, allowed.min(65_536), "{limit}");
    }
}

#[test]
fn genuine_hits_are_answered_among_1100_that_are_half_sent() {
    open_files(2_000);
    let desk = Desk::with_site();
    let server = Server::start(&desk, desk.command(&["prlimit", "--nofile=512:512"], &[]));
    let mut flood = Vec::new();
    for number in 0..1_100 {
        let mut wire = server.wire();
        wire.send(HALF).unwrap();
        flood.push(wire);
        if number % 100 == 99 {
            let path = format!("/page-{number}");
            assert_eq!(server.hit("81.2.69.1", &fields(&view(&path))).status, 204, "after {number}");
        }
    }
    assert!(files_of(&server) < 512, "no file could be opened");
    assert_eq!(desk.number("select count(*) from actions"), 11);
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn half_sent_requests_of_one_address_take_a_peers_share_of_connections() {
    with_a_network(
        "connections::half_sent_requests_of_one_address_take_a_peers_share_of_connections",
        || {
            let desk = Desk::with_site();
            let server = serve_in_the_network(&desk);
            let files = files_of(&server);
            let mut flood = Vec::new();
            for number in 0..600 {
                let mut wire = Wire::over(connect(SCHOOL, server.address)).unwrap();
                wire.send(HALF).unwrap();
                flood.push(wire);
                if number % 100 == 99 {
                    assert_eq!(
                        [SCHOOL, HOME].map(|from| hit(&server, from, number)),
                        [204; 2],
                        "after {number}"
                    );
                }
            }
            wait_for_files(&server, files + MOST + 50);
            assert_eq!(desk.number("select count(*) from actions"), 12);
        },
    );
}

#[test]
fn a_school_of_300_behind_one_address_is_served() {
    with_a_network("connections::a_school_of_300_behind_one_address_is_served", || {
        let desk = Desk::with_site();
        let server = serve_in_the_network(&desk);
        let open = || Wire::over(connect(SCHOOL, server.address)).unwrap();
        let request = beacon("81.2.69.1", &fields(&view("/lesson"))).bytes(server.address);
        let ask = |wire: &mut Wire| {
            wire.send(&request).ok()?;
            // Whoever was too slow to ask may ask again.
            wire.answer().ok().map(|answer| answer.status).filter(|status| *status != 408)
        };
        let mut pupils: Vec<Wire> = (0..300).map(|_| open()).collect();
        for _ in 0..2 {
            for pupil in &mut pupils {
                // Browsers open another connection when theirs was closed before they asked.
                let answer = ask(pupil).or_else(|| {
                    *pupil = open();
                    ask(pupil)
                });
                assert_eq!(answer, Some(204));
            }
        }
        assert!(desk.number("select count(*) from actions") >= 600);
    });
}

/// So many people, each of whom may have fifty event streams.
const PEOPLE: [&str; 5] = ["bob", "cyd", "dan", "eve", "fay"];

/// A site that they see, and requests for its event stream, of fifty each.
fn watched() -> Desk {
    let desk = Desk::with_people(&PEOPLE);
    for name in PEOPLE {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", "user"]);
    }
    desk
}

fn streams(server: &Server<'_>) -> impl Iterator<Item = Request> {
    let cookies = ["ada"].into_iter().chain(PEOPLE).map(|name| server.sign_in(name)).collect::<Vec<_>>();
    let request =
        |cookie: String| get("/sites/1/spy/stream").cookie(&cookie).header("Accept", "text/event-stream");
    cookies.into_iter().flat_map(move |cookie| std::iter::repeat_n(request(cookie), 50))
}

/// Asks over a connection for what stays open; the status.
fn begin(stream: TcpStream, request: &Request, server: &Server<'_>) -> (u16, Wire) {
    let mut wire = Wire::over(stream).unwrap();
    // Who is refused may be so before anything is sent.
    wire.send(&request.bytes(server.address)).unwrap_or_default();
    let answer = wire.head().unwrap();
    if answer.status == 503 {
        assert_eq!(answer.header("x-clickstead-reason"), "busy");
        assert!(!answer.header("retry-after").is_empty());
    }
    (answer.status, wire)
}

#[test]
fn a_peer_whose_connections_all_carry_whole_requests_gets_no_further_one_and_others_do() {
    let name =
        "connections::a_peer_whose_connections_all_carry_whole_requests_gets_no_further_one_and_others_do";
    with_a_network(name, || {
        let desk = watched();
        let server = serve_in_the_network(&desk);
        let mut requests = streams(&server);
        let mut ask = |from: &str| begin(connect(from, server.address), &requests.next().unwrap(), &server);
        let mut open: Vec<(u16, Wire)> = (0..MOST).map(|_| ask(SCHOOL)).collect();
        assert!(open.iter().all(|(status, _)| *status == 200));
        assert_eq!(ask(SCHOOL).0, 503);
        assert_eq!(ask(HOME).0, 200);
        // A connection that is reset is gone at once; one that is closed politely could be a client that only reads.
        let (_, wire) = open.pop().unwrap();
        let gone = wire.into_inner();
        SockRef::from(&gone).set_linger(Some(Duration::ZERO)).unwrap();
        drop(gone);
        // The server sees a moment later that one is gone.
        let begun = Instant::now();
        while hit_if_let_in(&server) != Some(204) {
            assert!(begun.elapsed() < SOON, "nobody is let in");
        }
        assert_eq!(open.len(), MOST - 1);
    });
}

fn hit_if_let_in(server: &Server<'_>) -> Option<u16> {
    let mut wire = Wire::over(connect(SCHOOL, server.address)).unwrap();
    wire.send(&beacon("81.2.69.1", &fields(&view("/late"))).bytes(server.address)).ok()?;
    wire.answer().ok().map(|answer| answer.status)
}

#[test]
fn a_proxy_may_have_any_number_of_connections_and_each_address_behind_it_a_share_of_requests() {
    let desk = watched();
    let server = desk.serve();
    let mut requests = streams(&server);
    let mut ask = |from: &str| {
        let request = requests.next().unwrap().header("X-Forwarded-For", from);
        begin(server.wire().into_inner(), &request, &server)
    };
    let open: Vec<(u16, Wire)> = (0..MOST).map(|_| ask("81.2.69.1")).collect();
    assert!(open.iter().all(|(status, _)| *status == 200));
    assert_eq!(ask("81.2.69.1").0, 503);
    let (status, other) = ask("81.2.69.2");
    assert_eq!(status, 200);
    // Idle connections of the proxy are nobody's requests.
    let idle: Vec<Wire> = (0..MOST).map(|_| server.wire()).collect();
    assert_eq!(server.hit("81.2.69.3", &fields(&view("/"))).status, 204);
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 503);
    drop((open, other, idle));
}

#[test]
fn a_half_sent_request_makes_room_for_another_of_the_same_forwarded_address() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let half = [
        &b"POST /in.php HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 81.2.69.1\r\nContent-Length: 100\r\n\r\n"[..],
        b"site_id=1",
    ]
    .concat();
    let files = files_of(&server);
    let mut flood = Vec::new();
    for _ in 0..MOST + 100 {
        let mut wire = server.wire();
        wire.send(&half).unwrap();
        flood.push(wire);
    }
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
    wait_for_files(&server, files + MOST + 50);
}
