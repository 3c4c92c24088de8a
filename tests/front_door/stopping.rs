//! How a server ends when its terminal does.

use super::harness::{Desk, Server, fields, view};
use super::http::get;

/// Whether a process has put a signal, by its number, into a set of those that it catches or ignores.
fn has(server: &Server<'_>, set: &str, signal: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(set)).unwrap();
    u64::from_str_radix(line.trim_start_matches(':').trim(), 16).unwrap() >> (signal - 1) & 1 == 1
}

const HANGUP: u32 = 1;

#[test]
fn a_terminal_that_goes_ends_the_server_as_gently_as_sigterm() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
    server.signal("HUP");
    assert!(server.wait().success());
    assert!(!desk.file().with_extension("db-wal").exists(), "a write-ahead log was left behind");
    assert_eq!(desk.number("select count(*) from actions"), 1);
}

#[test]
fn under_nohup_the_server_stays_when_the_terminal_goes() {
    let desk = Desk::with_site();
    let (server, _log) = desk.serve_logged(&["nohup"]);
    server.signal("HUP");
    assert!(has(&server, "SigIgn", HANGUP) && !has(&server, "SigCgt", HANGUP));
    assert_eq!(server.ask(&get("/healthz")).status, 200);
    assert!(server.stop().success());
}
