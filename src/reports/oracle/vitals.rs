//! Web vitals against a plain sort of all values.

use super::questions::known_conditions;
use super::site::{Bench, DAYS, ZONES, go_on, made};
use super::sql::prepare;
use crate::error::Error;
use crate::model::clock::Timestamp;
use crate::model::device_type::DeviceType;
use crate::model::vital::{VITALS, Vital, VitalRating};
use crate::reports::comparison::Comparison;
use crate::reports::date_range::DateRange;
use crate::reports::engine::Engine;
use crate::reports::engine::sqlite_engine::SqliteEngine;
use crate::reports::filter::Filter;
use crate::reports::query::{Query, VitalsSort, VitalsTable, VitalsWant, Wants};
use crate::reports::results::vitals::{VitalsResult, VitalsSummary};
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use crate::reports::visibility::Visibility;
use proptest::prelude::*;
use std::collections::BTreeMap;
use strum::{IntoEnumIterator, VariantArray};

/// The values of each vital of some measurements.
#[derive(Clone, Default)]
struct Values {
    measurements: i64,
    vitals: [Vec<u32>; VITALS],
}

impl Values {
    /// Compares a summary with the sorted values.
    fn agree(&mut self, summary: &VitalsSummary, about: &str) {
        assert_eq!(summary.measurements, self.measurements, "{about}");
        for (vital, values) in Vital::VARIANTS.iter().zip(&mut self.vitals) {
            values.sort_unstable();
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "few"
            )]
            let rank = (values.len() as f64 * 0.75).ceil() as usize;
            let found = summary.get(*vital);
            assert_eq!(found.p75, rank.checked_sub(1).map(|place| values[place]), "{vital:?}, {about}");
            for rating in VitalRating::VARIANTS {
                let count = values.iter().filter(|value| vital.rate(**value) == *rating).count();
                assert_eq!(found.rated(*rating), i64::try_from(count).unwrap(), "{rating:?}, {about}");
            }
        }
    }
}

/// Returns the values by device and page, read row by row.
fn told(bench: &Bench, range: DateRange, condition: &str) -> BTreeMap<(i64, String), Values> {
    let sql = format!(
        "select device_type, text, lcp, inp, cls
         from vitals
         join whole as visits on visits.id = vitals.visit_id
         join local using (id)
         join labels on labels.id = vitals.page
         where day between ?1 and ?2 and {condition}"
    );
    let mut question = bench.connection.prepare(&sql).unwrap();
    let mut rows = question.query((range.first.0, range.last.0)).unwrap();
    let mut found: BTreeMap<(i64, String), Values> = BTreeMap::new();
    while let Some(row) = rows.next().unwrap() {
        let values = found.entry((row.get(0).unwrap(), row.get(1).unwrap())).or_default();
        values.measurements += 1;
        for (place, of_vital) in values.vitals.iter_mut().enumerate() {
            of_vital.extend(row.get::<_, Option<u32>>(place + 2).unwrap());
        }
    }
    found
}

/// Adds up the values that are asked for.
fn sum(told: &BTreeMap<(i64, String), Values>, fits: impl Fn(i64, &str) -> bool) -> Values {
    let mut sum = Values::default();
    for ((_, _), values) in told.iter().filter(|((device, page), _)| fits(*device, page)) {
        sum.measurements += values.measurements;
        for (all, more) in sum.vitals.iter_mut().zip(&values.vitals) {
            all.extend(more);
        }
    }
    sum
}

fn table(sort: VitalsSort, is_ascending: bool, page: Page) -> VitalsTable {
    VitalsTable { sort, is_ascending, search: Search::Everything, page }
}

const ALL: Page = Page { number: 1, rows: 100 };

fn ask(bench: &Bench, now: Timestamp, query: &Query, want: VitalsWant) -> VitalsResult {
    let query = query.with(Wants { vitals: Some(want), ..Wants::default() });
    bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query)).unwrap().vitals.unwrap()
}

/// Compares the web vitals of all devices and of each.
fn agree(bench: &Bench, now: Timestamp, range: DateRange, (wanted, condition): (&[Filter], &str)) {
    prepare(&bench.connection, bench.site.zone.name());
    let told = told(bench, range, condition);
    let query = Query::new(bench.site.clone(), range, Visibility::everything());
    let query = Query { filters: wanted.to_vec(), ..query };
    for device in std::iter::once(None).chain(DeviceType::iter().map(Some)) {
        let is_meant = |code: i64| device.is_none_or(|device| device.code() == code);
        let want = VitalsWant { device, table: table(VitalsSort::Measurements, false, ALL) };
        let found = ask(bench, now, &query, want);
        sum(&told, |code, _| is_meant(code)).agree(&found.overall.now, "overall");
        for (device, summary) in &found.devices {
            sum(&told, |code, _| code == device.code()).agree(&summary.now, device.name());
        }
        let pages: std::collections::BTreeSet<&str> =
            told.keys().filter(|(code, _)| is_meant(*code)).map(|(_, page)| page.as_str()).collect();
        assert_eq!((found.pages.len(), found.count), (pages.len(), pages.len()));
        for page in &found.pages {
            let name = page.name.filter.as_str();
            sum(&told, |code, page| is_meant(code) && page == name).agree(&page.summary.now, name);
        }
    }
    orders_agree(bench, now, &query);
}

