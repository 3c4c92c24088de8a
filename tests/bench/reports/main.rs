//! How long whole screens take over real HTTP on loopback, on demo data: from the request to the last byte of the page;
//! how much memory and disk that takes, how quickly days are sealed and how long hits wait meanwhile. Prints the
//! machine, its parameters and, for each screen, one cold answer and the median and 99th percentile of warm ones.
//!
//! `cargo bench --bench reports -- [--visits N] [--days D] [--runs N] [--sites N] [--folder F] [--only WORDS]`; `--sites 0`
//! leaves out the small sites. With `--folder` the demo data stay in that folder, and a demo of the same day and size that
//! is there already is taken; with `--only` only the screens are measured whose names contain the words. Those of goals,
//! whose names begin with `goals: `, come after the others: the site then gets twenty goals, which are matched with all its
//! visits. Those of funnels, whose names begin with `funnels: `, come last.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    dead_code,
    reason = "a benchmark prints, fails by panicking, and uses a part of what the tests speak HTTP with"
)]

mod crowd;
mod funnels;
mod goals;
mod heatmaps;
mod hours;
#[path = "../../front_door/http.rs"]
mod http;
mod journeys;
#[path = "../machine.rs"]
mod machine;
mod many;
mod retention;
#[path = "../timing.rs"]
mod timing;

use http::{Wire, get, post};
use rusqlite::Connection;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use timing::millis;

const SEGMENT: &str = "country=DE&href=/";

/// Screens that are measured, with what the project asks of their median, if anything. Those of `/s/` are what a guest
/// link shows: there each line says which visitor of its day it is.
fn screens() -> Vec<(&'static str, String, Option<u64>)> {
    let one = |name, path: &str, wanted| (name, path.to_owned(), wanted);
    vec![
        one("dashboard, today", "/sites/1?date=today", Some(10)),
        one("dashboard, 30 days", "/sites/1?date=last-30-days", Some(25)),
        one("dashboard, 12 months", "/sites/1?date=last-365-days", Some(100)),
        one("… segment, today", &format!("/sites/1?date=today&{SEGMENT}"), Some(15)),
        one("… segment, 30 days", &format!("/sites/1?date=last-30-days&{SEGMENT}"), Some(37)),
        one("… segment, 12 months", &format!("/sites/1?date=last-365-days&{SEGMENT}"), Some(150)),
        one(
            "pages, 12 months, contains",
            "/sites/1/reports/pages?date=last-365-days&href.contains=shop",
            Some(150),
        ),
        one("visitors, page 1", "/sites/1/visitors?date=last-365-days", Some(20)),
        one("visitors, page 1,000", "/sites/1/visitors?date=last-365-days&page=1000", Some(20)),
        one(
            "most active visitors, 12 months",
            "/sites/1/reports/visitors-most-active?date=last-365-days",
            None,
        ),
        one("pages, 12 months", "/sites/1/reports/pages?date=last-365-days", None),
        one("countries with map, 12 months", "/sites/1/reports/countries?date=last-365-days", None),
        one(
            "countries by browser, 12 months",
            "/sites/1/reports/countries?date=last-365-days&by=web-browsers",
            None,
        ),
        one("new links, 12 months", "/sites/1/reports/links-unique?date=last-365-days", None),
        one("visitors, 1,000 rows", "/sites/1/visitors?limit=1000", None),
        one("visitors, 1,000 rows, to guests", "/s/{token}/visitors?limit=1000", None),
        one("Spy", "/sites/1/spy", None),
        one("Spy, to guests", "/s/{token}/spy", None),
        one("list of sites", "/", None),
    ]
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().ok();
    }
}

impl Server {
    /// Resident memory that belongs to no file, in mebibytes.
    fn anonymous(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
    }
}

fn parameter(name: &str, default: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|known| known == name);
    at.map_or(default, |at| arguments[at + 1].parse().unwrap())
}

fn word(name: &str) -> Option<String> {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|known| known == name)?;
    Some(arguments[at + 1].clone())
}

fn program(file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clickstead"));
    command.env("CLICKSTEAD_DATA", file).env("CLICKSTEAD_LOG", "warn").stderr(Stdio::null());
    command
}

fn told(file: &Path, arguments: &[&str]) -> Value {
    let said = program(file).args(arguments).output().unwrap();
    serde_json::from_slice(&said.stdout).unwrap()
}

