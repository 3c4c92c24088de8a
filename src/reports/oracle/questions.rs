//! Every query in both ways: over the columns, and over the rows in plain SQL.

use super::super::catalogue;
use super::super::columns::KINDS;
use super::super::comparison::Comparison;
use super::super::date_range::DateRange;
use super::super::dimension::GroupKey;
use super::super::filter::{Filter, UNKNOWN};
use super::super::visibility::Visibility;
use super::conditions;
use super::site::Bench;
use super::sql::{by_visits, expression, ids, items, prepare, rows_by};
use crate::model::clock::{Day, Timestamp};
use crate::model::id::VisitId;
use crate::model::metrics::{Measure, Metric, Metrics};
use crate::reports::columns::DictKey;
use crate::reports::engine::Engine;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::aggregate::pairs::PairCounts;
use crate::reports::engine::aggregate::totals::{ByDay, ByHour, Totals};
use crate::reports::engine::aggregate::visit_ids::VisitIds;
use crate::reports::engine::aggregate::week_hours::MeasuresByHour;
use crate::reports::engine::predicate::Predicate;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::engine::sqlite_engine::SqliteEngine;
use crate::reports::query::{Query, Wants};
use crate::reports::recent_list::RecentList;
use crate::reports::table_query::Page;
use crate::reports::visits::recent::RecentVisits;
use crate::store::visit_attribute::VisitAttribute;
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub fn sorted(items: &GroupBy) -> BTreeMap<i64, Metrics> {
    items.each().map(|(key, measures)| (key.cast_signed(), measures)).collect()
}

/// The hour of the week in which a visit began, as SQL: the first day of all was a Thursday.
const HOUR_OF_WEEK: &str = "(day + 3) % 7 * 24 + hour";

/// Compares all queries in both ways.
pub fn agree(bench: &Bench, now: Timestamp, range: DateRange, wanted: &[Filter], condition: &str) {
    let connection = &bench.connection;
    prepare(connection, bench.site.zone.name());
    let filter = Predicate::new(connection, &bench.site, wanted).unwrap();
    bench.ask(now, |reader| {
        let (mut totals, mut by_day, mut by_hour, mut matching) =
            (Totals::default(), ByDay::default(), ByHour::default(), VisitIds::default());
        reader
            .run(&bench.site, range, &filter, &mut [&mut totals, &mut by_day, &mut by_hour, &mut matching])
            .unwrap();
        let without_kinds = |measures: Metrics| Metrics::of_stored(measures.stored());
        let all = by_visits(connection, "0", condition, range).remove(&0).unwrap_or_default();
        assert_eq!(without_kinds(totals.0), all, "totals");
        for (place, kind) in KINDS.into_iter().enumerate() {
            let counted: i64 = items(connection, GroupKey::Actions(kind), condition, range).values().map(|item| item[Measure::Hits]).sum();
            assert_eq!(totals.0.kinds()[place], counted, "{kind:?}");
        }
        let days: BTreeMap<i64, Metrics> = by_day.0.iter().filter(|(_, measures)| measures[Measure::Visits] > 0)
            .map(|(day, measures)| (i64::from(day.0), without_kinds(*measures))).collect();
        assert_eq!(days, by_visits(connection, "day", condition, range), "by day");
        let hours: BTreeMap<i64, Metrics> = (0..).zip(by_hour.0).filter(|(_, measures)| measures[Measure::Visits] > 0)
            .map(|(hour, measures)| (hour, without_kinds(measures))).collect();
        assert_eq!(hours, by_visits(connection, "hour", condition, range), "by hour");
        for metric in [Metric::Visits, Metric::Uniques, Metric::New, Metric::TimeAverage, Metric::BounceRate, Metric::ConversionRate, Metric::Revenue] {
            let mut counted = MeasuresByHour::new(metric);
            reader.run(&bench.site, range, &filter, &mut [&mut counted]).unwrap();
            let told = by_visits(connection, HOUR_OF_WEEK, condition, range);
            for (hour, metrics) in (0..).zip(counted.finish().0) {
                for measure in metric.measures() {
                    assert_eq!(metrics[measure], told.get(&hour).map_or(0, |told| told[measure]), "{metric:?} in hour {hour} of the week");
                }
            }
        }
        let mut counted = MeasuresByHour::new(Metric::PageViews);
        reader.run(&bench.site, range, &filter, &mut [&mut counted]).unwrap();
        assert_eq!(counted.finish().total()[Measure::PageViews], totals.0[Measure::PageViews]);
        let ids: Vec<i64> = matching.0.iter().map(|id| id.0).collect();
        let sql = format!("select id from whole as visits join local using (id) where day between ?1 and ?2 and {condition} order by id");
        let mut question = connection.prepare(&sql).unwrap();
        let told: Vec<i64> = question.query_map((range.first.0, range.last.0), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(ids, told, "which visits");
        for by in catalogue::dimensions() {
            let mut counted = GroupBy::new(by.group_key);
            reader.run(&bench.site, range, &filter, &mut [&mut counted]).unwrap();
            assert_eq!(sorted(&counted), items(connection, by.group_key, condition, range), "{}", by.filter);
        }
    });
}

fn recent<'a>(
    snapshot: &'a Snapshot<'a>,
    bench: &'a Bench,
    list: RecentList,
    range: DateRange,
) -> RecentVisits<'a> {
    static EVERYTHING: LazyLock<Predicate> = LazyLock::new(Predicate::everything);
    RecentVisits { list, snapshot, site: &bench.site, predicate: &EVERYTHING, range }
}

