//! What goals cost: matching hits with fifty of them as they arrive, beside a server without any, in turn; and matching the
//! earlier visits of a large site with new goals while the server takes hits. Prints its figures, the machine and its
//! parameters. `--file` names a data file with the site 1 to copy, so that a large one need not be made again.
//!
//! `cargo bench --bench goals -- [--hits N] [--rounds N] [--actions N] [--file FILE]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and fails by panicking"
)]

mod machine;
mod server;

use self::server::Server;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Connections that send at once.
const CONNECTIONS: u64 = 32;
/// Goals that hits are matched with.
const GOALS: usize = 50;
/// Pages of the hits.
const PAGES: u64 = 500;
/// What goals may cost of the processor time of a hit, in per cent.
const COST_MAX: f64 = 5.0;
/// How long earlier visits may take.
const BACK_FILL_MAX: Duration = Duration::from_mins(1);

/// Returns the value of a parameter.
fn parameter(name: &str) -> Option<String> {
    let arguments: Vec<String> = std::env::args().collect();
    arguments.iter().position(|known| known == name).map(|at| arguments[at + 1].clone())
}

fn number(name: &str, default: u64) -> u64 {
    parameter(name).map_or(default, |text| text.parse().unwrap())
}

fn run(file: &Path, arguments: &[&str]) {
    let program = Command::new(env!("CARGO_BIN_EXE_clickstead"))
        .args(arguments)
        .env("CLICKSTEAD_DATA", file)
        .stdout(Stdio::null())
        .status();
    assert!(program.unwrap().success(), "{arguments:?}");
}

/// Adds goals of all kinds.
fn add_goals(file: &Path, count: usize) {
    for goal in 0..count {
        let name = format!("Goal {goal}");
        let options: [String; 4] = match goal % 10 {
            0 => ["--page".into(), format!("^/section-{goal}/page-\\d+7$"), "--match".into(), "regex".into()],
            1 => ["--page".into(), format!("/section-*/page-{goal}"), "--match".into(), "wildcard".into()],
            2 => ["--event".into(), format!("Event {goal}"), "--match".into(), "exact".into()],
            3 => ["--download".into(), format!("/file-{goal}"), "--match".into(), "starts".into()],
            4 => ["--outbound".into(), format!("https://{goal}.example/"), "--match".into(), "starts".into()],
            5 => ["--actions".into(), (goal + 5).to_string(), "--match".into(), "exact".into()],
            6 => ["--seconds".into(), (goal * 10 + 30).to_string(), "--match".into(), "exact".into()],
            7 => ["--custom".into(), format!("plan: {goal}"), "--match".into(), "exact".into()],
            8 => ["--campaign".into(), format!("Campaign {goal}"), "--match".into(), "exact".into()],
            _ => ["--page".into(), format!("/section-1/page-{goal}"), "--match".into(), "exact".into()],
        };
        let mut arguments = vec!["goal", "add", "--site", "1", "--name", name.as_str()];
        arguments.extend(options.iter().map(String::as_str));
        run(file, &arguments);
    }
}

/// Sends hits over one connection until `is_over` says so; returns how long each took.
fn send(address: SocketAddr, connection: u64, is_over: impl Fn(u64) -> bool) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut state, mut answer, mut took) = (connection + 1, [0; 4_096], Vec::new());
    let mut roll = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    for hit in 0.. {
        if is_over(hit) {
            break;
        }
        let (page, visitor) = (roll(PAGES), connection * 1_000_000 + hit / 3);
        let [_, b, c, d] = u32::try_from(visitor % (1 << 24)).unwrap().to_be_bytes();
        let body = format!(
            "site_id=1&type=pageview&mime=json&href=https%3A%2F%2Fbakery.example%2Fsection-{}%2Fpage-{page}&title=Page%20{page}",
            page % 12
        );
        let request = format!(
            "POST /in.php HTTP/1.1\r\nHost: stats.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\r\nX-Forwarded-For: {}.{b}.{c}.{d}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            24 + connection,
            body.len()
        );
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).unwrap();
        let length = stream.read(&mut answer).unwrap();
        assert!(
            answer[..length].starts_with(b"HTTP/1.1 20"),
            "{}",
            String::from_utf8_lossy(&answer[..length])
        );
        took.push(sent.elapsed());
    }
    took
}

