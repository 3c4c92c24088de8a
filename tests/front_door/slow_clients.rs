//! Clients that say little, or read little: what is late is cut, what merely takes its time is not, and nobody fills the
//! memory by not reading.

use super::guest_links::link;
use super::harness::{Desk, Server, fields, form_of_a_hit, view};
use super::http::{Request, Wire, get};
use super::reports::{cells, demo_of, signed_in};
use super::streams;
use socket2::{Domain, Socket, Type};
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any deadline that a test waits for.
const DEADLINE_WITHIN: Duration = Duration::from_mins(2);

/// A connection that takes few bytes unless they are read.
fn narrow(to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(&to.into()).unwrap();
    socket.into()
}

/// Sends bytes over a new connection.
fn begin(server: &Server<'_>, bytes: &[u8]) -> Wire {
    let mut wire = server.wire();
    wire.send(bytes).unwrap();
    wire
}

/// The status that is answered to what was never whole, and that the connection ends then.
fn told_at_the_end(wire: Wire) -> u16 {
    let stream = wire.into_inner();
    stream.set_read_timeout(Some(DEADLINE_WITHIN)).unwrap();
    let mut wire = Wire::patient(stream);
    let status = wire.head().unwrap().status;
    assert!(wire.line().is_err(), "more is said");
    status
}

/// Waits until the server has thrown away a connection from which nothing is read.
fn wait_for_reset(stream: TcpStream) {
    stream.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::from_std(stream).unwrap();
        let ready = tokio::time::timeout(DEADLINE_WITHIN, stream.ready(tokio::io::Interest::ERROR)).await;
        assert!(ready.unwrap().unwrap().is_error());
    });
}

/// Reads some bytes of a long answer.
fn read_some(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    let mut piece = vec![0; 32 * 1024];
    stream.read_exact(&mut piece).unwrap();
    answer.extend_from_slice(&piece);
}

/// The body of a chunked answer.
fn unchunked(answer: &[u8]) -> String {
    let mut rest = &answer[answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4..];
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return String::from_utf8(body).unwrap();
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
}

/// All deadlines side by side, each waited for itself: ten seconds, fifteen, thirty.
#[test]
fn late_clients_are_cut_and_those_who_take_their_time_are_not() {
    let (desk, password) = demo_of("8000");
    let visits = usize::try_from(desk.number("select count(*) from visits")).unwrap();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let export: Request = get("/sites/1/export/visitors-list.csv?date=2026-09-27,2026-10-26").cookie(&cookie);
    let export = export.bytes(server.address);

    let mut quiet_stream = streams::open(&server, &cookie, None);
    let [mut slow_reader, no_reader] = [(), ()].map(|()| {
        let mut wire = Wire::over(narrow(server.address)).unwrap();
        wire.send(&export).unwrap();
        wire.into_inner()
    });
    let half_head = begin(&server, b"POST /in.php HTTP/1.1\r\nHost: x\r\n");
    let mut second_head = begin(&server, &get("/healthz").bytes(server.address));
    assert_eq!(second_head.answer().unwrap().status, 200);
    second_head.send(b"GET /healthz HT").unwrap();
    let half_body =
        begin(&server, b"POST /in.php HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsite_id=1");
    let half_chunked = begin(
        &server,
        b"POST /in.php HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nsite_id=1\r\n",
    );
    // Forty kilobytes are as many as forty seconds ask for.
    let (hit, half) = (form_of_a_hit(&fields(&view("/slow")), 50_000), 40_000);
    let mut slow_body = begin(
        &server,
        format!(
            "POST /in.php HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{}",
            hit.len(),
            &hit[..half],
        )
        .as_bytes(),
    );
    let mut file = Vec::new();
    read_some(&mut slow_reader, &mut file);

    assert_eq!([half_head, second_head].map(told_at_the_end), [408; 2]);
    read_some(&mut slow_reader, &mut file);
    assert_eq!([half_body, half_chunked].map(told_at_the_end), [408; 2]);
    read_some(&mut slow_reader, &mut file);
    slow_body.send(&hit.as_bytes()[half..]).unwrap();
    assert!(slow_body.answer().unwrap().status < 300);
    wait_for_reset(no_reader);

    slow_reader.set_read_timeout(Some(DEADLINE_WITHIN)).unwrap();
    // A chunk ends with a line break, too, and its last line may end with a 0.
    while !file.ends_with(b"\r\n0\r\n\r\n") {
        let mut piece = vec![0; 64 * 1024];
        let read = slow_reader.read(&mut piece).unwrap();
        assert!(read > 0, "the file breaks off");
        file.extend_from_slice(&piece[..read]);
    }
    assert_eq!(cells(&unchunked(&file)).len(), visits + 1);
    server.hit("81.2.69.1", &[("type", "pageview"), ("href", "/heard")]);
    assert!(streams::next(&mut quiet_stream).is_some(), "a quiet stream was cut");
}

/// Memory of the process that is its own, in MiB.
fn resident(server: &Server<'_>) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1_024
}

#[test]
fn guests_who_do_not_read_a_page_of_four_megabytes_do_not_fill_the_memory() {
    let desk = Desk::with_site();
    let mut hits = String::new();
    for number in 0..200 {
        let path = format!("{number}-").repeat(1_900 / (1 + number.to_string().len()));
        writeln!(
            hits,
            r#"{{"time":"2026-11-02T10:{:02}:{:02}Z","type":"pageview","href":"https://bakery.example/{path}","ip":"81.2.69.1"}}"#,
            number / 60,
            number % 60,
        )
        .unwrap();
    }
    let file = desk.path().join("hits.jsonl");
    fs::write(&file, hits).unwrap();
    desk.text(&["import", file.to_str().unwrap(), "--site", "1"]);
    let (_, guest) = link(&desk, &[]);
    let server = desk.serve();
    let page = get(format!("{guest}/reports/pages?date=2026-11-02&limit=200"));
    let whole = server.ask(&page);
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert!(whole.body.len() > 4_000_000, "{} bytes", whole.body.len());
    let before = resident(&server);
    let mut readers = Vec::new();
    // They would hold 340 MB without a bound; with one it does not matter how many they are.
    for number in 0..80 {
        let from = format!("81.3.{number}.1");
        let mut wire = Wire::over(narrow(server.address)).unwrap();
        wire.send(&page.clone().header("X-Forwarded-For", &from).bytes(server.address)).unwrap();
        // Nothing but the head's first bytes is ever read.
        let stream = wire.into_inner();
        let begun = stream.peek(&mut [0; 16]);
        assert!(begun.unwrap() > 0);
        readers.push(stream);
    }
    let more = resident(&server).saturating_sub(before);
    assert!(more < 128, "{more} MiB for {} guests, beside {before}", readers.len());
    assert_eq!(server.ask(&page).body.len(), whole.body.len(), "whoever reads gets the page");
}