/// Compares the lists of recent and first occurrences, page by page and slice by slice.
pub fn chronicles_agree(bench: &Bench, now: Timestamp, range: DateRange) {
    let connection = &bench.connection;
    prepare(connection, bench.site.zone.name());
    for (chronicle, property, only_first) in [
        (RecentList::LinksRecent, VisitAttribute::Link, false),
        (RecentList::LinksFirst, VisitAttribute::Link, true),
        (RecentList::SearchesRecent, VisitAttribute::Terms, false),
        (RecentList::SearchesFirst, VisitAttribute::Terms, true),
    ] {
        let (visit, group) = if only_first { ("min(id)", "item") } else { ("id", "id") };
        let sql = format!(
            "select visit, text from (
               select {visit} as visit, {item} as item from whole where {item} <> 0 group by {group})
             join local on local.id = visit join labels on labels.id = item
             where day between ?1 and ?2 order by visit desc",
            item = expression(property)
        );
        let mut question = connection.prepare(&sql).unwrap();
        let rows = question.query_map((range.first.0, range.last.0), |row| Ok((row.get(0)?, row.get(1)?)));
        let told: Vec<(i64, String)> = rows.unwrap().map(Result::unwrap).collect();
        let list = |before: Option<VisitId>, number: u32| -> Vec<(i64, String)> {
            let page = Page { number, rows: 3 };
            let found = bench.ask(now, |reader| recent(reader, bench, chronicle, range).rows(before, page));
            found.unwrap().into_iter().map(|one| (one.visit.0, one.item)).collect()
        };
        let count = bench.ask(now, |reader| recent(reader, bench, chronicle, range).count());
        assert_eq!(count.unwrap(), told.len(), "{chronicle:?}");
        if only_first {
            let ids: Vec<i64> = told.iter().map(|(visit, _)| *visit).collect();
            let found = bench.ask(now, |reader| {
                let (_, mut visits) = recent(reader, bench, chronicle, range).first_times().unwrap();
                let mut slices =
                    std::iter::from_fn(|| Some(visits.take(3).unwrap()).filter(|slice| !slice.is_empty()));
                slices.by_ref().flatten().map(|visit| visit.0).collect::<Vec<_>>()
            });
            assert_eq!(found, ids, "{chronicle:?}");
        }
        let (mut before, mut number, mut begun) = (None, 1, 0);
        while begun == 0 || begun < told.len() {
            let page = &told[begun..told.len().min(begun + 4)];
            assert_eq!(list(None, number), page, "{chronicle:?}, page {number}");
            assert_eq!(list(before, 1), page, "{chronicle:?}, below {before:?}");
            (begun, number) = (begun + 3, number + 1);
            before = told.get(begun - 1).map(|(visit, _)| VisitId(*visit));
        }
    }
}

/// The pairs of reports for cross-tabulation.
pub const PAIRS: [(&str, &str); 10] = [
    ("not-found", "broken-link"),
    ("broken-link", "hardware"),
    ("goal", "href"),
    ("source", "goal"),
    ("country", "browser-version"),
    ("href", "country"),
    ("href", "event"),
    ("custom", "href"),
    ("actions", "time"),
    ("source", "uid"),
];

/// Compares all pairs of items; two neighbouring items count as one, like versions of a browser.
pub fn pairs_agree(bench: &Bench, now: Timestamp, range: DateRange, (wanted, condition): (&[Filter], &str)) {
    let connection = &bench.connection;
    let filter = Predicate::new(connection, &bench.site, wanted).unwrap();
    for (first, second) in PAIRS {
        let by = |filter: &str| catalogue::dimension_of_filter(filter).unwrap().group_key;
        let (first, second) = (by(first), by(second));
        let groups = |by: GroupKey| -> Vec<Vec<i64>> {
            let found: Vec<i64> = items(connection, by, "true", bench.range()).into_keys().collect();
            found.chunks(2).map(<[i64]>::to_vec).collect()
        };
        let (rows, columns) = (groups(first), groups(second));
        let keys = |groups: &[Vec<i64>]| -> Vec<Vec<DictKey>> {
            groups.iter().map(|group| group.iter().map(|key| key.cast_unsigned()).collect()).collect()
        };
        let mut pairs = PairCounts::new(first, &keys(&rows), second, &keys(&columns));
        bench.ask(now, |reader| reader.run(&bench.site, range, &filter, &mut [&mut pairs]).unwrap());
        let listed = |group: &[i64]| group.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let told = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column))).map(
            |(row, column)| {
                let sql = format!(
                "select count(*) from whole as visits join local using (id) where day between {} and {} and {condition}
                 and id in (select visit_id from ({}) where item in ({}))
                 and id in (select visit_id from ({}) where item in ({}))",
                range.first.0, range.last.0, rows_by(first), listed(row), rows_by(second), listed(column)
            );
                connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
            },
        );
        assert_eq!(pairs.visits, told.collect::<Vec<_>>(), "{first:?} by {second:?}");
    }
}

