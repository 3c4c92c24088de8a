//! How many lines of hits, of an access log and of an exported site a second `import` takes into an empty site, with the
//! days that are over sealed at its end. Prints the machine, its parameters and the figures, and checks the counts in
//! the file.
//!
//! `cargo bench --bench import -- [--lines N] [--days D] [--runs N] [--only hits|log|site]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and fails by panicking"
)]

mod machine;

use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run is told.
struct Parameters {
    lines: u64,
    days: u64,
    runs: u64,
    only: Option<String>,
}

impl Parameters {
    fn read() -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let value =
            |name: &str| arguments.iter().position(|known| known == name).map(|at| arguments[at + 1].clone());
        let number = |name: &str, default: u64| value(name).map_or(default, |text| text.parse().unwrap());
        Self {
            lines: number("--lines", 1_000_000),
            days: number("--days", 10),
            runs: number("--runs", 3),
            only: value("--only"),
        }
    }
}

/// Actions of a visit, on average.
const ACTIONS_PER_VISIT: u64 = 3;
const PAGES: u64 = 500;
const AGENTS: u64 = 200;
const SCREENS: [&str; 4] = ["1920x1080", "1440x900", "390x844", "412x915"];
const LANGUAGES: [&str; 4] = ["de-DE", "en-US", "fr", "pl"];
const REFERRERS: [&str; 4] =
    ["", "https://www.google.com/", "https://news.example/2026/bread", "https://t.co/x"];

/// One hit, as its number among all of them tells it.
struct Hit {
    address: String,
    agent: String,
    page: u64,
    second: u64,
    visit: u64,
}

impl Hit {
    /// Visitors come one after the other, a few at a time, over all days; what they do is scattered.
    fn of(number: u64, parameters: &Parameters) -> Self {
        let group = number / (ACTIONS_PER_VISIT * 64);
        let visit = group * 64 + number % 64;
        let mixed = visit.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let address = (24 << 24) + visit % (52 << 24);
        let systems =
            ["Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"];
        let (system, version) = (systems[usize::try_from(mixed % 3).unwrap()], 90 + mixed % AGENTS / 3);
        Self {
            address: format!(
                "{}.{}.{}.{}",
                address >> 24,
                address >> 16 & 255,
                address >> 8 & 255,
                address & 255
            ),
            agent: format!(
                "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
            ),
            page: (mixed + number * 7) % PAGES,
            second: number * parameters.days * 86_400 / parameters.lines,
            visit: mixed,
        }
    }

    fn clock(&self) -> (u64, String) {
        let of_day = self.second % 86_400;
        let clock = format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60);
        (1 + self.second / 86_400, clock)
    }

    fn path(&self) -> String {
        format!("/section-{}/page-{}", self.page % 12, self.page)
    }

    fn json(&self) -> String {
        let (day, clock) = self.clock();
        let pick = |words: [&'static str; 4]| words[usize::try_from(self.visit % 4).unwrap()];
        serde_json::json!({
            "time": format!("2026-06-{day:02}T{clock}Z"), "type": "pageview", "href": self.path(),
            "title": format!("Page {}", self.page), "ref": pick(REFERRERS), "ip": self.address, "ua": self.agent,
            "lang": pick(LANGUAGES), "res": pick(SCREENS), "uid": "", "custom": {}, "goal": "",
        })
        .to_string()
    }

    fn log(&self) -> String {
        let (day, clock) = self.clock();
        format!(
            "{} - - [{day:02}/Jun/2026:{clock} +0000] \"GET {} HTTP/1.1\" 200 5120 \"-\" \"{}\"",
            self.address,
            self.path(),
            self.agent
        )
    }
}

fn program(file: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clickstead"));
    command.args(arguments).env("CLICKSTEAD_DATA", file).env("CLICKSTEAD_LOG", "warn").stderr(Stdio::null());
    command
}

