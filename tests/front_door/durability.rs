//! The promise: a hit that was acknowledged is on the disk, whatever happens to the process.

use super::harness::{Desk, beacon, fields, view};
use super::http::Wire;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

const CONNECTIONS: usize = 6;
const KILLS: usize = 10;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Sends hits over one connection until it breaks; each that was acknowledged is told.
fn send_hits(
    address: std::net::SocketAddr,
    connection: usize,
    (round, over): (usize, &AtomicBool),
    acknowledged: &mpsc::Sender<String>,
) {
    let Ok(mut wire) = Wire::open(address) else { return };
    for number in 0.. {
        let path = format!("/{round}/{connection}/{number}");
        let from = format!("81.{connection}.{}.{}", number / 3 / 250 % 250, number / 3 % 250);
        let bytes = beacon(&from, &fields(&view(&path))).bytes(address);
        let answer = wire.send(&bytes).and_then(|()| wire.answer());
        match answer {
            Ok(answer) if answer.status < 300 => acknowledged.send(path).unwrap(),
            Ok(answer) => panic!("{path} was answered {}", answer.status),
            Err(_) => {
                assert!(over.load(Ordering::SeqCst), "the connection broke before the server was killed");
                return;
            }
        }
    }
}

#[test]
fn every_acknowledged_hit_survives_ten_kills_and_is_there_once() {
    let desk = Desk::with_site();
    let mut dice = Dice(20_261_124);
    let mut kept: Vec<String> = Vec::new();
    for round in 0..KILLS {
        let server = desk.serve();
        let (address, over) = (server.address, AtomicBool::new(false));
        let (tell, told) = mpsc::channel();
        let hits_before_the_kill = 40 + dice.roll(400);
        std::thread::scope(|scope| {
            for connection in 0..CONNECTIONS {
                let (tell, over) = (tell.clone(), &over);
                scope.spawn(move || send_hits(address, connection, (round, over), &tell));
            }
            drop(tell);
            kept.extend(told.iter().take(usize::try_from(hits_before_the_kill).unwrap()));
            over.store(true, Ordering::SeqCst);
            server.kill();
            kept.extend(told.iter());
        });
    }
    drop(desk.serve());
    let stored = desk.texts(
        "select substr(labels.text, length('https://bakery.example') + 1)
         from actions
         join visits on visits.site_id = actions.site_id and visits.id = actions.visit_id
         join labels on labels.id = actions.page",
    );
    let once: HashSet<&String> = stored.iter().collect();
    assert_eq!(once.len(), stored.len(), "a hit is there twice");
    let lost: Vec<&String> = kept.iter().filter(|path| !once.contains(path)).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged hits are lost: {lost:?}", lost.len(), kept.len());
    assert!(kept.len() > KILLS * 40);
    assert!(desk.text(&["check"]).contains("is whole"));
}

/// Sends clicks over one connection until it breaks, a hundred of each visit; each that was acknowledged is told.
fn send_clicks(
    address: std::net::SocketAddr,
    connection: usize,
    (round, over): (usize, &AtomicBool),
    acknowledged: &mpsc::Sender<String>,
) {
    let Ok(mut wire) = Wire::open(address) else { return };
    for number in 0.. {
        let from = format!("81.{connection}.{round}.{}", number / 100 + 1);
        let click = format!("{number}|{connection}|{}|0|0|0|main|", 1_000 + round);
        let owned = view("/clicked");
        let clicked = [("type", "heatmap"), ("href", "https://bakery.example/clicked"), ("click[]", &*click)];
        let views = (number % 100 == 0).then(|| fields(&owned));
        for (is_click, sent) in views.into_iter().map(|view| (false, view)).chain([(true, clicked.to_vec())])
        {
            let answer = wire.send(&beacon(&from, &sent).bytes(address)).and_then(|()| wire.answer());
            match answer {
                Ok(answer) if answer.status < 300 => {
                    assert_eq!(answer.header("x-clickstead-reason"), "");
                    if is_click {
                        acknowledged.send(format!("{number} {connection} {}", 1_000 + round)).unwrap();
                    }
                }
                Ok(answer) => panic!("{click} was answered {}", answer.status),
                Err(_) => {
                    assert!(over.load(Ordering::SeqCst), "the connection broke before the server was killed");
                    return;
                }
            }
        }
    }
}

#[test]
fn every_acknowledged_click_survives_three_kills_and_is_there_once() {
    let desk = Desk::with_site();
    desk.text(&["site", "heatmaps", "1", "--page", "/*"]);
    let mut kept: Vec<String> = Vec::new();
    for round in 0..3 {
        let server = desk.serve();
        let (address, over) = (server.address, AtomicBool::new(false));
        let (tell, told) = mpsc::channel();
        std::thread::scope(|scope| {
            for connection in 0..CONNECTIONS {
                let (tell, over) = (tell.clone(), &over);
                scope.spawn(move || send_clicks(address, connection, (round, over), &tell));
            }
            drop(tell);
            kept.extend(told.iter().take(300));
            over.store(true, Ordering::SeqCst);
            server.kill();
            kept.extend(told.iter());
        });
    }
    drop(desk.serve());
    let stored = desk.texts("select x || ' ' || y || ' ' || width from heatmap_clicks");
    let once: HashSet<&String> = stored.iter().collect();
    assert_eq!(once.len(), stored.len(), "a click is there twice");
    let lost: Vec<&String> = kept.iter().filter(|click| !once.contains(click)).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged clicks are lost: {lost:?}", lost.len(), kept.len());
    assert!(kept.len() >= 900);
}

#[test]
fn a_restart_splits_no_visit() {
    let desk = Desk::with_site();
    for path in ["/a", "/b", "/c"] {
        let server = desk.serve();
        assert_eq!(server.hit("81.2.69.1", &fields(&view(path))).status, 204);
        server.kill();
    }
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select actions from visits"), 3);
    assert_eq!(desk.number("select max(number) from actions"), 3);
}

#[test]
fn what_was_accepted_is_kept_when_the_server_is_told_to_stop() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (address, stopped, kept) = (server.address, AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let (begun, begins) = mpsc::channel();
        // All are open before one of them has sent enough for the server to be stopped.
        let wires: Vec<Wire> = (0..CONNECTIONS).map(|_| Wire::open(address).unwrap()).collect();
        for (connection, mut wire) in wires.into_iter().enumerate() {
            let (stopped, kept, begun) = (&stopped, &kept, begun.clone());
            scope.spawn(move || {
                for number in 0.. {
                    let bytes =
                        beacon(&format!("81.1.{connection}.1"), &fields(&view(&format!("/{number}"))))
                            .bytes(address);
                    match wire.send(&bytes).and_then(|()| wire.answer()) {
                        Ok(answer) if answer.status == 204 => kept.fetch_add(1, Ordering::SeqCst),
                        Ok(answer) => {
                            assert!([400, 503].contains(&answer.status), "{}", answer.status);
                            return;
                        }
                        Err(_) => {
                            assert!(stopped.load(Ordering::SeqCst));
                            return;
                        }
                    };
                    if number == 20 {
                        begun.send(()).unwrap();
                    }
                }
            });
        }
        begins.recv().unwrap();
        stopped.store(true, Ordering::SeqCst);
        assert!(server.stop().success());
    });
    let stored = desk.number("select count(*) from actions");
    assert!(stored >= i64::try_from(kept.load(Ordering::SeqCst)).unwrap());
    assert!(!desk.file().with_extension("db-wal").exists(), "a write-ahead log was left behind");
}
