//! How long the dashboard of a busy day that goes on takes over real HTTP on loopback, while hits come: from the request to
//! the last byte of the page, asked as browsers do, on a kept connection with compressed answers. Prints the machine, its
//! parameters, the first answer after a start, median, 95th percentile and longest of the others, the first one after some
//! seconds in which nobody asked, and how much memory that takes.
//!
//! `cargo bench --bench today -- [--visits N] [--actions N] [--hits N] [--runs N]`; without `--actions` it measures
//! three days: a small one, one of many visits, and one of many actions in few visits.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    dead_code,
    reason = "a benchmark prints, fails by panicking, and uses a part of what the tests speak HTTP with"
)]

#[path = "reports/crowd.rs"]
mod crowd;
#[path = "../front_door/http.rs"]
mod http;
mod machine;
mod server;

use http::{Wire, get, post};
use rusqlite::{Connection, named_params};
use server::Server;
use std::net::SocketAddr;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Days that are measured: visits and actions.
const DAYS: [(u64, u64); 3] = [(70_000, 200_000), (700_000, 2_000_000), (20_000, 1_700_000)];
/// Between two answers: somebody who looks at the page.
const PAUSE: Duration = Duration::from_millis(200);
/// So long nobody asks.
const ABSENCE: Duration = Duration::from_secs(5);

fn parameter(name: &str, default: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|known| known == name);
    at.map_or(default, |at| arguments[at + 1].parse().unwrap())
}

