//! How many hits a second are acknowledged, each on the disk, when a program sends them to the API in batches, over real HTTP
//! on loopback, with client and server on the same machine. Prints its figures, the machine and its parameters, and checks
//! the count in the file.
//!
//! `cargo bench --bench batches -- [--seconds N] [--connections A,B] [--hits N] [--visitors N]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and fails by panicking"
)]

mod machine;
mod server;

use self::server::Server;
use hdrhistogram::Histogram;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a run is told.
struct Parameters {
    seconds: u64,
    connections: Vec<usize>,
    /// Hits in a batch.
    hits: usize,
    /// Visitors in flight, over all connections; each ends after three actions on average.
    visitors: usize,
}

impl Parameters {
    fn read() -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let value =
            |name: &str| arguments.iter().position(|known| known == name).map(|at| arguments[at + 1].clone());
        let number = |name: &str, default: usize| value(name).map_or(default, |text| text.parse().unwrap());
        let connections = value("--connections").unwrap_or_else(|| "2,4".into());
        Self {
            seconds: number("--seconds", 20).try_into().unwrap(),
            connections: connections.split(',').map(|text| text.parse().unwrap()).collect(),
            hits: number("--hits", 1_000),
            visitors: number("--visitors", 4_096),
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

const PAGES: u64 = 500;
const AGENTS: u64 = 200;

/// One connection's visitors, each of whom looks at page after page, and the ids of their hits.
struct Crowd {
    dice: Dice,
    /// Address and number of the agent.
    open: Vec<(u32, u64)>,
    /// The beginning of all ids; none if hits have none.
    ids: Option<u64>,
    sent: u64,
}

impl Crowd {
    fn new(connection: usize, visitors: usize, has_ids: bool) -> Self {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (connection as u64 + 1) << 20);
        let open = (0..visitors.max(1)).map(|_| newcomer(&mut dice)).collect();
        let ids = has_ids.then(|| dice.roll(u64::MAX));
        Self { dice, open, ids, sent: 0 }
    }

    /// The next batch; a visitor stays for another page two times out of three.
    fn request(&mut self, key: &str, hits: usize, request: &mut Vec<u8>) {
        let mut body = String::with_capacity(hits * 320);
        body.push_str("{\"hits\":[");
        for number in 0..hits {
            let index = usize::try_from(self.dice.roll(self.open.len() as u64)).unwrap();
            let (address, agent) = self.open[index];
            let ([a, b, c, d], page) = (address.to_be_bytes(), self.dice.roll(PAGES));
            if number > 0 {
                body.push(',');
            }
            body.push('{');
            if let Some(ids) = self.ids {
                write!(body, "\"id\":\"{ids:x}-{}\",", self.sent).unwrap();
            }
            write!(
                body,
                "\"type\":\"pageview\",\"href\":\"https://bakery.example/section-{}/page-{page}\",\"title\":\"Page {page}\",\"ip_address\":\"{a}.{b}.{c}.{d}\",\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36\",\"screen\":\"1920x1080\"}}",
                page % 12,
                agent + 1,
            )
            .unwrap();
            self.sent += 1;
            if self.dice.roll(3) == 0 {
                self.open[index] = newcomer(&mut self.dice);
            }
        }
        body.push_str("]}");
        request.clear();
        let head = format!(
            "POST /api/v1/sites/1/hits HTTP/1.1\r\nHost: stats.example\r\nX-Site-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(body.as_bytes());
    }
}

fn newcomer(dice: &mut Dice) -> (u32, u64) {
    // 24.0.0.0 to 75.255.255.255: ordinary addresses.
    ((24 << 24) + u32::try_from(dice.roll(52 << 24)).unwrap(), dice.roll(AGENTS))
}

/// What one connection saw.
struct Seen {
    latencies: Histogram<u64>,
    recorded: u64,
    /// Batches that were told to come again.
    busy: u64,
}

/// Reads an answer; its status and body.
async fn answer(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> (u16, String) {
    bytes.clear();
    loop {
        let read = stream.read_buf(bytes).await.unwrap();
        assert!(read > 0, "the server closed the connection");
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        while bytes.len() < end + 4 + length {
            assert!(stream.read_buf(bytes).await.unwrap() > 0, "the server closed the connection");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        return (status, String::from_utf8_lossy(&bytes[end + 4..]).into_owned());
    }
}

async fn drive(address: SocketAddr, until: Instant, mut crowd: Crowd, key: &str, hits: usize) -> Seen {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut seen = Seen { latencies: Histogram::new(3).unwrap(), recorded: 0, busy: 0 };
    let (mut request, mut bytes) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        crowd.request(key, hits, &mut request);
        let sent = Instant::now();
        stream.write_all(&request).await.unwrap();
        let (status, body) = answer(&mut stream, &mut bytes).await;
        seen.latencies.record(u64::try_from(sent.elapsed().as_micros()).unwrap()).unwrap();
        match status {
            200 => {
                let (_, count) = body.rsplit_once("\"recorded\":").unwrap();
                seen.recorded += count.split(',').next().unwrap().parse::<u64>().unwrap();
            }
            503 => seen.busy += 1,
            _ => assert_eq!(status, 200, "{body}"),
        }
    }
    seen
}

/// Sends batches over some connections; the hits recorded.
fn run(server: &Server, parameters: &Parameters, key: &str, connections: usize, has_ids: bool) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let begun = Instant::now();
    let until = begun + Duration::from_secs(parameters.seconds);
    let all = runtime.block_on(async {
        let drivers = (0..connections).map(|connection| {
            let number = connection + connections * 1_000 + usize::from(has_ids) * 100;
            let crowd = Crowd::new(number, parameters.visitors / connections, has_ids);
            drive(server.address, until, crowd, key, parameters.hits)
        });
        futures_util::future::join_all(drivers).await
    });
    let seconds = begun.elapsed().as_secs_f64();
    let mut latencies = Histogram::<u64>::new(3).unwrap();
    let (mut recorded, mut busy) = (0, 0);
    for seen in all {
        latencies.add(&seen.latencies).unwrap();
        recorded += seen.recorded;
        busy += seen.busy;
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for reading")]
    let (rate, p50, p99) = (
        recorded as f64 / seconds,
        latencies.value_at_quantile(0.5) as f64 / 1_000.0,
        latencies.value_at_quantile(0.99) as f64 / 1_000.0,
    );
    println!(
        "{connections:>2} connections, {} ids: {rate:>6.0} durable hits/s, a batch p50 {p50:.0} ms, p99 {p99:.0} ms, {busy} told to come again, {} MiB resident",
        if has_ids { "with" } else { "no" },
        server.resident_mib()
    );
    recorded
}

fn main() {
    let parameters = Parameters::read();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("bench.db");
    server::init(&file);
    machine::print();
    println!(
        "parameters: {} s each, batches of {} hits, {} visitors in flight, {PAGES} pages, {AGENTS} agents, about 3 actions a visit",
        parameters.seconds, parameters.hits, parameters.visitors
    );
    let open = || rusqlite::Connection::open(&file).unwrap();
    let key: String =
        open().query_row("select site_key from sites where id = 1", [], |row| row.get(0)).unwrap();
    let server = Server::start(&file);
    let mut recorded = 0;
    for connections in &parameters.connections {
        for has_ids in [false, true] {
            recorded += run(&server, &parameters, &key, *connections, has_ids);
        }
    }
    server.stop();
    let count = |table: &str| -> u64 {
        let sql = format!("select count(*) from {table}");
        open().query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap()
    };
    let stored = count("actions");
    let bytes = fs::metadata(&file).unwrap().len();
    println!(
        "file: {stored} actions in {} visits, {} ids and {} runs of the newest, {} bytes an action",
        count("visits"),
        count("sent_hits"),
        count("sent_runs"),
        bytes / stored.max(1)
    );
    assert_eq!(stored, recorded, "the file does not have as many hits as were acknowledged");
}