fn serve(file: &Path) -> (Server, SocketAddr) {
    let mut child = program(file)
        .args(["serve", "--listen", "127.0.0.1:0", "--trust-proxy", "127.0.0.1/32"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ready = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    (Server(child), ready.rsplit("http://").next().unwrap().parse().unwrap())
}

fn sign_in(file: &Path, password: &str) -> String {
    let (_server, address) = serve(file);
    let mut wire = Wire::open(address).unwrap();
    wire.send(&post("/login", &[("username", "demo"), ("password", password)]).bytes(address)).unwrap();
    format!("session={}", wire.answer().unwrap().cookie("session").unwrap())
}

/// Asks as browsers do: again and again on one connection, and with compressed answers.
fn ask(wire: &mut Wire, address: SocketAddr, path: &str, cookie: &str) -> Duration {
    let begun = Instant::now();
    wire.send(&get(path).cookie(cookie).header("Accept-Encoding", "gzip").bytes(address)).unwrap();
    let answer = wire.answer().unwrap();
    let took = begun.elapsed();
    assert_eq!(answer.status, 200, "{path}");
    took
}

/// Asks for a screen again and again, and prints how long that took.
fn measure(address: SocketAddr, (name, path, wanted): (&str, &str, Option<u64>), cookie: &str, runs: u64) {
    let mut wire = Wire::open(address).unwrap();
    let cold = ask(&mut wire, address, path, cookie);
    let warm = (0..runs).map(|_| ask(&mut wire, address, path, cookie)).collect();
    timing::print(name, cold, warm, wanted);
}

/// Writes a demo and prints how that went: the number of actions, and the password.
fn demo(file: &Path, visits: u64, days: u64) -> (u64, String) {
    let begun = Instant::now();
    let made = told(
        file,
        &["demo", "--visits", &visits.to_string(), "--days", &days.to_string(), "--no-serve", "--json"],
    );
    let actions = made["actions"].as_u64().unwrap();
    println!(
        "demo: {actions} actions over {days} days written and sealed in {:.1} s, {:.1} bytes an action",
        begun.elapsed().as_secs_f64(),
        bytes_an_action(file, actions)
    );
    (actions, made["password"].as_str().unwrap().to_owned())
}

/// Takes the demo that an earlier run left in a folder, or writes it there; returns its file and the password.
fn kept_demo(folder: &Path, visits: u64, days: u64) -> (PathBuf, String) {
    let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / (24 * 3_600);
    let file = folder.join(format!("demo-{today}-{visits}-{days}.db"));
    let secret = file.with_extension("password");
    if let Ok(password) = std::fs::read_to_string(&secret) {
        println!("demo: as {} has it", file.display());
        return (file, password);
    }
    std::fs::create_dir_all(folder).unwrap();
    let (_, password) = demo(&file, visits, days);
    std::fs::write(secret, &password).unwrap();
    (file, password)
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn bytes_an_action(file: &Path, actions: u64) -> f64 {
    std::fs::metadata(file).unwrap().len() as f64 / actions as f64
}

/// Lets the server seal everything anew, and prints how long its task says that took, and how long hits took meanwhile
/// and after it.
fn seal_again(file: &Path, what: &str) {
    let connection = Connection::open(file).unwrap();
    connection.execute_batch("delete from block_ranges; delete from blocks; delete from jobs").unwrap();
    let (_server, address) = serve(file);
    let mut wire = Wire::open(address).unwrap();
    let question = "select ifnull(max(milliseconds), -1) from jobs where name = 'seal days'";
    // Few actions of each visitor: a visit has room for so many.
    let mut numbers = 0_u64..;
    let mut hit = || {
        let number = numbers.next().unwrap();
        crowd::hit(&mut wire, address, (number / 100, number))
    };
    // The first ones find nothing at hand.
    for _ in 0..5 {
        hit();
    }
    let mut meanwhile = Vec::new();
    let took = loop {
        meanwhile.push(hit());
        let took: i64 = connection.query_row(question, [], |row| row.get(0)).unwrap();
        if took >= 0 {
            break took;
        }
    };
    let mut after: Vec<_> = meanwhile.iter().map(|_| hit()).collect();
    meanwhile.sort_unstable();
    after.sort_unstable();
    let told = |hits: &[Duration]| {
        let longest: Vec<String> =
            hits.iter().rev().take(3).map(|hit| format!("{:.1}", millis(*hit))).collect();
        format!("median {:.1} ms, longest {} ms", millis(hits[hits.len() / 2]), longest.join(", "))
    };
    println!("sealing {what}: {took} ms");
    println!("{} hits meanwhile: {}; as many after it: {}", meanwhile.len(), told(&meanwhile), told(&after));
}

/// A screen that is measured: its name, its path, and what the project asks of its median in milliseconds, if anything.
type Screen = (&'static str, String, Option<u64>);

/// Measures those of a subject's screens whose names contain a text.
fn measure_subject(
    file: &Path,
    (subject, screens): (&str, Vec<Screen>),
    cookie: &str,
    runs: u64,
    only: Option<&str>,
) {
    for (name, path, wanted) in screens {
        let name = format!("{subject}: {name}");
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        // Each screen on a program of its own, so that the first answer is cold.
        let (_server, address) = serve(file);
        let mut wire = Wire::open(address).unwrap();
        let cold = ask(&mut wire, address, &path, cookie);
        let warm = (0..runs).map(|_| ask(&mut wire, address, &path, cookie)).collect();
        timing::print(&name, cold, warm, wanted);
    }
}

fn main() {
    let (visits, days, runs) =
        (parameter("--visits", 3_550_000), parameter("--days", 365), parameter("--runs", 20));
    let sites = parameter("--sites", 1_000);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    machine::print();
    println!("parameters: {visits} visits over {days} days, {runs} warm runs each");
    let (file, password) = if let Some(kept) = word("--folder") {
        kept_demo(Path::new(&kept), visits, days)
    } else {
        let file = folder.path().join("bench.db");
        let (_, password) = demo(&file, visits, days);
        (file, password)
    };
    let link = told(&file, &["link", "add", "--site", "1", "--json"]);
    let link = link["path"].as_str().unwrap();
    let cookie = sign_in(&file, &password);
    let only = word("--only");
    let is_meant = |name: &str| only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    for (name, path, wanted) in screens().into_iter().filter(|(name, _, _)| is_meant(name)) {
        let path = path.replace("/s/{token}", link);
        // Each screen on a program of its own, so that the first answer is cold.
        let (_server, address) = serve(&file);
        measure(address, (name, &path, wanted), &cookie, runs);
    }
    if let Some(only) = &only {
        if only.contains("funnel") {
            funnels::measure(&file, &cookie, runs, Some(only));
        }
        if only.contains("goals") {
            goals::measure(&file, &cookie, runs, Some(only));
        }
        if only.contains("heatmaps") {
            heatmaps::measure(&file, &cookie, runs, Some(only));
        }
        if only.contains("hours") {
            hours::measure(&file, &cookie, runs, Some(only));
        }
        if only.contains("journeys") {
            journeys::measure(&file, &cookie, runs, Some(only));
        }
        if only.contains("retention") {
            retention::measure(&file, &cookie, runs, Some(only));
        }
        return;
    }
    let (server, address) = serve(&file);
    let mut wire = Wire::open(address).unwrap();
    for (_, path, _) in screens() {
        ask(&mut wire, address, &path.replace("/s/{token}", link), &cookie);
    }
    println!("anonymous resident memory after all of them: {} MiB (wanted: 150)", server.anonymous());
    drop(server);
    let (server, address) = serve(&file);
    let crowd = crowd::come(address, 10_000);
    for (name, path, wanted) in screens().into_iter().take(3) {
        measure(
            address,
            (&format!("… while hits come: {name}"), &path, wanted.map(|most| most * 2)),
            &cookie,
            runs,
        );
    }
    println!("hits meanwhile: {:.0} a second", crowd.stop());
    println!("anonymous resident memory then: {} MiB", server.anonymous());
    drop(server);
    goals::measure(&file, &cookie, runs, None);
    funnels::measure(&file, &cookie, runs, None);
    heatmaps::measure(&file, &cookie, runs, None);
    hours::measure(&file, &cookie, runs, None);
    journeys::measure(&file, &cookie, runs, None);
    retention::measure(&file, &cookie, runs, None);
    let day = folder.path().join("day.db");
    let yesterdays = demo(&day, 300_000, 3).0;
    seal_again(
        &day,
        &format!("the days that are over, of three with 100,000 visits each ({yesterdays} actions)"),
    );
    if sites > 0 {
        many::measure_sites(folder.path(), sites, runs);
    }
}
