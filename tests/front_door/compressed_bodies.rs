//! Bodies that come compressed: refused on every surface before a byte of them is unpacked.

use super::harness::{BROWSER, Desk, Server, beacon, fields, view};
use super::http::{Answer, Wire, form, get, post};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// What a gzip file of 64 KB holds at most: a thousand times as much.
const UNPACKED_BYTES: usize = 62 * 1024 * 1024;
/// How many are sent at once, which would hold more than three gigabytes together.
const SENDERS: usize = 52;
/// What the server may take more for them; each sends 64 KB.
const TAKEN_KIB_MAX: u64 = 48 * 1024;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

/// A request with these lines in its head, and a body.
fn request(method: &str, path: &str, lines: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: {BROWSER}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{lines}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn send(server: &Server<'_>, bytes: &[u8]) -> Answer {
    let mut wire = server.wire();
    wire.send(bytes).unwrap();
    wire.answer().unwrap()
}

#[test]
fn every_address_refuses_a_compressed_body_and_says_what_it_takes() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let routes: Vec<(String, String)> = clickstead::routes()
        .into_iter()
        .map(|(method, path, _)| {
            let path = path.replace(r"{site:\d+}", "1").replace("{name:.*}", "app.css");
            let parts: Vec<&str> =
                path.split('/').map(|p| if p.starts_with('{') { "1" } else { p }).collect();
            (method, parts.join("/"))
        })
        .chain([
            ("POST".to_owned(), "/nothing".to_owned()),
            ("POST".to_owned(), "/api/v1/nothing".to_owned()),
        ])
        .collect();
    let body = gzip(form(&[("username", "ada"), ("site_id", "1")]).as_bytes());
    for (method, path) in &routes {
        let answer = send(&server, &request(method, path, "Content-Encoding: gzip\r\n", &body));
        assert_eq!((answer.status, answer.header("accept-encoding")), (415, "identity"), "{method} {path}");
        assert!(answer.text().contains("without Content-Encoding"), "{method} {path}: {}", answer.text());
    }
    assert_eq!(desk.number("select count(*) from visits"), 0);
}

#[test]
fn whatever_the_coding_is_called_it_is_refused_and_identity_is_none() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let body = form(&[("site_id", "1"), ("type", "pageview"), ("href", "https://bakery.example/")]);
    let coded = [
        "Content-Encoding: gzip\r\n",
        "content-encoding: X-GZIP\r\n",
        "Content-Encoding: deflate\r\n",
        "Content-Encoding: br\r\n",
        "Content-Encoding: zstd\r\n",
        "Content-Encoding: nonsense\r\n",
        "Content-Encoding: identity, gzip\r\n",
        "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n",
    ];
    for lines in coded {
        let answer = send(&server, &request("POST", "/in.php", lines, body.as_bytes()));
        assert_eq!((answer.status, answer.header("x-clickstead-reason")), (415, "compressed"), "{lines}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    let plain =
        ["", "Content-Encoding: identity\r\n", "Content-Encoding: Identity\r\n", "Content-Encoding:\r\n"];
    for lines in plain {
        let answer = send(&server, &request("POST", "/in.php", lines, body.as_bytes()));
        assert_eq!((answer.status, answer.header("x-clickstead-reason")), (204, ""), "{lines}");
    }
    // A coding below HTTP's own is none that bodies have here.
    let chunked = "POST /in.php HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(send(&server, chunked.as_bytes()).status, 400);
    assert!(server.stop().success());
    assert_eq!(desk.number("select sum(count) from filtered where reason = 'compressed'"), 8);
    assert_eq!(desk.number("select sum(actions) from visits"), 4);
}

/// The most memory that a process has held so far.
pub fn peak_kib(server: &Server<'_>) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn bodies_that_hold_gigabytes_take_no_memory() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
    assert_eq!(server.ask(&get("/sites/1").cookie(&ada)).status, 200);
    let body = gzip(&vec![b'a'; UNPACKED_BYTES]);
    assert!(body.len() < 64 * 1024, "{} bytes are too large for a beacon anyway", body.len());
    let coded = format!("Content-Encoding: gzip\r\nCookie: {ada}\r\n");
    let file = "Content-Type: multipart/form-data; boundary=b\r\n";
    let bytes = [
        request("POST", "/in.php", &coded, &body),
        request("POST", "/login", &coded, &body),
        request("POST", "/sites/1/preferences/tracking", &coded, &body),
        request("POST", "/sites/1/preferences/white-label", &format!("{coded}{file}"), &body),
    ];
    let before = peak_kib(&server);
    // All are under way before the first is answered.
    let mut wires: Vec<Wire> = (0..SENDERS).map(|_| server.wire()).collect();
    for (wire, bytes) in wires.iter_mut().zip(bytes.iter().cycle()) {
        wire.send(bytes).unwrap();
    }
    for wire in &mut wires {
        assert_eq!(wire.head().unwrap().status, 415);
    }
    let taken = peak_kib(&server) - before;
    assert!(taken < TAKEN_KIB_MAX, "{taken} KiB were taken for {SENDERS} bodies of {} bytes", body.len());
    assert_eq!(server.ask(&beacon("81.2.69.1", &fields(&view("/b")))).status, 204);
    assert_eq!(server.ask(&post("/login", &[("username", "ada"), ("password", "x")])).status, 422);
}
