//! Queries about all visits have the same results before, during and after the pruning of old days.

use super::questions::wanted;
use super::site::{Bench, DAYS, Made, ZONES, made};
use super::sql::ids;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::VisitId;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::DictKey;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::GroupKey;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::aggregate::item_series::ItemSeries;
use crate::reports::engine::aggregate::totals::{ByDay, ByHour, Totals};
use crate::reports::engine::aggregate::visit_ids::VisitIds;
use crate::reports::engine::predicate::Predicate;
use crate::reports::engine::pruning::DayToPrune;
use crate::reports::engine::rollups;
use crate::reports::engine::snapshot::Snapshot;
use crate::store::{self, goals, retention};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

/// The results of a dimension: items with metrics, their subtitles, and their counts day by day.
type Counted = (BTreeMap<DictKey, Metrics>, BTreeMap<DictKey, DictKey>, BTreeMap<Day, Vec<i64>>);

/// The results of all queries about all visits.
#[derive(Debug, PartialEq)]
struct Answers {
    all: Metrics,
    days: BTreeMap<Day, Metrics>,
    hours: [Metrics; 24],
    items: Vec<Counted>,
}

fn answers(bench: &Bench, now: Timestamp, range: DateRange) -> Answers {
    bench.ask(now, |snapshot| {
        let (mut all, mut days, mut hours) = (Totals::default(), ByDay::default(), ByHour::default());
        let everything = Predicate::everything();
        snapshot.run(&bench.site, range, &everything, &mut [&mut all, &mut days, &mut hours]).unwrap();
        let items = rollups::dimensions().map(|(by, _)| items(snapshot, bench, by, range));
        days.0.retain(|_, metrics| metrics[Measure::Visits] > 0);
        Answers { all: all.0, days: days.0, hours: hours.0, items: items.collect() }
    })
}

fn items(snapshot: &Snapshot<'_>, bench: &Bench, by: GroupKey, range: DateRange) -> Counted {
    let mut counted = GroupBy::new(by);
    snapshot.run(&bench.site, range, &Predicate::everything(), &mut [&mut counted]).unwrap();
    // How pages were read goes with the visits.
    let found: BTreeMap<_, _> =
        counted.each().map(|(key, metrics)| (key, Metrics::of_stored(metrics.stored()))).collect();
    let beside = found.keys().filter_map(|key| Some((*key, counted.beside(*key)?))).collect();
    let groups: Vec<Vec<DictKey>> = found.keys().map(|key| vec![*key]).collect();
    let mut lines = ItemSeries::new(by, &groups, false);
    snapshot.run(&bench.site, range, &Predicate::everything(), &mut [&mut lines]).unwrap();
    (found, beside, lines.by_day)
}

/// Returns the visits that match a filter.
fn found(bench: &Bench, now: Timestamp, range: DateRange, country: &str) -> Vec<VisitId> {
    let predicate = Predicate::new(&bench.connection, &bench.site, &wanted("country", country)).unwrap();
    bench.ask(now, |snapshot| {
        let mut matching = VisitIds::default();
        snapshot.run(&bench.site, range, &predicate, &mut [&mut matching]).unwrap();
        matching.0
    })
}

/// Prunes a day up to some slices; returns false if none is due.
fn drop_day(bench: &mut Bench, now: Timestamp) -> bool {
    let leaving = bench.ask(now, |snapshot| DayToPrune::next(snapshot, &bench.site).unwrap());
    let Some(leaving) = leaving else { return false };
    assert!(store::change(&mut bench.connection, |tx| leaving.write(tx, now)).unwrap());
    let again = store::change(&mut bench.connection, |tx| leaving.write(tx, now)).unwrap();
    assert!(!again, "the same day was written twice");
    true
}