/// Compares each order with the pages of its table, and checks that it is one.
fn orders_agree(bench: &Bench, now: Timestamp, query: &Query) {
    let sorts = Vital::VARIANTS.iter().copied().map(VitalsSort::Vital).chain([VitalsSort::Measurements]);
    for (sort, is_ascending) in sorts.flat_map(|sort| [(sort, true), (sort, false)]) {
        let pages = |page: Page| {
            ask(bench, now, query, VitalsWant { device: None, table: table(sort, is_ascending, page) }).pages
        };
        let all = pages(ALL);
        let value = |summary: &VitalsSummary| match sort {
            VitalsSort::Measurements => Some(summary.measurements),
            VitalsSort::Vital(vital) => summary.get(vital).p75.map(i64::from),
        };
        let ordered =
            all.is_sorted_by(|one, next| match (value(&one.summary.now), value(&next.summary.now)) {
                (Some(one), Some(next)) if is_ascending => one <= next,
                (Some(one), Some(next)) => one >= next,
                (None, Some(_)) => false,
                (_, None) => true,
            });
        assert!(ordered, "{sort:?}");
        let names = |pages: &[crate::reports::results::vitals::VitalsPage]| -> Vec<String> {
            pages.iter().map(|page| page.name.filter.clone()).collect()
        };
        let one_by_one: Vec<String> =
            (1..=6).flat_map(|number| names(&pages(Page { number, rows: 2 }))).collect();
        assert_eq!(one_by_one, names(&all)[..all.len().min(12)], "{sort:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn percentiles_and_ratings_are_those_of_a_plain_sort(
        zone in 0..ZONES.len(),
        visits in prop::collection::vec(made(), 0..40),
        longer in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..900_000), 0..6),
        condition in 0..13_usize,
        days in (0..DAYS, 0..DAYS),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.goes_on = true;
        bench.add(&visits);
        let during = bench.site.zone.start(bench.first.plus(1));
        agree(&bench, during, bench.range(), (&[], "true"));
        go_on(&mut bench, &longer);
        let part = DateRange { first: bench.first.plus(days.0.min(days.1)), last: bench.first.plus(days.0.max(days.1)) };
        let (wanted, sql) = known_conditions(&bench).remove(condition);
        agree(&bench, during, bench.range(), (&[], "true"));
        agree(&bench, during, part, (&wanted, &sql));
        bench.goes_on = false;
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        bench.seal(settled);
        agree(&bench, settled, bench.range(), (&[], "true"));
        agree(&bench, settled, part, (&wanted, &sql));
        // A period that still runs would be compared with a part of the earlier one.
        compared(&bench, bench.site.zone.start(bench.first.plus(3 * DAYS)), part);
    }
}

/// Compares the comparison period with the same period by itself.
fn compared(bench: &Bench, now: Timestamp, part: DateRange) {
    let want = VitalsWant { device: None, table: table(VitalsSort::Measurements, false, ALL) };
    let range = DateRange { first: part.first.plus(part.days()), last: part.last.plus(part.days()) };
    let query = Query::new(bench.site.clone(), range, Visibility::everything());
    let found =
        ask(bench, now, &Query { comparison: Some(Comparison::Before), ..query.clone() }, want.clone());
    let before = ask(bench, now, &Query { range: part, ..query }, want);
    assert_eq!(found.overall.before.unwrap(), before.overall.now);
    for page in &found.pages {
        let same = before.pages.iter().find(|other| other.name.filter == page.name.filter);
        let expected = same.map(|page| page.summary.now).unwrap_or_default();
        assert_eq!(page.summary.before.unwrap(), expected, "{}", page.name.filter);
    }
}

#[test]
fn whoever_sees_no_pages_or_devices_sees_the_overall_numbers_alone() {
    let mut bench = Bench::new(ZONES[0]);
    bench.add(&[super::site::Made {
        minute: 10,
        visitor: 1,
        channel: 0,
        stay: 1_234,
        words: [0; 8],
        traits: 0,
        actions: vec![(0, 4, 6)],
        custom: vec![],
        goals: vec![],
    }]);
    let now = bench.site.zone.start(bench.first.plus(2));
    let want = VitalsWant { device: None, table: table(VitalsSort::Measurements, false, ALL) };
    for (reports, pages, devices) in [
        (&["web-vitals"][..], 0, 0),
        (&["web-vitals", "pages"], 1, 0),
        (&["web-vitals", "hardware"], 0, 1),
        (&["web-vitals", "pages", "hardware"], 1, 1),
    ] {
        let visibility = Visibility::from_names(reports.iter().copied(), []);
        let query = Query::new(bench.site.clone(), bench.range(), visibility);
        let found = ask(&bench, now, &query, want.clone());
        assert_eq!((found.overall.now.measurements, found.pages.len(), found.count), (1, pages, pages));
        assert_eq!(found.devices.len(), devices);
        let phone = VitalsWant { device: Some(DeviceType::Phone), ..want.clone() };
        let query = query.with(Wants { vitals: Some(phone), ..Wants::default() });
        let asked = bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query));
        assert_eq!(matches!(asked, Err(Error::Forbidden)), devices == 0, "{reports:?}");
    }
}
