//! A visibility restricted to some visits: its numbers are those of a data file without the others.

use super::conditions;
use super::questions::sorted;
use super::site::{Bench, DAYS, Made, ZONES, made};
use super::sql::{by_visits, items, prepare};
use crate::limits::EngineLimits;
use crate::model::clock::Timestamp;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::catalogue;
use crate::reports::engine::aggregate::accumulator::Accumulator;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::aggregate::totals::{ByDay, ByHour, Totals};
use crate::reports::engine::predicate::Predicate;
use crate::reports::filter::Filter;
use crate::reports::visibility::Visibility;
use crate::store;
use proptest::prelude::*;
use rusqlite::Connection;
use std::path::Path;

/// Returns a copy of the data file without other visits than these, and without new visitors.
fn alone(bench: &Bench, within: &[Filter]) -> Connection {
    let connection = store::open(Path::new(bench.connection.path().unwrap()), false).unwrap();
    let zone = bench.site.zone.name();
    prepare(&connection, zone);
    let condition = conditions::all(within);
    connection
        .execute_batch(&format!(
            "create temp table kept as select id from whole as visits join local using (id) where {condition};
             drop view whole;
             create temp table visits as select * from main.visits where id in (select id from kept);
             update temp.visits set flags = flags & ~1;"
        ))
        .unwrap();
    prepare(&connection, zone);
    connection
}

fn agree(bench: &Bench, now: Timestamp, within: &[Filter], filters: &[Filter]) {
    let (alone, condition, range) = (alone(bench, within), conditions::all(filters), bench.range());
    let visibility = Visibility::everything().restricted_to(within.to_vec());
    let predicate = Predicate::within(&bench.connection, &bench.site, &visibility, filters).unwrap();
    let without_kinds = |metrics: Metrics| Metrics::of_numbers(metrics.numbers());
    bench.ask(now, |snapshot| {
        let (mut totals, mut by_day, mut by_hour) = (Totals::default(), ByDay::default(), ByHour::default());
        let accumulators: &mut [&mut dyn Accumulator] = &mut [&mut totals, &mut by_day, &mut by_hour];
        snapshot.run(&bench.site, range, &predicate, accumulators).unwrap();
        let all = by_visits(&alone, "0", &condition, range).remove(&0).unwrap_or_default();
        assert_eq!(without_kinds(totals.0), all, "totals");
        let days = by_day.0.iter().filter(|(_, metrics)| metrics[Measure::Visits] > 0);
        let days = days.map(|(day, metrics)| (i64::from(day.0), without_kinds(*metrics))).collect();
        assert_eq!(by_visits(&alone, "day", &condition, range), days, "by day");
        let hours = (0..).zip(by_hour.0).filter(|(_, metrics)| metrics[Measure::Visits] > 0);
        let hours = hours.map(|(hour, metrics)| (hour, without_kinds(metrics))).collect();
        assert_eq!(by_visits(&alone, "hour", &condition, range), hours, "by hour");
        for report in catalogue::REPORTS {
            if let Some(dimension) = report.kind.dimension() {
                let mut counted = GroupBy::new(dimension.group_key);
                snapshot.run(&bench.site, range, &predicate, &mut [&mut counted]).unwrap();
                let expected = items(&alone, dimension.group_key, &condition, range);
                assert_eq!(sorted(&counted), expected, "{}", report.name);
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_of_some_visits_are_as_if_the_others_were_never_there(
        zone in 0..ZONES.len(),
        visits in prop::collection::vec(made(), 1..30),
        within in prop::collection::vec(conditions::condition(), 1..3),
        filters in prop::collection::vec(conditions::condition(), 0..2),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        let visits: Vec<Made> = visits;
        bench.add(&visits);
        let now = bench.site.zone.start(bench.first.plus(DAYS + 2));
        agree(&bench, now, &within, &filters);
        bench.seal(now);
        bench.days = super::BlockCache::new(bench.changes.clone(), EngineLimits::small());
        agree(&bench, now, &within, &filters);
    }
}