/// Returns the microseconds of a processor that a hit costs the server, and the hits that it takes in a second.
#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn cost(file: &Path, hits: u64) -> (f64, f64) {
    let server = Server::start(file);
    let address = server.address;
    let each = hits / CONNECTIONS;
    let begun = Instant::now();
    let before = server.processor_seconds();
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            scope.spawn(move || send(address, connection, |hit| hit == each));
        }
    });
    let (used, seconds) = (server.processor_seconds() - before, begun.elapsed().as_secs_f64());
    server.stop();
    let sent = (each * CONNECTIONS) as f64;
    (used * 1e6 / sent, sent / seconds)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Measures hits with goals and without, in turn, each on a new file.
fn measure_hits(folder: &Path, hits: u64, rounds: u64) {
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        for (goals, figures) in [(0, &mut without), (GOALS, &mut with)] {
            let file = folder.join(format!("hits-{round}-{goals}.db"));
            server::init(&file);
            add_goals(&file, goals);
            figures.push(cost(&file, hits));
        }
    }
    let of = |figures: &[(f64, f64)]| {
        (median(figures.iter().map(|one| one.0).collect()), median(figures.iter().map(|one| one.1).collect()))
    };
    let (without, with) = (of(&without), of(&with));
    println!(
        "without goals:   {:>6.1} µs of a processor a hit, {:>6.0} hits/s (medians of {rounds})",
        without.0, without.1
    );
    println!(
        "with {GOALS} goals:   {:>6.1} µs of a processor a hit, {:>6.0} hits/s (medians of {rounds})",
        with.0, with.1
    );
    println!(
        "goals cost {:.1} % of the processor time and {:.1} % of the hits/s (wanted: {COST_MAX} % at most)",
        (with.0 / without.0 - 1.0) * 100.0,
        (1.0 - with.1 / without.1) * 100.0
    );
}

/// Measures how long new goals take to be matched with all earlier visits, while the server takes hits.
fn measure_back_fill(folder: &Path, actions: u64) {
    let file = folder.join("back-fill.db");
    if let Some(kept) = parameter("--file") {
        std::fs::copy(kept, &file).unwrap();
    } else {
        let visits = (actions / 3).to_string();
        run(&file, &["demo", "--visits", &visits, "--days", "365", "--no-serve"]);
    }
    let connection = rusqlite::Connection::open(&file).unwrap();
    let ask = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let (stored, visits) = (
        ask("select count(*) from actions where site_id = 1"),
        ask("select count(*) from visits where site_id = 1"),
    );
    let server = Server::start(&file);
    let (address, is_over) = (server.address, AtomicBool::new(false));
    let (took, mut beside) = std::thread::scope(|scope| {
        let hits = scope.spawn(|| send(address, 0, |_| is_over.load(Ordering::Relaxed)));
        let begun = Instant::now();
        for (name, option, pattern) in [
            ("Shelf", "--page", "^/[a-m].*"),
            ("Ten", "--actions", "10"),
            ("Minute", "--seconds", "60"),
            ("Letter", "--campaign", "^[A-M]"),
            ("Files", "--download", "pdf$"),
        ] {
            let how = if matches!(option, "--actions" | "--seconds") { "exact" } else { "regex" };
            run(&file, &["goal", "add", "--site", "1", "--name", name, option, pattern, "--match", how]);
        }
        while ask("select count(*) from goals where match_below is not null") > 0 {
            // A pause between two looks at the progress, which is what is measured.
            std::thread::sleep(Duration::from_millis(50));
        }
        let took = begun.elapsed();
        is_over.store(true, Ordering::Relaxed);
        (took, hits.join().unwrap())
    });
    beside.sort_unstable();
    let at =
        |share: usize| beside[(beside.len() * share / 1_000).min(beside.len() - 1)].as_secs_f64() * 1_000.0;
    println!(
        "{stored} actions in {visits} visits matched with 5 new goals in {:.1} s (wanted: {} s), {} conversions",
        took.as_secs_f64(),
        BACK_FILL_MAX.as_secs(),
        ask("select count(*) from conversions where origin = 1")
    );
    println!(
        "{} hits beside it: p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms; {} MiB resident at most",
        beside.len(),
        at(500),
        at(990),
        at(1_000),
        server.memory_mib("VmHWM")
    );
    server.stop();
}

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (hits, rounds, actions) =
        (number("--hits", 60_000), number("--rounds", 5), number("--actions", 10_000_000));
    machine::print();
    println!(
        "parameters: {hits} hits over {CONNECTIONS} connections, {PAGES} pages; {actions} earlier actions"
    );
    if hits > 0 {
        measure_hits(folder.path(), hits, rounds);
    }
    if actions > 0 {
        measure_back_fill(folder.path(), actions);
    }
}
