//! The real binary on a file of its own, started for one test and killed with it.

use super::http::{Answer, Request, Wire, form, get, post};
use rusqlite::Connection;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a condition may take to come true before a test fails.
pub const SOON: Duration = Duration::from_secs(20);

pub const PASSWORD: &str = "correct horse battery";
pub const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

/// Noon is near in one of the two whenever the tests run: no day of their sites ends between a hit and the look at it.
const ZONES: [&str; 2] = ["Europe/Berlin", "Asia/Tokyo"];

/// The time zone of the tests' sites, in which midnight is hours away.
pub static ZONE: LazyLock<&str> = LazyLock::new(|| {
    let hour = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).hour();
    ZONES[usize::from(!(3..19).contains(&hour))]
});

/// Today there, in days since 1970.
pub fn today() -> i64 {
    let now = jiff::Timestamp::now().in_tz(*ZONE).unwrap();
    i64::from((now.date() - jiff::civil::date(1970, 1, 1)).get_days())
}

/// A page without its long hexadecimal numbers, such as hashes and versions of files: they may spell a short name.
pub fn without_hashes(page: &str) -> String {
    const HASH_DIGITS_MIN: usize = 12;
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits < HASH_DIGITS_MIN {
            text.push_str(&rest[..digits]);
        }
        rest = &rest[digits..];
        let others = rest.find(|letter: char| letter.is_ascii_hexdigit()).unwrap_or(rest.len());
        text.push_str(&rest[..others]);
        rest = &rest[others..];
    }
    text
}

#[test]
fn hashes_are_taken_out_of_a_page_and_words_are_not() {
    let hash = "0ada".repeat(16);
    let page = format!("<a href=\"/js?v=ada012345678\">facade ada</a><b id=\"{hash}\">ü 12345</b>");
    assert_eq!(without_hashes(&page), "<a href=\"/js?v=\">facade ada</a><b id=\"\">ü 12345</b>");
}

/// After how long one more try is let in, where passwords are guessed.
pub const GUESS_PAUSE: Duration = Duration::from_secs(30);

/// The seconds that a refusal tells to wait.
fn told_to_wait(page: &str) -> Option<u64> {
    let (_, rest) = page.split_once("Too many tries. Please wait ")?;
    let mut words = rest.split(' ');
    let number: u64 = words.next().unwrap().parse().unwrap_or(1);
    Some(if words.next() == Some("minutes") { number * 60 } else { number })
}

/// Tries until one is refused for a good while yet, and gives that answer. As many are let in as a limit says, and those
/// that the time allows which went by meanwhile, however slow the machine is.
pub fn try_until_refused(limit: u32, pause: Duration, mut try_once: impl FnMut(u32) -> Answer) -> Answer {
    let begun = Instant::now();
    let mut taken = 0;
    loop {
        let answer = try_once(taken);
        match told_to_wait(&answer.text()) {
            None => {
                taken += 1;
                let allowed = limit + u32::try_from(begun.elapsed().as_millis() / pause.as_millis()).unwrap();
                assert!(taken <= allowed, "{taken} tries were let in: {}", answer.text());
            }
            Some(seconds) if seconds > pause.as_secs() / 2 => {
                assert!(taken >= limit, "only {taken} tries were let in");
                return answer;
            }
            Some(_) => {}
        }
    }
}

pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_clickstead")
}

/// A folder with a data file, and the commands on it.
pub struct Desk {
    folder: TempDir,
}

impl Desk {
    /// Nothing there yet.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With the user `ada` and the site 1, bakery.example.
    pub fn with_site() -> Self {
        let desk = Self::empty();
        desk.json_with(
            PASSWORD,
            &["init", "--username", "ada", "--email", "ada@bakery.example", "--password-stdin", "--site"]
                .into_iter()
                .chain(["bakery.example", "--time-zone", *ZONE, "--json"])
                .collect::<Vec<_>>(),
        );
        desk
    }

    /// The same, whose pages this machine serves under a number.
    pub fn with_site_here() -> Self {
        let desk = Self::with_site();
        desk.text(&["site", "hosts", "1", "--add", "127.0.0.1"]);
        desk
    }

