//! What a look at all alerts takes: a thousand sites with four weeks of traffic and five alerts each, on a server that takes a hit
//! of each site between two looks. Prints its figures, the machine and its parameters.
//!
//! `cargo bench --bench alerts -- [--sites N] [--visits N]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and fails by panicking"
)]

mod machine;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a look may take, once finished days are in memory, in milliseconds.
const LOOK_MAX: f64 = 1_000.0;
/// The looks that are measured after the first one.
const LOOKS: usize = 3;

fn number(name: &str, default: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let place = arguments.iter().position(|known| known == name);
    place.map_or(default, |at| arguments[at + 1].parse().unwrap())
}

/// Makes the sites: each with so many visits an hour, and five alerts.
fn make(file: &Path, sites: u64, visits: u64) {
    let made = Command::new(env!("CARGO_BIN_EXE_clickstead"))
        .args(["init", "--username", "ada", "--email", "ada@a.example", "--password-stdin"])
        .args(["--site", "s1.example", "--time-zone", "Europe/Berlin"])
        .env("CLICKSTEAD_DATA", file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    let mut made = made.unwrap();
    made.stdin.take().unwrap().write_all(b"a good password\n").unwrap();
    assert!(made.wait().unwrap().success());
    let connection = rusqlite::Connection::open(file).unwrap();
    connection
        .execute_batch(&format!(
            "begin;
             with recursive n (site) as (values (2) union all select site + 1 from n where site < {sites})
             insert into sites (id, owner_id, domain, name, time_zone, site_key, site_key_admin, created_at)
             select site, 1, 's' || site || '.example', 'S' || site, 'Europe/Berlin', 'k' || site, 'a' || site, 0 from n;
             with recursive hours (back) as (values (0) union all select back + 1 from hours where back < 29 * 24),
               v (number) as (values (1) union all select number + 1 from v where number < {visits})
             insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place)
             select sites.id, (((unixepoch() - unixepoch() % 3600 - back * 3600) + number * 7) * 1000 << 20) + number,
               back * 100 + number, 60000, 1, 1, 2, 0, 0, 0
             from sites, hours, v;
             insert into goals (site_id, name, code, is_set_up, created_at) select id, 'Order', 'order', 0, 0 from sites;
             insert into alerts (site_id, kind, threshold, percent, goal_id, mode, created_at)
             select sites.id, a.kind, a.threshold, a.percent, iif(a.kind = 'goal', goals.id, null), 'each', 0
             from sites join goals on goals.site_id = sites.id,
               (select 'spike' as kind, 30 as threshold, 100 as percent union all select 'drop', 50, 80
                union all select 'online', 100, 0 union all select 'goal', 0, 0 union all select 'silence', 24, 0) as a;
             commit;"
        ))
        .unwrap();
}

/// Sends a hit of each site.
fn send(address: &str, sites: u64) {
    let mut stream = TcpStream::connect(address).unwrap();
    for site in 1..=sites {
        let body = format!("site_id={site}&type=pageview&href=https%3A%2F%2Fs{site}.example%2F&mime=json");
        write!(
            stream,
            "POST /in.php HTTP/1.1\r\nHost: {address}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = [0; 2_048];
        assert!(stream.read(&mut answer).unwrap() > 0);
    }
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (sites, visits) = (number("--sites", 1_000), number("--visits", 2));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clickstead.db");
    make(&file, sites, visits);
    let mut server = Command::new(env!("CARGO_BIN_EXE_clickstead"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("CLICKSTEAD_DATA", &file)
        .env("CLICKSTEAD_LOG", "warn,clickstead::jobs=debug")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let address = first.split("http://").nth(1).unwrap().split(['/', ' ', '\n']).next().unwrap().to_owned();
    let lines = BufReader::new(server.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut looks = lines.filter(|line| line.contains("alerts looked")).map(|line| {
        let rest = line.split("milliseconds").nth(1).unwrap().trim_start_matches(['"', ':', '=']);
        rest.split([' ', ',', '}']).next().unwrap().parse::<f64>().unwrap()
    });
    machine::print();
    println!("{sites} sites, {visits} visits an hour for 29 days, {} alerts", sites * 5);
    println!("first look: {:.0} ms", looks.next().unwrap());
    let mut slowest: f64 = 0.0;
    for look in 1..=LOOKS {
        send(&address, sites);
        let took = looks.next().unwrap();
        println!("look {look}, after a hit of each site: {took:.0} ms");
        slowest = slowest.max(took);
    }
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(slowest <= LOOK_MAX, "a look takes {slowest:.0} ms, and may take {LOOK_MAX} ms");
}