/// An empty file with a user, and with the site 1 if it is wanted.
fn begin(file: &Path, site: bool) {
    let mut arguments =
        vec!["init", "--username", "ada", "--email", "ada@bakery.example", "--password-stdin"];
    if site {
        arguments.extend(["--site", "bakery.example", "--time-zone", "Europe/Berlin"]);
    }
    let mut init = program(file, &arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(init.stdin.take().unwrap(), "correct horse battery").unwrap();
    assert!(init.wait().unwrap().success());
}

fn write(path: &Path, parameters: &Parameters, line: fn(&Hit) -> String) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    for number in 0..parameters.lines {
        writeln!(out, "{}", line(&Hit::of(number, parameters))).unwrap();
    }
    out.flush().unwrap();
}

/// Imports into a new file, and says how long that took.
fn import(file: &Path, path: &Path, into: &[&str]) -> Duration {
    drop(std::fs::remove_file(file));
    begin(file, !into.is_empty());
    let arguments = [&["import", path.to_str().unwrap(), "--json"], into].concat();
    let begun = Instant::now();
    let output = program(file, &arguments).output().unwrap();
    let took = begun.elapsed();
    assert!(output.status.success());
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["files"][0]["refused"], 0);
    took
}

/// Measures one kind of file.
fn measure(folder: &Path, parameters: &Parameters, (name, path, into): (&str, &Path, &[&str]), wanted: &str) {
    let file = folder.join("import.db");
    let mut took: Vec<Duration> = (0..parameters.runs).map(|_| import(&file, path, into)).collect();
    took.sort_unstable();
    let connection = rusqlite::Connection::open(&file).unwrap();
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let (actions, visits) = (count("select count(*) from actions"), count("select count(*) from visits"));
    assert_eq!(u64::try_from(actions).unwrap(), parameters.lines, "what was written is not what was counted");
    let (best, median) = (took[0], took[took.len() / 2]);
    let rate = |took: Duration| u128::from(parameters.lines) * 1_000_000 / took.as_micros();
    println!(
        "{name:<14} {:>7} actions a second (best run {:>7}{wanted}), median {:.1} s; {visits} visits, {} bytes a line",
        rate(median),
        rate(best),
        median.as_secs_f64(),
        std::fs::metadata(path).unwrap().len() / parameters.lines,
    );
}

fn main() {
    let parameters = Parameters::read();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    machine::print();
    println!(
        "parameters: {} actions over {} days, {} runs each, {PAGES} pages, {AGENTS} agents, about {ACTIONS_PER_VISIT} \
         actions a visit",
        parameters.lines, parameters.days, parameters.runs
    );
    let is_wanted = |name: &str| parameters.only.as_deref().is_none_or(|only| only == name);
    let named = |name: &str| -> PathBuf { folder.join(name) };
    let site = ["--site", "1"];
    if is_wanted("hits") || is_wanted("site") {
        write(&named("hits.jsonl"), &parameters, Hit::json);
    }
    if is_wanted("hits") {
        measure(folder, &parameters, ("hits", &named("hits.jsonl"), &site), ", wanted: 100000");
    }
    if is_wanted("log") {
        write(&named("access.log"), &parameters, Hit::log);
        measure(folder, &parameters, ("access log", &named("access.log"), &site), "");
    }
    if is_wanted("site") {
        let (source, path) = (named("source.db"), named("site.jsonl"));
        import(&source, &named("hits.jsonl"), &site);
        let arguments = ["export", "--site", "1", "--to", path.to_str().unwrap()];
        let begun = Instant::now();
        assert!(program(&source, &arguments).stdout(Stdio::null()).status().unwrap().success());
        let took = begun.elapsed();
        println!(
            "{:<14} {:>7} actions a second",
            "export",
            u128::from(parameters.lines) * 1_000_000 / took.as_micros()
        );
        measure(folder, &parameters, ("exported site", &path, &[]), "");
    }
}
