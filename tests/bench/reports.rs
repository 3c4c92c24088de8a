//! How long whole screens take over real HTTP on loopback, on demo data: from the request to the last byte of the page.
//! Prints the machine, its parameters, how fast the demo was written, and for each screen one cold answer and the median
//! and 99th percentile of warm ones.
//!
//! `cargo bench --bench reports -- [--visits N] [--days D] [--runs N]`

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

use http::{Wire, get, post};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Screens that are measured, with what the project asks of their median, if anything. Those of `/s/` are what a guest
/// link shows: there each line says which visitor of its day it is.
const SCREENS: [(&str, &str, Option<u64>); 13] = [
    ("dashboard, today", "/sites/1?date=today", Some(20)),
    ("dashboard, 30 days", "/sites/1?date=last-30-days", Some(100)),
    ("dashboard, 30 days, one country", "/sites/1?date=last-30-days&country=DE", None),
    ("dashboard, 365 days", "/sites/1?date=last-365-days", None),
    ("pages, 365 days", "/sites/1/reports/pages?date=last-365-days", None),
    ("countries with map, 365 days", "/sites/1/reports/countries?date=last-365-days", None),
    ("new links, 365 days", "/sites/1/reports/links-unique?date=last-365-days", None),
    ("visitors, page 100 of 365 days", "/sites/1/visitors?date=last-365-days&page=100", None),
    ("visitors, 1,000 rows", "/sites/1/visitors?limit=1000", None),
    ("visitors, 1,000 rows, to guests", "/s/{token}/visitors?limit=1000", None),
    ("Spy", "/sites/1/spy", None),
    ("Spy, to guests", "/s/{token}/spy", None),
    ("list of sites", "/", None),
];

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().ok();
    }
}

fn parameter(name: &str, default: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|known| known == name);
    at.map_or(default, |at| arguments[at + 1].parse().unwrap())
}

fn program(file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clickstead"));
    command.env("CLICKSTEAD_DATA", file).env("CLICKSTEAD_LOG", "warn");
    command
}

fn serve(file: &Path) -> (Server, SocketAddr) {
    let mut child =
        program(file).args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let ready = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    (Server(child), ready.rsplit("http://").next().unwrap().parse().unwrap())
}

fn ask(address: SocketAddr, path: &str, cookie: &str) -> Duration {
    let mut wire = Wire::open(address).unwrap();
    let begun = Instant::now();
    wire.send(&get(path).cookie(cookie).bytes(address)).unwrap();
    let answer = wire.answer().unwrap();
    let took = begun.elapsed();
    assert_eq!(answer.status, 200, "{path}");
    took
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

fn main() {
    let (visits, days, runs) =
        (parameter("--visits", 355_000), parameter("--days", 365), parameter("--runs", 20));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("bench.db");
    machine::print();
    println!("parameters: {visits} visits over {days} days, {runs} warm runs each");
    let begun = Instant::now();
    let made = program(&file)
        .args(["demo", "--visits", &visits.to_string(), "--days", &days.to_string(), "--no-serve", "--json"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let took = begun.elapsed();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let actions = made["actions"].as_u64().unwrap();
    let bytes = std::fs::metadata(&file).unwrap().len();
    println!(
        "demo: {actions} actions in {:.1} s, {:.0} actions/s, {} bytes an action",
        took.as_secs_f64(),
        millis(took).recip() * 1_000.0 * f64::from(u32::try_from(actions).unwrap()),
        bytes / actions
    );
    let link = program(&file).args(["link", "add", "--site", "1", "--json"]).output().unwrap();
    let link: Value = serde_json::from_slice(&link.stdout).unwrap();
    let link = link["path"].as_str().unwrap();
    let (server, address) = serve(&file);
    let fields = [("username", "demo"), ("password", made["password"].as_str().unwrap())];
    let mut wire = Wire::open(address).unwrap();
    wire.send(&post("/login", &fields).bytes(address)).unwrap();
    let cookie = format!("session={}", wire.answer().unwrap().cookie("session").unwrap());
    drop(server);
    for (name, path, wanted) in SCREENS {
        let path = &path.replace("/s/{token}", link);
        // Each screen on a program of its own, so that the first answer is cold.
        let (_server, address) = serve(&file);
        let cold = ask(address, path, &cookie);
        let mut warm: Vec<Duration> = (0..runs).map(|_| ask(address, path, &cookie)).collect();
        warm.sort_unstable();
        let at = |percent: usize| warm[(warm.len() * percent / 100).min(warm.len() - 1)];
        let wanted = wanted.map_or_else(String::new, |wanted| format!(" (wanted: {wanted} ms)"));
        println!(
            "{name:<34} cold {:>7.1} ms, median {:>6.1} ms, p99 {:>6.1} ms{wanted}",
            millis(cold),
            millis(at(50)),
            millis(at(99))
        );
    }
}