/// Compares ranges of two days whose second is not over, each time later, so that the comparison has visits.
pub fn comparisons_agree(bench: &Bench, hour: i8) {
    let (connection, zone) = (&bench.connection, &bench.site.zone);
    prepare(connection, zone.name());
    let next_year = bench.first.date().checked_add(jiff::Span::new().years(1)).unwrap();
    let firsts = [bench.first.plus(2), bench.first.plus(7), Day::from_date(next_year)];
    for (comparison, first) in Comparison::ALL.into_iter().zip(firsts) {
        let range = DateRange { first, last: first.plus(1) };
        let now = zone.at(range.last, jiff::civil::time(hour, 0, 0, 0));
        let hour = zone.local(now).hour();
        let query = Query::new(bench.site.clone(), range, Visibility::everything());
        let query = Query { comparison: Some(comparison), ..query };
        let query = query.with(Wants { totals: true, ..Wants::default() });
        let counted = bench.ask(now, |snapshot| {
            SqliteEngine::new(snapshot).run(&query).unwrap().totals.unwrap().before.unwrap()
        });
        let (day, next) = (bench.first.0, bench.first.0 + 1);
        let condition = format!("(day = {day} or day = {next} and hour < {hour})");
        let told = by_visits(connection, "0", &condition, bench.range()).remove(&0).unwrap_or_default();
        assert_eq!(Metrics::of_stored(counted.stored()), told, "{} until {hour}", comparison.label());
    }
}

pub fn wanted(filter: &str, value: &str) -> Vec<Filter> {
    vec![Filter::parse(filter, value).unwrap().unwrap()]
}

/// Returns filters, as types and as SQL.
pub fn known_conditions(bench: &Bench) -> Vec<(Vec<Filter>, String)> {
    let label = |place: usize| bench.word(place).unwrap();
    let newest = ids(&bench.connection).last().copied().unwrap_or(1);
    vec![
        (vec![], "true".into()),
        (wanted("country", "DE"), format!("country = {}", label(0))),
        (wanted("browser", "Firefox"), format!("browser in ({}, {})", label(2), label(3))),
        (
            wanted("href", "https://a.example/x"),
            format!("visits.id in (select visit_id from acts where kind = 1 and page = {})", label(4)),
        ),
        (
            wanted("custom", "DE: FR"),
            format!(
                "visits.id in (select visit_id from custom where key = {} and value = {})",
                label(0),
                label(1)
            ),
        ),
        (wanted("actions", "2-3"), "actions between 2 and 3".into()),
        (wanted("time", "30-"), "stay / 1000 >= 30".into()),
        (wanted("source", "Searches"), "channel = 1".into()),
        (wanted("goal", "*"), "visits.id in (select visit_id from reached)".into()),
        (wanted("campaign", "nobody ever had this"), "false".into()),
        (wanted("country", UNKNOWN), "country is null".into()),
        (wanted("session_id", &newest.to_string()), format!("visits.id = {newest}")),
        (wanted("ip_address", "198.51.100.1"), "address in (x'c6336401', x'c6336400')".into()),
    ]
}

/// Compares the matching visits.
pub fn agree_on_visits(bench: &Bench, now: Timestamp, wanted: &[Filter]) {
    let filter = Predicate::new(&bench.connection, &bench.site, wanted).unwrap();
    let mut matching = VisitIds::default();
    bench.ask(now, |reader| reader.run(&bench.site, bench.range(), &filter, &mut [&mut matching]).unwrap());
    let range = bench.range();
    // Across a summer-time change the last hour belongs to the next day.
    let sql = format!(
        "select id from whole as visits join local using (id) where day between ?1 and ?2 and {} order by id",
        conditions::all(wanted)
    );
    let mut question = bench.connection.prepare(&sql).unwrap();
    let told: Vec<i64> = question
        .query_map((range.first.0, range.last.0), |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let found: Vec<i64> = matching.0.iter().map(|id| id.0).collect();
    assert_eq!(found, told, "{wanted:?}\n{sql}");
}
