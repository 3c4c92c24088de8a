//! How long Clicky's stats API takes over real HTTP on loopback, on demo data: from the request to the last byte of the
//! reply, on kept connections and with gzip, and how many small requests it answers a second. Prints the machine, its
//! parameters and, for each question, one cold answer and the median and 99th percentile of warm ones.
//!
//! `cargo bench --bench programs -- [--visits N] [--days D] [--runs N] [--connections N] [--seconds S]`

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

use http::{Wire, get};
use rusqlite::Connection;
use server::Server;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Questions that are measured, with what the project asks of their median, if anything.
const QUESTIONS: [(&str, &str, Option<u64>); 9] = [
    ("visitors, pages, countries: a day", "type=visitors,pages,countries&date=yesterday", Some(5)),
    ("… 12 months", "type=visitors,pages,countries&date=last-365-days", Some(20)),
    ("… 12 months as XML", "type=visitors,pages,countries&date=last-365-days&output=xml", Some(20)),
    ("visitors, day by day for 12 months", "type=visitors&date=last-365-days&daily=1", None),
    ("all pages of 12 months", "type=pages&date=last-365-days&limit=all", None),
    ("visitors-list, 1,000 of a day", "type=visitors-list&date=yesterday&limit=1000", None),
    ("actions-list, 1,000 of 31 days", "type=actions-list&date=last-31-days&limit=1000", None),
    (
        "segmentation by country, 31 days",
        "type=segmentation&segments=summary,pages&country=DE&date=last-31-days",
        None,
    ),
    ("visitors, today", SMALL, None),
];
const SMALL: &str = "type=visitors";

fn parameter(name: &str, default: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|known| known == name);
    at.map_or(default, |at| arguments[at + 1].parse().unwrap())
}

/// A site's address in the API, with its key.
struct Program {
    address: SocketAddr,
    credentials: String,
}

impl Program {
    /// Asks as programs do: again and again on one connection, and with compressed answers.
    fn ask(&self, wire: &mut Wire, question: &str) -> Duration {
        let path = format!("/api/stats/4?{}&output=json&{question}", self.credentials);
        let begun = Instant::now();
        let request = get(path).without("Sec-Fetch-Site").header("Accept-Encoding", "gzip");
        wire.send(&request.bytes(self.address)).unwrap();
        let answer = wire.answer().unwrap();
        let took = begun.elapsed();
        assert_eq!(answer.status, 200, "{question}");
        assert!(answer.body.len() > 40, "{question}");
        took
    }

    fn measure(&self, (name, question, wanted): (&str, &str, Option<u64>), runs: u64) {
        let mut wire = Wire::open(self.address).unwrap();
        let cold = self.ask(&mut wire, question);
        let warm = (0..runs).map(|_| self.ask(&mut wire, question)).collect();
        timing::print(name, cold, warm, wanted);
    }

    /// Asks small questions on several connections for some time, and prints how many were answered.
    fn flood(&self, connections: u64, seconds: u64) {
        let (answered, end) = (AtomicU64::new(0), Instant::now() + Duration::from_secs(seconds));
        std::thread::scope(|scope| {
            for _ in 0..connections {
                scope.spawn(|| {
                    let mut wire = Wire::open(self.address).unwrap();
                    while Instant::now() < end {
                        self.ask(&mut wire, SMALL);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let rate = answered.into_inner() / seconds;
        println!("small requests on {connections} connections: {rate} a second (wanted: 2,000)");
    }
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

fn main() {
    let (visits, days, runs) =
        (parameter("--visits", 3_550_000), parameter("--days", 365), parameter("--runs", 50));
    let (connections, seconds) = (parameter("--connections", 2), parameter("--seconds", 5));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("bench.db");
    machine::print();
    println!("parameters: {visits} visits over {days} days, {runs} warm runs each");
    demo(&file, visits, days);
    let key = "select site_key from sites where id = 1";
    let key: String = Connection::open(&file).unwrap().query_row(key, [], |row| row.get(0)).unwrap();
    let credentials = format!("site_id=1&sitekey={key}");
    for question in QUESTIONS {
        // Each on a server of its own, so that the first answer is cold.
        let server = Server::start(&file);
        Program { address: server.address, credentials: credentials.clone() }.measure(question, runs);
        server.stop();
    }
    let server = Server::start(&file);
    Program { address: server.address, credentials }.flood(connections, seconds);
    println!("anonymous resident memory then: {} MiB", server.memory_mib("RssAnon"));
    server.stop();
}
