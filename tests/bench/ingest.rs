//! How many hits a second are acknowledged, each on the disk, over real HTTP on loopback, with client and server on the
//! same machine. Prints its figures, the machine and its parameters, and checks the count in the file.
//!
//! `cargo bench --bench ingest -- [--seconds N] [--connections A,B] [--visitors N] [--monitors N] [--clicks-every N]`
//!
//! With `--clicks-every N`, a beacon of three clicks follows every Nth page view, over connections of its own, as browsers send it when a
//! page is left; page views alone are counted as hits.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and fails by panicking"
)]

mod machine;
mod monitors;
mod server;

use self::server::Server;
use hdrhistogram::Histogram;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{Receiver, Sender};

/// What a run is told.
struct Parameters {
    seconds: u64,
    connections: Vec<usize>,
    /// Visitors in flight, over all connections; each ends after three actions on average.
    visitors: usize,
    /// Monitors that are checked every minute meanwhile.
    monitors: usize,
    /// The page views for each beacon of clicks; 0 for no clicks.
    clicks_every: u64,
}

impl Parameters {
    fn read() -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let value =
            |name: &str| arguments.iter().position(|known| known == name).map(|at| arguments[at + 1].clone());
        let number = |name: &str, default: u64| value(name).map_or(default, |text| text.parse().unwrap());
        let connections = value("--connections").unwrap_or_else(|| "32,256".into());
        Self {
            seconds: number("--seconds", 20),
            connections: connections.split(',').map(|text| text.parse().unwrap()).collect(),
            visitors: usize::try_from(number("--visitors", 4_096)).unwrap(),
            monitors: usize::try_from(number("--monitors", 0)).unwrap(),
            clicks_every: number("--clicks-every", 0),
        }
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Somebody on the site: an address and a browser.
struct Visitor {
    address: u32,
    agent: usize,
}

/// One connection's crowd, each of whom looks at page after page.
struct Crowd {
    dice: Dice,
    open: VecDeque<Visitor>,
    /// The page views for each beacon of clicks; 0 for no clicks.
    clicks_every: u64,
    viewed: u64,
}

const PAGES: u64 = 500;
const AGENTS: usize = 200;
/// Connections over which clicks are sent.
const CLICK_CONNECTIONS: usize = 64;

impl Crowd {
    fn new(connection: usize, visitors: usize, clicks_every: u64) -> Self {
        let dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (connection as u64 + 1) << 20);
        let mut crowd = Self { dice, open: VecDeque::new(), clicks_every, viewed: 0 };
        for _ in 0..visitors.max(1) {
            let visitor = crowd.newcomer();
            crowd.open.push_back(visitor);
        }
        crowd
    }

    fn newcomer(&mut self) -> Visitor {
        // 24.0.0.0 to 75.255.255.255: ordinary addresses.
        let address = (24 << 24) + u32::try_from(self.dice.roll(52 << 24)).unwrap();
        Visitor { address, agent: usize::try_from(self.dice.roll(AGENTS as u64)).unwrap() }
    }

    /// The next page view, and the beacon of clicks after it, if one is due; the visitor stays for another one two times out of three.
    fn request(&mut self, agents: &[String], request: &mut String) -> Option<String> {
        self.viewed += 1;
        let visitor = self.open.pop_front().unwrap();
        let page = self.dice.roll(PAGES);
        let body = format!(
            "site_id=1&type=pageview&mime=json&jsuid={}&href=https%3A%2F%2Fbakery.example%2Fsection-{}%2Fpage-{page}&res=1920x1080&lang=de-DE&tz=Europe%2FBerlin&title=Page%20{page}",
            self.dice.roll(1 << 53),
            page % 12,
        );
        post(&visitor, &agents[visitor.agent], &body, request);
        let clicks = (self.clicks_every > 0 && self.viewed.is_multiple_of(self.clicks_every))
            .then(|| self.clicks(&visitor, agents));
        let next = if self.dice.roll(3) == 0 { self.newcomer() } else { visitor };
        self.open.push_back(next);
        clicks
    }

