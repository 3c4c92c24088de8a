//! The test oracle: the same queries in plain SQL over the rows. For random sites both must agree, in every zone, over
//! both summer-time changes, after visits went on.

mod cancelled;
mod cohorts;
pub mod conditions;
mod engines;
mod funnels;
mod heatmaps;
mod hidden_revenue;
mod journeys;
mod lists;
mod lists_by_hand;
mod live;
mod page_uses;
pub mod questions;
mod restricted;
mod retention;
pub mod site;
mod sql;
mod sql_engine;
mod tables;
mod vitals;

use super::date_range::DateRange;
use super::dimension::{self, ACTION_STEPS, SECOND_STEPS};
use super::engine::block_cache::BlockCache;
use super::filter::Filter;
use crate::limits::EngineLimits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::VisitId;
use crate::store;
use proptest::prelude::*;
use questions::{agree, agree_on_visits, chronicles_agree, comparisons_agree, known_conditions, pairs_agree};
use site::{Bench, DAYS, Made, ZONES, erase, go_on, made, write};

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_and_plain_sql_agree_on_every_report(
        zone in 0..ZONES.len(),
        before in prop::collection::vec(made(), 0..25),
        after in prop::collection::vec(made(), 0..12),
        longer in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..900_000), 0..6),
        condition in 0..13_usize,
        days in (0..DAYS, 0..DAYS),
        late in prop::collection::vec(made(), 0..4),
        erased in prop::option::of(any::<prop::sample::Index>()),
        damage in any::<usize>(),
        other_zone in 0..ZONES.len(),
        hour in 0_i8..24,
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.goes_on = true;
        bench.add(&before);
        let (first, last) = (days.0.min(days.1), days.0.max(days.1));
        let part = DateRange { first: bench.first.plus(first), last: bench.first.plus(last) };
        // While all of the days may still change.
        let during = bench.site.zone.start(bench.first.plus(1));
        agree(&bench, during, bench.range(), &[], "true");
        // Late visits arrive, and existing ones go on, change their visitor and gain actions and custom data.
        bench.add(&after);
        go_on(&mut bench, &longer);
        let (wanted, sql) = known_conditions(&bench).remove(condition);
        let question = Question { part, wanted, sql };
        question.counts_agree(&bench, during);
        question.lists_agree(&bench, during);
        comparisons_agree(&bench, hour);
        agree(&bench, during, bench.range(), &[], "true");
        // Long after, the days are settled, and queries no longer read the rows.
        bench.goes_on = false;
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        question.counts_agree(&bench, settled);
        chronicles_agree(&bench, settled, part);
        // Sealed, with an empty cache, and once more with a full one.
        bench.seal(settled);
        bench.days = BlockCache::new(bench.changes.clone(), EngineLimits::small());
        for _ in 0..2 {
            question.counts_agree(&bench, settled);
        }
        question.lists_agree(&bench, settled);
        // Damaged, and rebuilt.
        bench.damage(damage);
        question.counts_agree(&bench, settled);
        bench.mend(settled);
        question.counts_agree(&bench, settled);
        // Late visits arrive, others are deleted, and the days are sealed again.
        bench.add(&late);
        erase(&mut bench, erased);
        question.counts_agree(&bench, settled);
        bench.seal(settled);
        question.counts_agree(&bench, settled);
        // The site moves to another zone, which shifts its days.
        bench.site.zone = Zone::parse(ZONES[other_zone].0).unwrap();
        question.counts_agree(&bench, settled);
        bench.seal(settled);
        question.counts_agree(&bench, settled);
    }
}

/// Filters, which are also a condition in SQL, over a part of the days.
struct Question {
    part: DateRange,
    wanted: Vec<Filter>,
    sql: String,
}

impl Question {
    /// Compares the counts of every report: of all visits of all days, and with the filters.
    fn counts_agree(&self, bench: &Bench, now: Timestamp) {
        agree(bench, now, bench.range(), &[], "true");
        agree(bench, now, self.part, &self.wanted, &self.sql);
    }

    /// Compares the lists, cross-tabulations and tables of every report.
    fn lists_agree(&self, bench: &Bench, now: Timestamp) {
        chronicles_agree(bench, now, self.part);
        pairs_agree(bench, now, self.part, (&self.wanted, &self.sql));
        tables::agree(bench, now, self.part, &self.wanted, &self.sql);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_filtered_by_whichever_operator_plain_sql_agrees(
        zone in 0..ZONES.len(),
        made in prop::collection::vec(made(), 1..30),
        single in prop::collection::vec(conditions::condition(), 20),
        together in prop::collection::vec(conditions::condition(), 2..4),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.add(&made);
        let now = bench.site.zone.start(bench.first.plus(DAYS + 2));
        sql::prepare(&bench.connection, bench.site.zone.name());
        for wanted in &single {
            agree_on_visits(&bench, now, std::slice::from_ref(wanted));
        }
        agree(&bench, now, bench.range(), &together, &conditions::all(&together));
    }
}

#[test]
fn a_visit_that_nobody_told_of_is_seen_all_the_same() {
    let mut bench = Bench::new(ZONES[0]);
    let one = Made {
        minute: 10,
        visitor: 1,
        channel: 0,
        stay: 0,
        words: [0; 8],
        traits: 0,
        actions: vec![(0, 4, 5)],
        custom: vec![],
        goals: vec![],
    };
    bench.add(std::slice::from_ref(&one));
    let now = bench.site.zone.start(bench.first.plus(1));
    agree(&bench, now, bench.range(), &[], "true");
    let (site, words) = (bench.site.id, bench.words.clone());
    let id = VisitId(VisitId::first_at(Timestamp(bench.site.zone.start(bench.first).0 + 3_600_000)).0);
    store::change(&mut bench.connection, |tx| write(tx, site, id, &one, &|place| words.get(place).copied()))
        .unwrap();
    agree(&bench, now, bench.range(), &[], "true");
}

#[test]
fn buckets_have_no_gap() {
    for (steps, bucket) in [
        (&ACTION_STEPS, dimension::bucket_of_actions as fn(u32) -> u32),
        (&SECOND_STEPS, dimension::bucket_of_seconds),
    ] {
        for (place, step) in steps.iter().enumerate() {
            assert_eq!(bucket(*step), u32::try_from(place).unwrap());
            assert_eq!(bucket(step.saturating_sub(1)), u32::try_from(place.saturating_sub(1)).unwrap());
        }
    }
}