    /// The same with these people, who own nothing yet.
    pub fn with_people(names: &[&str]) -> Self {
        let desk = Self::with_site();
        for name in names {
            let email = format!("{name}@e.example");
            desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
        }
        desk
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("clickstead.db")
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command, with a line of standard input.
    pub fn run_with(&self, input: &str, arguments: &[&str]) -> Output {
        let mut child = Command::new(binary())
            .args(arguments)
            .env("CLICKSTEAD_DATA", self.file())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{input}").unwrap_or_default();
        child.wait_with_output().unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with("", arguments)
    }

    /// Runs a command at a terminal where somebody types an answer; whether it succeeds, and all that is seen there.
    pub fn at_terminal(&self, answer: &str, arguments: &[&str]) -> (bool, String) {
        let words: Vec<String> = [binary()]
            .iter()
            .chain(arguments)
            .map(|word| format!("'{}'", word.replace('\'', r"'\''")))
            .collect();
        // A part of util-linux that every Debian has: it gives the command a pseudo terminal.
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--command", &words.join(" "), "/dev/null"])
            .env("CLICKSTEAD_DATA", self.file())
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{answer}").unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    }

    /// What a command prints, which must succeed.
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(arguments)).unwrap()
    }

    pub fn json_with(&self, input: &str, arguments: &[&str]) -> Value {
        let output = self.run_with(input, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a command complains of, which must fail.
    pub fn complaint(&self, arguments: &[&str]) -> String {
        let output = self.run_with(PASSWORD, arguments);
        assert!(!output.status.success(), "{arguments:?} succeeded");
        String::from_utf8(output.stderr).unwrap()
    }

    /// A connection of our own to the file.
    pub fn open(&self) -> Connection {
        let connection = Connection::open(self.file()).unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        connection
    }

    /// One number from the file.
    pub fn number(&self, sql: &str) -> i64 {
        self.open().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Waits until a condition on the file holds: what the program does behind its answers.
    pub fn wait_for(&self, condition: &str) {
        let begun = Instant::now();
        while self.number(&format!("select {condition}")) == 0 {
            assert!(begun.elapsed() < SOON, "{condition} did not come true");
            std::thread::yield_now();
        }
    }

    /// One column of texts from the file.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let connection = self.open();
        let mut question = connection.prepare(sql).unwrap();
        let rows = question.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    pub fn serve(&self) -> Server<'_> {
        self.serve_with(&[])
    }

    pub fn serve_with(&self, arguments: &[&str]) -> Server<'_> {
        Server::start(self, self.command(&[], arguments))
    }

    /// Serves with a machine's clock that is wrong by what this file says from now on, such as `+2d`.
    pub fn serve_by_clock(&self, wrong_by: &Path) -> Server<'_> {
        self.serve_by_clock_with(wrong_by, &[])
    }

    /// The same with further arguments.
    pub fn serve_by_clock_with(&self, wrong_by: &Path, arguments: &[&str]) -> Server<'_> {
        let mut command = self.command(&[], arguments);
        command
            .env("LD_PRELOAD", faketime())
            .env("FAKETIME_TIMESTAMP_FILE", wrong_by)
            .env("FAKETIME_NO_CACHE", "1")
            // How long the program runs is told by another clock, which never jumps.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Server::start(self, command)
    }

    /// Serves by way of other programs, such as `nohup`, and with all that is logged handed to the test.
    pub fn serve_logged(&self, by: &[&str]) -> (Server<'_>, Log) {
        self.serve_logged_at("info,actix_server=warn", by)
    }

    /// The same with more or less in the log.
    pub fn serve_logged_at(&self, level: &str, by: &[&str]) -> (Server<'_>, Log) {
        let mut command = self.command(by, &[]);
        command.env("CLICKSTEAD_LOG", level).stderr(Stdio::piped());
        let mut server = Server::start(self, command);
        let (line, lines) = mpsc::channel();
        let stderr = BufReader::new(server.child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|text| line.send(text)));
        (server, Log(lines))
    }

    /// What serves this desk's file, once it is run; by way of other programs, where some are named.
    pub fn command(&self, by: &[&str], arguments: &[&str]) -> Command {
        let mut words = by.iter().copied().chain([binary()]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .args(["serve", "--trust-proxy", "127.0.0.1/32"])
            .args(arguments)
            .env("CLICKSTEAD_LISTEN", "127.0.0.1:0")
            .env("CLICKSTEAD_DATA", self.file())
            .env("CLICKSTEAD_LOG", "warn")
            .stdout(Stdio::piped());
        command
    }
}

/// What a server logs, line by line.
pub struct Log(mpsc::Receiver<String>);