    /// A beacon of three clicks on a page.
    fn clicks(&mut self, visitor: &Visitor, agents: &[String]) -> String {
        let mut body =
            "site_id=1&type=heatmap&mime=json&href=https%3A%2F%2Fbakery.example%2Fsection-1%2Fpage-1"
                .to_owned();
        for _ in 0..3 {
            let (x, y) = (self.dice.roll(1_400), self.dice.roll(3_000));
            let (number, left, top) = (self.dice.roll(60), self.dice.roll(10_001), self.dice.roll(10_001));
            write!(
                body,
                "&click%5B%5D={x}%7C{y}%7C1400%7C{left}%7C{top}%7C0%7Cmain%20%3E%20a%3Anth-of-type({number})%7COrder"
            )
            .unwrap();
        }
        let mut request = String::new();
        post(visitor, &agents[visitor.agent], &body, &mut request);
        request
    }
}

/// Writes the request of a beacon.
fn post(visitor: &Visitor, agent: &str, body: &str, request: &mut String) {
    let [a, b, c, d] = visitor.address.to_be_bytes();
    request.clear();
    write!(
        request,
        "POST /in.php HTTP/1.1\r\nHost: stats.example\r\nUser-Agent: {agent}\r\nX-Forwarded-For: {a}.{b}.{c}.{d}\r\nAccept-Encoding: gzip\r\nOrigin: https://bakery.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    )
    .unwrap();
}

fn agents() -> Vec<String> {
    let systems = [
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "Linux; Android 10; K",
    ];
    (0..AGENTS)
        .map(|number| {
            let system = systems[number % systems.len()];
            format!(
                "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
                90 + number / 4
            )
        })
        .collect()
}

/// What one connection saw.
struct Seen {
    latencies: Histogram<u64>,
    kept: u64,
    refused: u64,
}

impl Seen {
    fn nothing() -> Self {
        Self { latencies: Histogram::new(3).unwrap(), kept: 0, refused: 0 }
    }
}

/// The head of an answer, in small letters, and what follows it.
fn parts(answer: &[u8]) -> Option<(String, &[u8])> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase(), &answer[end + 4..]))
}

/// Whether an answer has come to its end: whoever names a number is told in a few bytes whether it may be kept.
fn is_whole(answer: &[u8]) -> bool {
    parts(answer).is_some_and(|(head, body)| {
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        body.len() >= length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
    })
}

/// Whether the hit is on the disk: what is left out is answered alike, with its reason.
fn is_kept(answer: &[u8]) -> bool {
    parts(answer).is_some_and(|(head, _)| {
        (head.starts_with("http/1.1 200") || head.starts_with("http/1.1 204"))
            && !head.contains("x-clickstead-reason:")
    })
}

/// One connection, over which one request follows the other.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
    seen: Seen,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, answer: vec![0; 4_096], seen: Seen::nothing() }
    }

    async fn send(&mut self, request: &str) {
        let sent = Instant::now();
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut length = 0;
        while !is_whole(&self.answer[..length]) {
            let read = self.stream.read(&mut self.answer[length..]).await.unwrap();
            assert!(read > 0, "the server closed the connection");
            length += read;
        }
        self.seen.latencies.record(u64::try_from(sent.elapsed().as_micros()).unwrap()).unwrap();
        if is_kept(&self.answer[..length]) {
            self.seen.kept += 1;
        } else {
            self.seen.refused += 1;
        }
    }
}

/// Sends page views until a time, and leaves the clicks to others.
async fn drive(
    address: SocketAddr,
    until: Instant,
    mut crowd: Crowd,
    agents: &[String],
    clicks: Sender<String>,
) -> Seen {
    let mut connection = Connection::open(address).await;
    let mut request = String::with_capacity(1_024);
    while Instant::now() < until {
        let clicked = crowd.request(agents, &mut request);
        connection.send(&request).await;
        if let Some(clicked) = clicked {
            clicks.send(clicked).await.unwrap();
        }
    }
    connection.seen
}

/// Sends beacons of clicks until no more come.
async fn click(address: SocketAddr, clicks: &tokio::sync::Mutex<Receiver<String>>) -> Seen {
    let mut connection = Connection::open(address).await;
    loop {
        let next = clicks.lock().await.recv().await;
        let Some(request) = next else { return connection.seen };
        connection.send(&request).await;
    }
}

