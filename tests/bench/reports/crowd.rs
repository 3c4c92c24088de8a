//! Visitors who come while reports are asked for: so many hits a second, spread over connections that keep their pace.

use crate::http::{Wire, post};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const CONNECTIONS: u64 = 64;

pub struct Crowd {
    is_over: Arc<AtomicBool>,
    hits: Arc<AtomicU64>,
    begun: Instant,
    lanes: Vec<JoinHandle<()>>,
}

/// Sends a hit of a made-up visitor; how long it took until it was on the disk.
pub fn hit(wire: &mut Wire, address: SocketAddr, (visitor, number): (u64, u64)) -> Duration {
    let from = format!("24.{}.{}.{}", visitor >> 16 & 255, visitor >> 8 & 255, visitor & 255);
    let page = format!("https://bakery.example/section-{}/page-{}", number % 12, number % 500);
    let fields = [("site_id", "1"), ("type", "pageview"), ("mime", "json"), ("href", page.as_str())];
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    let request = post("/in.php", &fields)
        .header("Accept-Encoding", "gzip")
        .header("X-Forwarded-For", &from)
        .header("User-Agent", agent);
    let begun = Instant::now();
    wire.send(&request.bytes(address)).unwrap();
    let answer = wire.answer().unwrap();
    assert!(answer.status < 300, "{}", answer.status);
    begun.elapsed()
}

/// Lets so many hits a second come.
pub fn come(address: SocketAddr, a_second: u64) -> Crowd {
    let (is_over, hits) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let between = Duration::from_micros(CONNECTIONS * 1_000_000 / a_second);
    let lanes = (0..CONNECTIONS).map(|lane| {
        let (is_over, hits) = (Arc::clone(&is_over), Arc::clone(&hits));
        std::thread::spawn(move || {
            let mut wire = Wire::open(address).unwrap();
            let mut due = Instant::now();
            for number in 0_u64.. {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                due += between;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                // Three actions a visitor.
                let visitor = number / 3 * CONNECTIONS + lane;
                hit(&mut wire, address, (visitor, number));
                hits.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let lanes = lanes.collect();
    Crowd { is_over, hits, begun: Instant::now(), lanes }
}

impl Crowd {
    /// Sends everybody home; says how many hits a second were acknowledged.
    #[expect(clippy::cast_precision_loss, reason = "figures for reading")]
    pub fn stop(self) -> f64 {
        let rate = self.hits.load(Ordering::Relaxed) as f64 / self.begun.elapsed().as_secs_f64();
        self.is_over.store(true, Ordering::Relaxed);
        self.lanes.into_iter().for_each(|lane| lane.join().unwrap());
        rate
    }
}