impl Log {
    /// The next line with these words.
    pub fn wait_for(&self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            let left = SOON.saturating_sub(begun.elapsed());
            let line = self.0.recv_timeout(left).unwrap_or_else(|_| panic!("the log does not say {words}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// All lines that were not read yet, once the server has ended.
    pub fn rest(self) -> Vec<String> {
        self.0.iter().collect()
    }
}

/// The library that tells a process another time, from Debian's package libfaketime.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
    let mut found =
        folders.map(|folder| folder.join("faketime/libfaketime.so.1")).filter(|path| path.exists());
    found.next().expect("libfaketime is missing: tests/run installs it")
}

/// A serving process.
pub struct Server<'a> {
    desk: std::marker::PhantomData<&'a Desk>,
    pub address: SocketAddr,
    /// The path of the set-up link, if one was printed.
    pub setup: Option<String>,
    child: Child,
}

impl<'a> Server<'a> {
    pub fn start(desk: &'a Desk, mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().unwrap().unwrap();
        let address = ready.rsplit("http://").next().unwrap().parse().unwrap();
        let has_users = desk.number("select count(*) from users") > 0;
        let setup = (!has_users).then(|| {
            let link =
                lines.find_map(|line| line.unwrap().split_once("/setup").map(|(_, rest)| rest.to_owned()));
            format!("/setup{}", link.unwrap())
        });
        Self { desk: std::marker::PhantomData, address, setup, child }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process's standard error, where that is a pipe.
    pub fn take_stderr(&mut self) -> std::process::ChildStderr {
        self.child.stderr.take().unwrap()
    }

    /// Ends the process as a power failure would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the process as an operator would, and says how it ended.
    pub fn stop(mut self) -> std::process::ExitStatus {
        self.terminate();
        self.child.wait().unwrap()
    }

    pub fn terminate(&self) {
        self.signal("TERM");
    }

    pub fn signal(&self, name: &str) {
        let ran = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap();
        assert!(ran.success());
    }

    /// Lets no file of the process grow beyond so many bytes from now on, as a full disk would; `unlimited` gives room.
    pub fn limit_files(&self, bytes: &str) {
        let (process, limit) = (format!("--pid={}", self.id()), format!("--fsize={bytes}:"));
        assert!(Command::new("prlimit").args([process, limit]).status().unwrap().success());
    }

    pub fn wait(mut self) -> std::process::ExitStatus {
        self.child.wait().unwrap()
    }

    pub fn wire(&self) -> Wire {
        Wire::open(self.address).unwrap()
    }

    pub fn ask(&self, request: &Request) -> Answer {
        let mut wire = self.wire();
        wire.send(&request.bytes(self.address)).unwrap();
        wire.answer().unwrap()
    }

    /// Signs somebody in; the cookie to send.
    pub fn sign_in(&self, name: &str) -> String {
        let answer = self.ask(&post("/login", &[("username", name), ("password", PASSWORD)]));
        assert_eq!(answer.status, 303, "{}", answer.text());
        format!("session={}", answer.cookie("session").unwrap())
    }

    /// A page that somebody who is signed in sees.
    pub fn page(&self, path: &str, cookie: &str) -> String {
        let answer = self.ask(&get(path).cookie(cookie));
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    /// Sends a beacon as a browser behind this address would.
    pub fn hit(&self, address: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask(&beacon(address, fields))
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

/// A beacon of site 1 from a browser behind this address.
pub fn beacon(address: &str, fields: &[(&str, &str)]) -> Request {
    let fields: Vec<(&str, &str)> =
        [("site_id", "1"), ("mime", "json")].iter().chain(fields).copied().collect();
    post("/in.php", &fields)
        .without("Sec-Fetch-Site")
        .header("User-Agent", BROWSER)
        .header("X-Forwarded-For", address)
}

/// A beacon of site 1 as a form of so many bytes, the last of which say nothing.
pub fn form_of_a_hit(fields: &[(&str, &str)], bytes: usize) -> String {
    let fields: Vec<(&str, &str)> = [("site_id", "1")].iter().chain(fields).copied().collect();
    let mut text = form(&fields) + "&filler=";
    text.push_str(&"x".repeat(bytes - text.len()));
    text
}

/// The fields of a page view of this path.
pub fn view(path: &str) -> Vec<(&'static str, String)> {
    vec![
        ("type", "pageview".into()),
        ("href", format!("https://bakery.example{path}")),
        ("title", format!("Page {path}")),
    ]
}

/// Borrowed fields, for the requests that take them.
pub fn fields<'a>(owned: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    owned.iter().map(|(name, value)| (*name, value.as_str())).collect()
}