fn main() {
    let parameters = Parameters::read();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("bench.db");
    server::init(&file);
    if parameters.monitors > 0 {
        monitors::set_up(&file, parameters.monitors);
    }
    if parameters.clicks_every > 0 {
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.execute("update sites set heatmap_pages = '/*'", []).unwrap();
    }
    machine::print();
    println!(
        "parameters: {} s each, {} visitors in flight, {PAGES} pages, {AGENTS} agents, about 3 actions a visit, a beacon of 3 clicks every {} page views",
        parameters.seconds, parameters.visitors, parameters.clicks_every
    );
    let begun = Instant::now();
    let server = Server::start(&file);
    println!("start to the first answer: {} ms", begun.elapsed().as_millis());
    let (agents, mut kept) = (agents(), 0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for connections in &parameters.connections {
        let (begun, busy) = (Instant::now(), server.processor_seconds());
        let until = begun + Duration::from_secs(parameters.seconds);
        let (all, clicked) = runtime.block_on(async {
            let (sender, clicks) = tokio::sync::mpsc::channel(CLICK_CONNECTIONS);
            let clicks = tokio::sync::Mutex::new(clicks);
            let clicked = futures_util::future::join_all(
                (0..CLICK_CONNECTIONS).map(|_| click(server.address, &clicks)),
            );
            let drivers: Vec<_> = (0..*connections)
                .map(|connection| {
                    let visitors = parameters.visitors / connections;
                    let crowd =
                        Crowd::new(connection + connections * 1_000, visitors, parameters.clicks_every);
                    drive(server.address, until, crowd, &agents, sender.clone())
                })
                .collect();
            drop(sender);
            tokio::join!(futures_util::future::join_all(drivers), clicked)
        });
        let seconds = begun.elapsed().as_secs_f64();
        let mut latencies = Histogram::<u64>::new(3).unwrap();
        let busy = server.processor_seconds() - busy;
        let clicks: u64 = clicked.iter().map(|seen| seen.kept).sum();
        let (mut acknowledged, mut refused) = (0_u64, clicked.iter().map(|seen| seen.refused).sum::<u64>());
        for seen in all {
            latencies.add(&seen.latencies).unwrap();
            acknowledged += seen.kept;
            refused += seen.refused;
        }
        kept += acknowledged;
        #[expect(clippy::cast_precision_loss, reason = "figures for reading")]
        let (rate, processor, p50, p99) = (
            acknowledged as f64 / seconds,
            busy * 1_000_000.0 / acknowledged as f64,
            latencies.value_at_quantile(0.5) as f64 / 1_000.0,
            latencies.value_at_quantile(0.99) as f64 / 1_000.0,
        );
        println!(
            "{connections:>4} connections: {rate:>6.0} durable hits/s, p50 {p50:.1} ms, p99 {p99:.1} ms, {processor:.1} µs of a processor a hit, {clicks} beacons of clicks, {refused} refused, {} MiB resident, {kept} hits so far",
            server.resident_mib()
        );
    }
    let (before, watched) = (server.processor_seconds(), Instant::now());
    // A pause to measure the idle server by, not to wait for something.
    runtime.block_on(async { tokio::time::sleep(Duration::from_secs(5)).await });
    let idle = (server.processor_seconds() - before) / watched.elapsed().as_secs_f64() * 100.0;
    println!("idle: {idle:.1} % of a core");
    server.stop();
    if parameters.monitors > 0 {
        monitors::print(&file);
    }
    let connection = rusqlite::Connection::open(&file).unwrap();
    let stored: u64 = connection
        .query_row("select count(*) from actions", [], |row| row.get::<_, i64>(0))
        .unwrap()
        .try_into()
        .unwrap();
    let visits: i64 = connection.query_row("select count(*) from visits", [], |row| row.get(0)).unwrap();
    let bytes = fs::metadata(&file).unwrap().len();
    println!("file: {stored} actions in {visits} visits, {} bytes an action", bytes / stored.max(1));
    assert_eq!(stored, kept, "the file does not have as many hits as were acknowledged");
}
