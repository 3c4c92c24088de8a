//! Monitors beside a benchmark: so many of them, each checked every minute, and the server that they check.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// Monitors of one site.
const PER_SITE: usize = 10;

/// Adds monitors to new sites, due one after another over a minute, and starts the server that they check.
pub fn set_up(file: &Path, count: usize) {
    let address = serve();
    for site in 0..count.div_ceil(PER_SITE) {
        let added = Command::new(env!("CARGO_BIN_EXE_clickstead"))
            .args(["site", "add", &format!("site-{site}.example"), "--owner", "ada"])
            .env("CLICKSTEAD_DATA", file)
            .output()
            .unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut sites = connection.prepare("select id from sites where domain <> 'bakery.example'").unwrap();
    let sites: Vec<i64> = sites.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    for number in 0..count {
        let due_at = now + i64::try_from(number * 60_000 / count).unwrap();
        connection
            .execute(
                "insert into monitors (site_id, url, every_minutes, statuses, timeout_seconds, created_at, due_at)
                 values (?1, ?2, 1, '200', 10, ?3, ?3)",
                (sites[number / PER_SITE], format!("http://{address}/{number}"), due_at),
            )
            .unwrap();
    }
}

/// Prints how many checks were made.
pub fn print(file: &Path) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    println!(
        "monitors: {} checks, {} failed, the latest {} ms after it was due",
        count("select count(*) from monitor_checks"),
        count("select count(*) from monitor_checks where problem is not null"),
        count("select max(checked_at + 60000 - due_at) from monitors where checked_at is not null"),
    );
}

/// Starts a server that answers everything at once.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            drop(stream.read(&mut [0; 4_096]));
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
        }
    });
    address
}