/// Writes visits and page views of the day so far, spread evenly over it.
fn fill(file: &Path, visits: u64, actions: u64) {
    let connection = Connection::open(file).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let now = u64::try_from(now).unwrap() - 60_000;
    let zone: String =
        connection.query_row("select time_zone from sites where id = 1", [], |row| row.get(0)).unwrap();
    assert_eq!(zone, "Etc/UTC", "where the day begins");
    let start = now / 86_400_000 * 86_400_000;
    connection
        .execute_batch(
            "begin;
             create temp table numbers as
               with recursive n(n) as (select 0 union all select n + 1 from n where n < 999) select n from n;
             insert or ignore into labels (text)
               select 'https://bakery.example/section-' || (n % 12) || '/page-' || n from numbers where n < 500;
             insert or ignore into labels (text) select 'Page ' || n from numbers where n < 500;
             insert or ignore into labels (text) select 'Browser ' || n from numbers where n < 40;
             insert or ignore into labels (text) select 'Country ' || n from numbers where n < 60;
             insert or ignore into labels (text) select 'https://link-' || n || '.example/' from numbers where n < 300;
             create temp table pages as
               select row_number() over () - 1 as n, id,
                 (select title.id from labels as title where title.text = 'Page ' || substr(labels.text, instr(labels.text, 'page-') + 5)) as title
               from labels where text like 'https://bakery.example/section-%';
             create unique index temp.pages_n on pages (n);
             insert or ignore into sources (id, channel, referrer)
               select 1000 + row_number() over (), row_number() over () % 5, id from labels where text like 'https://link-%';
             insert or ignore into machines (id, browser, device_type)
               select 1000 + row_number() over (), id, row_number() over () % 4 from labels where text like 'Browser %';
             insert or ignore into places (id, country)
               select 1000 + row_number() over (), id from labels where text like 'Country %';
             commit; begin;",
        )
        .unwrap();
    connection
        .execute(
            "insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place, landing, exit)
             with recursive visit(n) as (select 0 union all select n + 1 from visit where n + 1 < :visits)
             select 1, ((:start + n * (:now - :start) / :visits) << 20) + n % 1000, (1 << 53) + n * 7 / 8, n * 7919 % 900000,
               (n + 1) * :actions / :visits - n * :actions / :visits,
               (n + 1) * :actions / :visits - n * :actions / :visits,
               2 + n % 2, 1001 + n * n % 300, 1001 + n * 31 % 40, 1001 + n * 17 % 60,
               (select id from pages where pages.n = visit.n * 13 % 500), (select id from pages where pages.n = visit.n * 29 % 500)
             from visit",
            named_params! {":visits": i64::try_from(visits).unwrap(), ":actions": i64::try_from(actions).unwrap(), ":start": i64::try_from(start).unwrap(), ":now": i64::try_from(now).unwrap()},
        )
        .unwrap();
    connection
        .execute_batch(
            "insert into actions (site_id, visit_id, number, at, kind, page, title)
             select 1, visits.id, numbers.n + 1, numbers.n * 1000, 1, pages.id, pages.title
             from visits
             join numbers on numbers.n < visits.actions
             join pages on pages.n = (visits.id + numbers.n * 37) % 500
             where visits.site_id = 1;
             commit; pragma wal_checkpoint(truncate);",
        )
        .unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("select count(*) from {table}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let written = (count("actions"), count("visits"));
    assert_eq!(written, (i64::try_from(actions).unwrap(), i64::try_from(visits).unwrap()));
    println!("a day of {} actions in {} visits so far", written.0, written.1);
}

/// Asks for the dashboard of the day; how long it took to the last byte.
fn ask(wire: &mut Wire, address: SocketAddr, cookie: &str) -> Duration {
    let request = get("/sites/1?date=today").cookie(cookie).header("Accept-Encoding", "gzip");
    let begun = Instant::now();
    wire.send(&request.bytes(address)).unwrap();
    let answer = wire.answer().unwrap();
    let took = begun.elapsed();
    assert_eq!(answer.status, 200);
    took
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

fn measure(visits: u64, actions: u64, (hits, runs): (u64, u64)) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("bench.db");
    server::init(&file);
    fill(&file, visits, actions);
    let server = Server::start(&file);
    let address = server.address;
    let mut wire = Wire::open(address).unwrap();
    let login = [("username", "ada"), ("password", "correct horse battery")];
    wire.send(&post("/login", &login).bytes(address)).unwrap();
    let cookie = format!("session={}", wire.answer().unwrap().cookie("session").unwrap());
    let before = server.memory_mib("VmRSS");
    let cold = ask(&mut wire, address, &cookie);
    println!(
        "the first answer {:.0} ms; resident memory {before} MiB before it, {} MiB after it",
        millis(cold),
        server.memory_mib("VmRSS")
    );
    let crowd = crowd::come(address, hits);
    ask(&mut wire, address, &cookie);
    let (busy, begun) = (server.processor_seconds(), Instant::now());
    let mut answers: Vec<Duration> = (0..runs)
        .map(|_| {
            sleep(PAUSE);
            ask(&mut wire, address, &cookie)
        })
        .collect();
    let busy = (server.processor_seconds() - busy) / begun.elapsed().as_secs_f64() * 100.0;
    answers.sort_unstable();
    let at = |percent: usize| millis(answers[(answers.len() * percent / 100).min(answers.len() - 1)]);
    println!(
        "dashboard while hits come: median {:.1} ms, p95 {:.1} ms, longest {:.1} ms",
        at(50),
        at(95),
        at(100)
    );
    sleep(ABSENCE);
    // Connections that nobody uses are closed meanwhile.
    let mut wire = Wire::open(address).unwrap();
    println!(
        "after {} s in which nobody asked: {:.1} ms",
        ABSENCE.as_secs(),
        millis(ask(&mut wire, address, &cookie))
    );
    println!(
        "hits meanwhile: {:.0} a second; {busy:.0} % of a core; resident memory {} MiB, {} MiB at most, {} MiB of it no file's",
        crowd.stop(),
        server.memory_mib("VmRSS"),
        server.memory_mib("VmHWM"),
        server.memory_mib("RssAnon")
    );
    server.stop();
}

fn main() {
    machine::print();
    let (hits, runs) = (parameter("--hits", 3_000), parameter("--runs", 100));
    println!("parameters: {hits} hits a second, {runs} answers, {} ms between two", PAUSE.as_millis());
    let (visits, actions) = (parameter("--visits", 700_000), parameter("--actions", 0));
    let days = if actions == 0 { DAYS.to_vec() } else { vec![(visits, actions)] };
    for (visits, actions) in days {
        measure(visits, actions, (hits, runs));
    }
}
