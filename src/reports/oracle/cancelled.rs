//! A pass over days whose request is gone ends at the next day.

use super::super::columns::block::{Block, Projection, Selection};
use super::site::{Bench, DAYS, Made, ZONES};
use crate::error::Error;
use crate::reports::engine::aggregate::accumulator::Accumulator;
use crate::reports::engine::predicate::Predicate;
use crate::reports::engine::snapshot::Snapshot;
use crate::store::cancellation::Cancellation;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// A query whose request is cancelled once it has visited a block.
#[derive(Default)]
struct Left {
    looks: Arc<AtomicI32>,
    cancellation: Cancellation,
}

impl Accumulator for Left {
    fn needs(&self, _: &mut Projection) {}

    fn update(&mut self, _: &Block, _: &Selection) {
        self.looks.fetch_add(1, Ordering::Relaxed);
        drop(self.cancellation.on_drop());
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self { looks: Arc::clone(&self.looks), cancellation: self.cancellation.clone() })
    }

    fn merge(&mut self, _: Box<dyn Accumulator>) {}
}

/// Returns a site with so many visits on each day.
fn bench(visits: i64) -> Bench {
    let mut bench = Bench::new(ZONES[5]);
    let one = |day: i64, number: i64| Made {
        minute: day * 1_440 + 60 + number,
        visitor: number,
        channel: 0,
        stay: 0,
        words: [0; 8],
        traits: 0,
        actions: vec![(0, 4, 5)],
        custom: vec![],
        goals: vec![],
    };
    let made: Vec<Made> =
        (0..i64::from(DAYS)).flat_map(|day| (1..=visits).map(move |number| one(day, number))).collect();
    bench.add(&made);
    bench
}

fn looks(bench: &Bench) -> i32 {
    let now = bench.site.zone.start(bench.first.plus(DAYS + 3));
    let mut left = Left::default();
    let snapshot = Snapshot::new(&bench.connection, &bench.days, now, bench.days.position());
    let snapshot = snapshot.until(left.cancellation.clone());
    let outcome = snapshot.run(&bench.site, bench.range(), &Predicate::everything(), &mut [&mut left]);
    assert!(matches!(outcome, Err(Error::Abandoned)), "{outcome:?}");
    left.looks.load(Ordering::Relaxed)
}

#[test]
fn a_pass_over_days_ends_when_nobody_waits_for_it() {
    assert_eq!(looks(&bench(1)), 1);
}

#[test]
fn a_pass_on_all_processors_ends_when_nobody_waits_for_it() {
    let mut bench = bench(8);
    bench.seal(bench.site.zone.start(bench.first.plus(DAYS + 3)));
    let lanes = std::thread::available_parallelism().map_or(1, usize::from);
    assert!(looks(&bench) <= i32::try_from(lanes).unwrap());
}
