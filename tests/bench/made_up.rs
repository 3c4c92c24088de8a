//! What a hit costs the server's processors whose texts somebody made up to cost much, beside an ordinary one. Each hit is a
//! new visitor's over real HTTP on loopback; the cost is the processor time of the whole serving process. Prints its
//! figures, the machine and its parameters, and fails when a made-up user agent or host costs more than three times the
//! ordinary hits before and after it.
//!
//! `cargo bench --bench made_up -- [--hits N] [--kind PART-OF-ITS-NAME]`

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

/// Connections that send at once.
const CONNECTIONS: u64 = 4;
/// Bytes of a made-up user agent.
const AGENT_BYTES: usize = 1_000;
/// What one with a made-up user agent or host may cost, in ordinary hits.
const RATIO_MAX: f64 = 3.0;

const ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const PRINTABLE: &[u8] =
    b" !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";
/// Words that rules for browsers, systems and robots look for.
const WORDS: [&str; 24] = [
    "Mozilla/5.0",
    "(X11; Linux",
    "Android 13;",
    "Mobile",
    "Safari/",
    "Version/1",
    "Chrome/131",
    "Firefox/",
    "Opera",
    "bot",
    "crawl",
    "Spider",
    "iPhone OS 1",
    "CPU",
    "like Mac OS X)",
    "Windows NT 10",
    "Trident/7",
    "compatible;",
    "Instagram 1",
    "FBAN/FB",
    "UCBrowser/",
    "Silk/",
    "Tizen",
    "AppleWebKit/537",
];

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn text(&mut self, alphabet: &[u8], bytes: usize) -> String {
        (0..bytes).map(|_| char::from(alphabet[self.roll(alphabet.len())])).collect()
    }

    fn words(&mut self, bytes: usize) -> String {
        let mut text = String::new();
        while text.len() < bytes {
            text.push_str(WORDS[self.roll(WORDS.len())]);
            text.push(' ');
        }
        text.truncate(bytes);
        text.trim_end().to_owned()
    }
}

/// What of a hit differs from an ordinary one.
#[derive(Default)]
struct Hit {
    site: Option<usize>,
    agent: Option<String>,
    address: Option<String>,
    language: String,
    fields: String,
}

type Make = fn(&mut Dice) -> Hit;

/// The kinds of hits: name, whether the bound holds for it, how one is made.
const KINDS: [(&str, bool, Make); 11] = [
    ("agent of 1,000 letters", true, |dice| with_agent(dice.text(ALPHANUMERIC, AGENT_BYTES))),
    ("agent of 1,000 letters and signs", true, |dice| with_agent(dice.text(PRINTABLE, AGENT_BYTES))),
    ("agent of 1,000 bytes of rules' words", true, |dice| with_agent(dice.words(AGENT_BYTES))),
    ("the same for a site that is not there", true, |dice| Hit {
        site: Some(1_000 + dice.roll(1 << 30)),
        ..with_agent(dice.words(AGENT_BYTES))
    }),
    ("the same from one address", true, |dice| Hit {
        address: Some("24.1.2.3".into()),
        ..with_agent(dice.words(AGENT_BYTES))
    }),
    ("referrer of 2,000 bytes", false, |dice| {
        with_fields(format!(
            "&ref=https%3A%2F%2F{}.example%2F{}",
            dice.text(ALPHANUMERIC, 60),
            dice.text(ALPHANUMERIC, 1_900)
        ))
    }),
    ("referrer's host of 2,000 letters", true, |dice| {
        with_fields(format!("&ref=https%3A%2F%2Fxn--{}%2F", dice.text(ALPHANUMERIC, 1_900)))
    }),
    ("address of 60,000 bytes", false, |dice| {
        with_fields(format!("&href=https%3A%2F%2F{}%2F", dice.text(ALPHANUMERIC, 60_000)))
    }),
    ("title of 500 and query of 2,000 bytes", false, |dice| {
        with_fields(format!(
            "&title={}&href=%2Fa%3F{}",
            dice.text(ALPHANUMERIC, 500),
            dice.text(ALPHANUMERIC, 1_900)
        ))
    }),
    ("language of 4,000 bytes", false, |dice| Hit {
        language: dice.text(ALPHANUMERIC, 4_000),
        ..Hit::default()
    }),
    ("custom data of 20 × 255 bytes", false, |dice| {
        let pair = |number| format!("&custom[k{number}]={}", dice.text(ALPHANUMERIC, 255));
        with_fields((0..20).map(pair).collect())
    }),
];

