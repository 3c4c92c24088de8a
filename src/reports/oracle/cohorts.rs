//! Cohorts of random sites are those that plain SQL counts, in live and in sealed days, at once and in parts.

use super::super::date_range::{DateRange, Unit};
use super::super::engine::Engine;
use super::super::engine::sqlite_engine::SqliteEngine;
use super::super::query::{Query, Wants};
use super::super::visibility::Visibility;
use super::conditions;
use super::site::{Bench, DAYS, Made, ZONES, go_on, made};
use super::sql;
use crate::model::clock::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The visitors by the first day of their cohort and that of the period in which they came.
type Counts = BTreeMap<(i32, i32), i64>;

/// Returns the cohorts as SQL counts them: visits by the first day of their week or month.
fn expected(bench: &Bench, unit: Unit, range: DateRange, condition: &str) -> (Counts, i64) {
    let connection = &bench.connection;
    sql::prepare(connection, bench.site.zone.name());
    let period = match unit {
        // 1 January 1970 was a Thursday.
        Unit::Week => "day - (day + 3) % 7".to_owned(),
        _ => "unixepoch(day * 86400, 'unixepoch', 'start of month') / 86400".to_owned(),
    };
    let known = "visits.visitor_id < 9007199254740992";
    let sql = format!(
        "with came as (
           select distinct visits.visitor_id as visitor, {period} as period
           from visits join local using (id) where {known} and day between ?1 and ?2),
         begun as (
           select visits.visitor_id as visitor, min({period}) as cohort
           from whole as visits join local using (id)
           where {known} and flags & 1 and day between ?1 and ?2 and {condition} group by 1)
         select cohort, period, count(*) from begun join came using (visitor)
         where period >= cohort group by 1, 2"
    );
    let mut question = connection.prepare(&sql).unwrap();
    let bound = (range.first.0, range.last.0);
    let rows = question.query_map(bound, |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).unwrap();
    let counts = rows.map(Result::unwrap).collect();
    let sql = format!(
        "select count(*) from whole as visits join local using (id)
         where not {known} and flags & 1 and day between ?1 and ?2 and {condition}"
    );
    (counts, connection.query_row(&sql, bound, |row| row.get(0)).unwrap())
}

fn agree(bench: &Bench, now: Timestamp, unit: Unit, range: DateRange, filters: &[super::Filter]) {
    let query = Query::new(bench.site.clone(), range, Visibility::everything());
    let query = Query {
        filters: filters.to_vec(),
        wants: Wants { retention: Some(unit), ..Wants::default() },
        ..query
    };
    let found =
        bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query).unwrap().retention.unwrap());
    let today = bench.site.zone.day(now);
    let whole =
        DateRange { first: unit.around(range.first).first, last: unit.around(range.last).last.min(today) };
    let starts: Vec<i32> =
        found.cohorts.iter().map(|cohort| unit.around(cohort.days.first).first.0).collect();
    let counted = found.cohorts.iter().enumerate().flat_map(|(place, cohort)| {
        let starts = &starts;
        let of_cohort = cohort.visitors.iter().zip(&starts[place..]);
        of_cohort.map(move |(visitors, period)| ((starts[place], *period), *visitors))
    });
    let counted: Counts = counted.filter(|(_, visitors)| *visitors > 0).collect();
    let (expected, unrecognized) = expected(bench, unit, whole, &conditions::all(filters));
    assert_eq!((counted, found.unrecognized), (expected, unrecognized), "{unit:?} {whole:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cohorts_are_those_of_plain_sql(
        zone in 0..ZONES.len(),
        made in prop::collection::vec((made(), any::<bool>()), 0..40),
        longer in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..900_000), 0..6),
        days in (0..DAYS, 0..DAYS),
        filters in prop::collection::vec(conditions::condition(), 0..2),
        unit in prop_oneof![Just(Unit::Week), Just(Unit::Month)],
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        // Some visitors are recognized for a day only.
        let known = |(made, is_known): (Made, bool)| Made {
            visitor: if is_known { made.visitor } else { made.visitor + (1 << 53) },
            ..made
        };
        bench.add(&made.into_iter().map(known).collect::<Vec<_>>());
        let (first, last) = (days.0.min(days.1), days.0.max(days.1));
        let range = DateRange { first: bench.first.plus(first), last: bench.first.plus(last) };
        let during = bench.site.zone.start(bench.first.plus(DAYS - 1));
        agree(&bench, during, unit, range, &filters);
        go_on(&mut bench, &longer);
        agree(&bench, during, unit, range, &filters);
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        bench.seal(settled);
        agree(&bench, settled, unit, range, &filters);
    }
}
