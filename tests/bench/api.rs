//! How long our own API takes over real HTTP on loopback, on demo data: from the request to the last byte of the reply, on
//! kept connections and with gzip, and how many small requests it answers a second. Prints the machine, its parameters and,
//! for each question, one cold answer and the median and 99th percentile of warm ones.
//!
//! `cargo bench --bench api -- [--visits N] [--days D] [--runs N] [--connections N] [--seconds S]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    dead_code,
    reason = "a benchmark prints, fails by panicking, and uses a part of what the tests speak HTTP with"
)]

#[path = "../front_door/http.rs"]
mod http;
mod machine;
mod server;
mod timing;

use http::{Request, Wire, get, post_json};
use rusqlite::Connection;
use server::Server;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Queries that are measured, with what the project asks of their median, if anything.
const QUERIES: [(&str, &str, Option<u64>); 6] = [
    (
        "3 metrics by country, 12 months",
        r#"{"metrics":["visits","unique","bounce_rate"],"date_range":"last-365-days","dimensions":["country"]}"#,
        Some(20),
    ),
    (
        "3 metrics by page, 12 months",
        r#"{"metrics":["count","visits","bounce_rate"],"date_range":"last-365-days","dimensions":["href"]}"#,
        Some(20),
    ),
    (
        "3 metrics by browser, filtered",
        r#"{"metrics":["visits","unique","bounce_rate"],"date_range":"last-365-days","dimensions":["browser"],"filters":[["is","country",["DE"]]]}"#,
        None,
    ),
    (
        "3 metrics by day, 12 months",
        r#"{"metrics":["visits","pageviews","bounce_rate"],"date_range":"last-365-days","dimensions":["time:day"]}"#,
        None,
    ),
    (
        "visits by country and browser",
        r#"{"metrics":["visits"],"date_range":"last-365-days","dimensions":["country","browser"]}"#,
        None,
    ),
    ("1 metric, today", r#"{"metrics":["visits"],"date_range":"today"}"#, None),
];
/// Addresses that are measured.
const ADDRESSES: [(&str, &str, Option<u64>); 4] = [
    ("pages, 12 months, compared", "reports/pages?date=last-365-days&compare=before", None),
    ("1,000 visits with actions", "visits?date=last-31-days&limit=1000&action_log=true", None),
    ("1,000 actions", "actions?date=last-31-days&limit=1000", None),
    ("who is online", "online", None),
];
/// The small question.
const SMALL: &str = "reports/visitors?date=today";

fn parameter(name: &str, default: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|known| known == name);
    at.map_or(default, |at| arguments[at + 1].parse().unwrap())
}

/// A program at a server, with a token of its own.
struct Program {
    server: SocketAddr,
    token: String,
    /// The address that the proxy forwards for.
    address: String,
}

impl Program {
    /// Asks as programs do: again and again on one connection, and with compressed answers.
    fn ask(&self, wire: &mut Wire, request: Request) -> Duration {
        let begun = Instant::now();
        let request = request
            .without("Sec-Fetch-Site")
            .header("Accept-Encoding", "gzip")
            .header("X-Forwarded-For", &self.address)
            .header("Authorization", &format!("Bearer {}", self.token));
        wire.send(&request.bytes(self.server)).unwrap();
        let answer = wire.answer().unwrap();
        let took = begun.elapsed();
        assert_eq!(answer.status, 200);
        assert!(answer.body.len() > 10);
        took
    }

    fn measure(&self, (name, wanted): (&str, Option<u64>), request: impl Fn() -> Request, runs: u64) {
        let mut wire = Wire::open(self.server).unwrap();
        let cold = self.ask(&mut wire, request());
        let warm = (0..runs).map(|_| self.ask(&mut wire, request())).collect();
        timing::print(name, cold, warm, wanted);
    }
}

fn get_of(path: &str) -> Request {
    get(format!("/api/v1/sites/1/{path}"))
}

fn query(body: &str) -> Request {
    post_json("/api/v1/sites/1/query", body)
}

/// Asks small questions on several connections for some time, each time with the next of many tokens, and prints how many
/// were answered.
fn flood(server: SocketAddr, tokens: &[String], connections: u64, seconds: u64) {
    let (asked, end) = (AtomicU64::new(0), Instant::now() + Duration::from_secs(seconds));
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut wire = Wire::open(server).unwrap();
                while Instant::now() < end {
                    let number = asked.fetch_add(1, Ordering::Relaxed);
                    let place = usize::try_from(number).unwrap() % tokens.len();
                    let address = format!("198.51.{}.{}", place / 250, place % 250);
                    let program = Program { server, token: tokens[place].clone(), address };
                    program.ask(&mut wire, get_of(SMALL));
                }
            });
        }
    });
    let rate = asked.into_inner() / seconds;
    println!("small requests on {connections} connections: {rate} a second (wanted: 2,000)");
}

fn demo(file: &Path, visits: u64, days: u64) {
    let made = Command::new(env!("CARGO_BIN_EXE_clickstead"))
        .args(["demo", "--visits", &visits.to_string(), "--days", &days.to_string(), "--no-serve", "--json"])
        .env("CLICKSTEAD_DATA", file)
        .output()
        .unwrap();
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    println!("demo: {} actions over {days} days", made["actions"]);
}

/// Makes tokens of the owner of site 1: each may send 6,000 requests a minute.
fn tokens(file: &Path, count: u64) -> Vec<String> {
    let connection = Connection::open(file).unwrap();
    let sql = "insert into tokens (token_hash, user_id, name, may_write, has_all_sites, created_at)
               select ?1, owner_id, 'bench', 0, 1, 0 from sites where id = 1";
    let token = |number: u64| {
        let token = format!("cst_{number:040x}");
        let hash = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        connection.execute(sql, [hash.as_ref()]).unwrap();
        token
    };
    (0..count).map(token).collect()
}

fn main() {
    let (visits, days, runs) =
        (parameter("--visits", 3_550_000), parameter("--days", 365), parameter("--runs", 50));
    let (connections, seconds) = (parameter("--connections", 2), parameter("--seconds", 5));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("bench.db");
    machine::print();
    println!("parameters: {visits} visits over {days} days, {runs} warm runs each");
    demo(&file, visits, days);
    let tokens = tokens(&file, 100);
    let program = |server: &Server| Program {
        server: server.address,
        token: tokens[0].clone(),
        address: "203.0.113.1".into(),
    };
    for (name, body, wanted) in QUERIES {
        // Each on a server of its own, so that the first answer is cold.
        let server = Server::start(&file);
        program(&server).measure((name, wanted), || query(body), runs);
        server.stop();
    }
    for (name, path, wanted) in ADDRESSES {
        let server = Server::start(&file);
        program(&server).measure((name, wanted), || get_of(path), runs);
        server.stop();
    }
    let server = Server::start(&file);
    flood(server.address, &tokens, connections, seconds);
    println!("anonymous resident memory then: {} MiB", server.memory_mib("RssAnon"));
    server.stop();
}