fn with_agent(agent: String) -> Hit {
    Hit { agent: Some(agent), ..Hit::default() }
}

fn with_fields(fields: String) -> Hit {
    Hit { fields, ..Hit::default() }
}

impl Hit {
    fn request(&self, dice: &mut Dice) -> String {
        let agent = self.agent.clone().unwrap_or_else(|| {
            format!(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
                90 + dice.roll(50)
            )
        });
        let address = self.address.clone().unwrap_or_else(|| {
            format!("{}.{}.{}.{}", 24 + dice.roll(52), dice.roll(256), dice.roll(256), dice.roll(256))
        });
        let body = format!(
            "site_id={}&type=pageview&mime=json&href=https%3A%2F%2Fbakery.example%2Fpage-{}&res=1920x1080&title=Page{}",
            self.site.unwrap_or(1),
            dice.roll(500),
            self.fields,
        );
        format!(
            "POST /in.php HTTP/1.1\r\nHost: stats.example\r\nUser-Agent: {agent}\r\nAccept-Encoding: gzip\r\nAccept-Language: de{}\r\nX-Forwarded-For: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.language,
            body.len(),
        )
    }
}

/// Sends hits one after the other, each when the one before is answered.
fn send(address: SocketAddr, make: Make, (hits, mut dice): (u64, Dice)) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = vec![0; 4_096];
    for _ in 0..hits {
        let hit = make(&mut dice);
        stream.write_all(hit.request(&mut dice).as_bytes()).unwrap();
        let mut length = 0;
        while !is_whole(&answer[..length]) {
            let read = stream.read(&mut answer[length..]).unwrap();
            assert!(read > 0, "the server closed the connection");
            length += read;
        }
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    answer.len() - end - 4 >= length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

/// Microseconds of a processor that a hit of a kind takes.
fn cost(server: &Server, make: Make, hits: u64) -> f64 {
    let before = server.processor_seconds();
    std::thread::scope(|scope| {
        for connection in 1..=CONNECTIONS {
            let dice = Dice(0x9e37_79b9_7f4a_7c15 ^ connection << 20);
            scope.spawn(move || send(server.address, make, (hits / CONNECTIONS, dice)));
        }
    });
    let taken = server.processor_seconds() - before;
    taken * 1e6 / f64::from(u32::try_from(hits).unwrap())
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value =
        |name: &str| arguments.iter().position(|known| known == name).map(|at| arguments[at + 1].as_str());
    let hits: u64 = value("--hits").map_or(8_000, |text| text.parse().unwrap());
    let kind = value("--kind").unwrap_or_default();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("bench.db");
    server::init(&file);
    machine::print();
    println!("parameters: {hits} hits of each kind, {CONNECTIONS} connections, each hit a new visitor's");
    let server = Server::start(&file);
    let ordinary: Make = |_| Hit::default();
    // The patterns are compiled, the file has its first pages.
    cost(&server, ordinary, hits);
    let mut before = cost(&server, ordinary, hits);
    println!("{:<40} {before:>7.0} µs of a processor a hit", "ordinary");
    let mut too_costly = Vec::new();
    for (name, is_bound, make) in KINDS.into_iter().filter(|(name, ..)| name.contains(kind)) {
        let made_up = cost(&server, make, hits);
        let after = cost(&server, ordinary, hits);
        let ratio = 2.0 * made_up / (before + after);
        println!("{name:<40} {made_up:>7.0} µs of a processor a hit, {ratio:.1} times an ordinary one");
        if is_bound && ratio > RATIO_MAX {
            too_costly.push(name);
        }
        before = after;
    }
    server.stop();
    assert!(too_costly.is_empty(), "more than {RATIO_MAX} times an ordinary hit: {too_costly:?}");
}