fn drop_slice(bench: &mut Bench) -> bool {
    let site = bench.site.id;
    store::change(&mut bench.connection, |tx| retention::drop_slice(tx, site, 3)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_asked_of_all_visits_is_answered_the_same_whatever_was_dropped(
        zone in 0..ZONES.len(),
        visits in prop::collection::vec(made(), 0..30),
        kept_from in 0..=DAYS,
        days in (0..DAYS, 0..DAYS),
        slices in 0..9_usize,
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.add(&visits);
        let (first, last) = (days.0.min(days.1), days.0.max(days.1));
        let part = DateRange { first: bench.first.plus(first), last: bench.first.plus(last) };
        let now = bench.site.zone.start(bench.first.plus(kept_from + 1)).after(Duration::from_hours(14));
        let whole = bench.range();
        let before = (answers(&bench, now, whole), answers(&bench, now, part));
        let kept = DateRange { first: bench.first.plus(kept_from), last: whole.last };
        let matching = found(&bench, now, kept, "DE");
        let site = bench.site.id;
        store::change(&mut bench.connection, |tx| retention::set_kept_days(tx, site, Some(1))).unwrap();
        let same = |bench: &Bench| {
            prop_assert_eq!(&answers(bench, now, whole), &before.0);
            prop_assert_eq!(&answers(bench, now, part), &before.1);
            Ok(())
        };
        while drop_day(&mut bench, now) {
            same(&bench)?;
            // It is cut off at some slice, and continues later.
            for _ in 0..slices {
                drop_slice(&mut bench);
                same(&bench)?;
            }
            while drop_slice(&mut bench) {}
            same(&bench)?;
        }
        let end = DateRange { first: kept.first, last: kept.first }.visits(&bench.site.zone).start;
        let left: i64 = bench.connection
            .query_row("select count(*) from visits where id < ?1", [end.0], |row| row.get(0)).unwrap();
        prop_assert_eq!(left, 0);
        prop_assert_eq!(found(&bench, now, whole, "DE"), matching);
    }
}

fn one(minute: i64, visitor: i64) -> Made {
    Made {
        minute,
        visitor,
        channel: 0,
        stay: 0,
        words: [0; 8],
        traits: 0,
        actions: vec![(0, 4, 5)],
        custom: vec![],
        goals: vec![],
    }
}

#[test]
fn a_later_change_of_the_time_zone_touches_no_totals_and_loses_no_visit() {
    let mut bench = Bench::new(ZONES[0]);
    bench.add(&[one(60, 1), one(1_430, 2), one(1_450, 3), one(3_000, 4)]);
    let site = bench.site.id;
    store::change(&mut bench.connection, |tx| retention::set_kept_days(tx, site, Some(1))).unwrap();
    let now = bench.site.zone.start(bench.first.plus(2)).after(Duration::from_hours(14));
    let before = answers(&bench, now, bench.range());
    while drop_day(&mut bench, now) {
        while drop_slice(&mut bench) {}
    }
    // In New York the oldest remaining visit began on the pruned day.
    bench.site.zone = crate::model::clock::Zone::parse("America/New_York").unwrap();
    let after = answers(&bench, now, bench.range());
    assert_eq!((after.all[Measure::Visits], after.all[Measure::Actions]), (4, before.all[Measure::Actions]));
    assert_eq!(after.days[&bench.first][Measure::Visits], 3, "two by totals, one by its visit");
    let day = bench.first;
    store::change(&mut bench.connection, |tx| {
        let zone = bench.site.zone.name();
        Ok(tx.execute("update sites set time_zone = ?1 where id = ?2", (zone, site.0))?)
    })
    .unwrap();
    // That day is pruned too, and adds to its rollups.
    while drop_day(&mut bench, now.after(Duration::from_hours(24))) {
        while drop_slice(&mut bench) {}
    }
    let last = answers(&bench, now, bench.range());
    assert_eq!(last.days[&day][Measure::Visits], 3);
    assert_eq!(last.all[Measure::Visits], 4);
}

#[test]
fn the_goals_of_pruned_days_add_up_to_their_conversions_once_one_is_removed() {
    let mut bench = Bench::new(ZONES[0]);
    let reached = |minute, visitor, goals| Made { goals, ..one(minute, visitor) };
    bench.add(&[
        reached(60, 1, vec![(0, 500, true), (1, 300, true)]),
        reached(70, 2, vec![(1, -200, true)]),
        reached(3_000, 3, vec![(1, 900, true)]),
    ]);
    let site = bench.site.id;
    store::change(&mut bench.connection, |tx| retention::set_kept_days(tx, site, Some(1))).unwrap();
    let now = bench.site.zone.start(bench.first.plus(2)).after(Duration::from_hours(14));
    while drop_day(&mut bench, now) {
        while drop_slice(&mut bench) {}
    }
    bench.change(|tx| {
        let signup = goals::find_named(tx, site, "signup")?.unwrap();
        goals::set_removed(tx, site, signup.id, Some(Timestamp(1)))?;
        Ok(ids(tx).into_iter().map(VisitId).collect())
    });
    let range = bench.range();
    let (all, goals) = bench.ask(now, |snapshot| {
        let mut all = Totals::default();
        snapshot.run(&bench.site, range, &Predicate::everything(), &mut [&mut all]).unwrap();
        (all.0, items(snapshot, &bench, GroupKey::Goal, range).0)
    });
    let figures = |metrics: &Metrics| {
        [Measure::Conversions, Measure::Earned, Measure::Refunded].map(|measure| metrics[measure])
    };
    let found: Vec<_> = goals.iter().map(|(goal, metrics)| (*goal, figures(metrics))).collect();
    let order = bench.connection.query_row("select id from goals where code = 'order'", [], |row| row.get(0));
    let order: i64 = order.unwrap();
    assert_eq!(found, [(0, [2, 300, 200]), (order.cast_unsigned(), [1, 500, 0])]);
    assert_eq!(
        figures(&all),
        [3, 800, 200],
        "what the removed goal counted on days whose visits are kept is gone"
    );
}
