//! Two engines behind one border: random queries have the same answers from columns and from plain SQL.

use super::super::answer::{Answer, SliceRows};
use super::super::catalogue;
use super::super::columns::KINDS;
use super::super::comparison::Comparison;
use super::super::date_range::DateRange;
use super::super::dimension::Dimension;
use super::super::engine::Engine;
use super::super::engine::sqlite_engine::SqliteEngine;
use super::super::query::{
    ActionFilters, ActionsWant, CrossTabWant, Export, Query, TableWant, TopSeriesWant, VisitRecordsWant,
    Wants,
};
use super::super::recent_list::RecentList;
use super::super::results::table::TableRow;
use super::super::search::Search;
use super::super::table_query::{Page, Sort, TableQuery};
use super::super::visibility::Visibility;
use super::super::visits::listed::ListedAction;
use super::conditions;
use super::questions::PAIRS;
use super::site::{Bench, DAYS, Made, WORDS, ZONES, made};
use super::sql_engine::SqlEngine;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::GoalId;
use crate::model::metrics::{Measure, Metric, Metrics};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A page with all rows.
const ALL: Page = Page { number: 1, rows: u32::MAX };
/// The rows of a slice: few, so that there are several slices.
const ROWS: u32 = 4;

fn everything_of(dimension: &'static Dimension, sort: Sort) -> TableQuery {
    TableQuery { sort, is_ascending: false, ..TableQuery::top(dimension, u32::MAX) }
}

/// Returns rows by their value. Subtitles are those of the last block that was read.
fn by_value(rows: &[TableRow]) -> BTreeMap<String, String> {
    let row = |row: &TableRow| {
        (row.name.filter.clone(), format!("{} {:?} {:?}", row.name.title, row.metrics, row.before))
    };
    rows.iter().map(row).collect()
}

/// Describes an answer: texts and numbers, in an order that no engine chooses.
fn described(answer: &Answer) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::from([
        ("totals".to_owned(), format!("{:?}", answer.totals)),
        ("series".to_owned(), format!("{:?}", answer.series)),
        ("days".to_owned(), format!("{:?}", answer.days)),
        ("visits".to_owned(), format!("{:?}", answer.visits)),
        ("latest".to_owned(), format!("{:?}", answer.latest_visits)),
        ("recent".to_owned(), format!("{:?}", answer.recent)),
        ("visit records".to_owned(), format!("{:?}", answer.visit_records)),
        ("actions".to_owned(), format!("{:?}", answer.actions)),
    ]);
    for (place, table) in answer.tables.iter().enumerate() {
        let sums = (table.count, table.sum, table.highest, table.sum_before);
        parts.insert(format!("table {place}"), format!("{sums:?} {:?}", by_value(&table.rows)));
    }
    if let Some(series) = &answer.top_series {
        let values = |values: &[Vec<i64>]| -> BTreeMap<String, Vec<i64>> {
            series.items.iter().map(|item| item.filter.clone()).zip(values.iter().cloned()).collect()
        };
        let before = series.values.before.as_ref().map(|before| values(before));
        parts.insert("top series".to_owned(), format!("{:?} {before:?}", values(&series.values.now)));
    }
    if let Some(found) = &answer.cross_tab {
        let cells = |cells: &[Vec<i64>]| -> BTreeMap<(String, String), i64> {
            let row = |(row, cells): (&TableRow, &Vec<i64>)| {
                let row = row.name.filter.clone();
                let pair = move |(column, cell): (&TableRow, &i64)| {
                    ((row.clone(), column.name.filter.clone()), *cell)
                };
                found.columns.iter().zip(cells).map(pair).collect::<Vec<_>>()
            };
            found.rows.rows.iter().zip(cells).flat_map(row).collect()
        };
        let before = found.cells.before.as_ref().map(|before| cells(before));
        parts.insert("cross-tab".to_owned(), format!("{:?} {before:?}", cells(&found.cells.now)));
        parts.insert("columns".to_owned(), format!("{:?}", by_value(&found.columns)));
    }
    parts
}

/// Returns all rows of an export, slice by slice.
fn exported(engine: &dyn Engine, query: &Query, export: &Export) -> Vec<String> {
    let (mut after, mut rows) = (None, Vec::new());
    loop {
        let slice = engine.slice(query, export, ROWS, after).unwrap();
        match slice.rows {
            SliceRows::Items(found) => {
                rows.extend(by_value(&found).into_iter().map(|(value, row)| format!("{value} {row}")));
            }
            SliceRows::VisitorData(found) => rows.extend(found.iter().map(ToString::to_string)),
            SliceRows::Pairs(found) => rows.extend(found.iter().map(|row| format!("{row:?}"))),
            SliceRows::VisitRecords { visits, .. } => {
                rows.extend(visits.iter().map(|row| format!("{row:?}")));
            }
            SliceRows::Visits(found) => rows.extend(found.iter().map(|row| format!("{row:?}"))),
            SliceRows::Recent(found) => rows.extend(found.iter().map(|row| format!("{row:?}"))),
        }
        after = slice.next;
        if after.is_none() {
            if matches!(export, Export::Items(..)) {
                rows.sort_unstable();
            }
            return rows;
        }
    }
}

/// Asks both engines for all that the border can hold.
fn agree(bench: &Bench, now: Timestamp, query: &Query, pair: (&str, &str)) {
    let oracle = SqlEngine::new(&bench.connection, bench.site.zone.name(), now);
    let dimension = |filter| catalogue::dimension_of_filter(filter).unwrap();
    let table = |dimension| TableWant {
        dimension,
        table: everything_of(dimension, Sort::Metric(Metric::Hits)),
        is_brief: false,
    };
    let (first, second) = (dimension(pair.0), dimension(pair.1));
    let mut wants = vec![
        Wants {
            totals: true,
            series: true,
            tables: catalogue::dimensions().iter().map(table).collect(),
            visits: Some(ALL),
            latest_visits: Some(ROWS),
            ..Wants::default()
        },
        Wants {
            top_series: Some(TopSeriesWant { dimension: first, items: u32::MAX }),
            cross_tab: Some(CrossTabWant {
                rows: first,
                table: everything_of(first, Sort::Metric(Metric::Visits)),
                columns: second,
                columns_max: u32::MAX,
            }),
            ..Wants::default()
        },
    ];
    let lists = [
        RecentList::LinksRecent,
        RecentList::LinksFirst,
        RecentList::SearchesRecent,
        RecentList::SearchesFirst,
    ];
    let page = Page { number: 2, rows: ROWS };
    wants.extend(lists.map(|list| Wants { recent: Some((list, page)), ..Wants::default() }));
    bench.ask(now, |snapshot| {
        let engine = SqliteEngine::new(snapshot);
        for wants in wants {
            let query = query.with(wants);
            let (here, there) = (engine.run(&query).unwrap(), oracle.run(&query).unwrap());
            let expected = described(&there);
            for (part, found) in described(&here) {
                assert_eq!(Some(&found), expected.get(&part), "{part}");
            }
        }
        let lists = lists.map(Export::Recent).into_iter();
        let items = Export::Items(first, everything_of(first, Sort::Metric(Metric::Hits)));
        for export in lists.chain([Export::Visits, items]) {
            assert_eq!(exported(&engine, query, &export), exported(&oracle, query, &export), "{export:?}");
        }
    });
}

/// Asks both engines for the lists of visits and of actions, page by page from a wanted one on.
fn lists_agree(bench: &Bench, now: Timestamp, query: &Query, want: &ActionsWant) {
    let oracle = SqlEngine::new(&bench.connection, bench.site.zone.name(), now);
    bench.ask(now, |snapshot| {
        let engine = SqliteEngine::new(snapshot);
        let compare = |wants: Wants| {
            let query = query.with(wants);
            let (here, there) = (engine.run(&query).unwrap(), oracle.run(&query).unwrap());
            let (found, expected) = (described(&here), described(&there));
            for part in ["visit records", "actions"] {
                assert_eq!(found[part], expected[part], "{part} of {:?}", query.wants);
            }
            here
        };
        for number in want.page.number.. {
            let page = Page { number, ..want.page };
            let records = VisitRecordsWant { page, since: want.since, below: None, with_actions: false };
            let actions = ActionsWant { page, ..want.clone() };
            let here = compare(Wants {
                visit_records: Some(records),
                actions: Some(actions.clone()),
                ..Wants::default()
            });
            // The page after the last row of this one.
            let page = Page { number: 1, ..page };
            let below = here.visit_records.last().map(|listed| listed.visit.id);
            let records = VisitRecordsWant { page, below, with_actions: true, ..records };
            let below = here.actions.last().map(ListedAction::key);
            let actions = ActionsWant { page, below, ..actions };
            compare(Wants { visit_records: Some(records), actions: Some(actions), ..Wants::default() });
            if here.visit_records.is_empty() && here.actions.is_empty() {
                break;
            }
        }
    });
}

/// Returns a visit that begins within two hours of the midnight after one of the first days, so that actions of several
/// days mix.
fn near_midnight(made: Made) -> Made {
    let midnight = (made.minute / 1_440 + 1).min(i64::from(DAYS) - 1) * 1_440;
    Made { minute: midnight + made.minute % 240 - 120, ..made }
}

/// Returns a search for a word, exactly, in part or, in a third of all cases, for nothing.
fn search() -> impl Strategy<Value = Search> {
    (0..3, 0..WORDS.len()).prop_map(|(how, word)| match how {
        0 => Search::Everything,
        1 => Search::Contains(WORDS[word][1..].to_uppercase()),
        _ => Search::Exactly(WORDS[word].to_uppercase()),
    })
}

fn action_filters() -> impl Strategy<Value = ActionFilters> {
    let by_text = (prop::option::of(0..KINDS.len()), search(), search())
        .prop_map(|(kind, title, href)| ActionFilters { kind: kind.map(|kind| KINDS[kind]), title, href });
    let by_kind = prop::option::of(0..KINDS.len());
    let by_kind = by_kind
        .prop_map(|kind| ActionFilters { kind: kind.map(|kind| KINDS[kind]), ..ActionFilters::default() });
    prop_oneof![by_text, by_kind]
}

/// Lets the engines share the range: one has the days up to a day, the other the days after it.
fn share(bench: &Bench, now: Timestamp, query: &Query, split: Day) {
    let oracle = SqlEngine::new(&bench.connection, bench.site.zone.name(), now);
    let table = |dimension| TableWant {
        dimension,
        table: everything_of(dimension, Sort::Metric(Metric::Hits)),
        is_brief: false,
    };
    let tables = catalogue::dimensions().iter().map(table).collect();
    let query = query.with(Wants { totals: true, tables, ..Wants::default() });
    let past = DateRange { last: split, ..query.range };
    let rest = DateRange { first: split.plus(1), ..query.range };
    bench.ask(now, |snapshot| {
        let engine = SqliteEngine::new(snapshot);
        let mut shared = oracle.partial(&query, past).unwrap();
        shared += engine.partial(&query, rest).unwrap();
        let whole = engine.run(&query).unwrap();
        assert_eq!(shared.totals(), whole.totals.unwrap().now);
        let mut by_hour = Metrics::default();
        shared.hours.values().for_each(|metrics| by_hour += *metrics);
        let without_cost = |metrics: &Metrics| {
            let mut metrics = *metrics;
            metrics[Measure::Cost] = 0;
            metrics
        };
        // Costs belong to days, not to hours, and goals have those of the whole range.
        assert_eq!(by_hour, without_cost(&shared.totals()));
        for ((want, items), table) in query.wants.tables.iter().zip(&shared.items).zip(&whole.tables) {
            let rows: BTreeMap<_, _> =
                table.rows.iter().map(|row| (row.name.filter.clone(), row.metrics)).collect();
            if want.dimension.filter == "goal" {
                let without_cost = |rows: &BTreeMap<String, Metrics>| -> BTreeMap<String, Metrics> {
                    rows.iter().map(|(goal, metrics)| (goal.clone(), without_cost(metrics))).collect()
                };
                assert_eq!(without_cost(items), without_cost(&rows));
            } else {
                assert_eq!(*items, rows, "{}", want.dimension.noun);
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_engines_behind_one_border_give_the_same_answers(
        zone in 0..ZONES.len(),
        made in prop::collection::vec(made(), 0..25),
        filters in prop::collection::vec(conditions::condition(), 0..3),
        days in (0..DAYS, 0..DAYS),
        comparison in prop::option::of(0..3_usize),
        pair in 0..PAIRS.len(),
        until in prop::option::of(0..DAYS * 24),
        today in 0..DAYS + 3,
        split in -1..DAYS + 1,
        since in prop::option::of(0..DAYS * 24),
        action_filters in action_filters(),
        rows in 1..6_u32,
        are_around_midnight in any::<bool>(),
        goal in prop::option::of(1..5_i64),
        costs in prop::collection::btree_map((0..WORDS.len(), 0..DAYS), 1_i64..900_000, 0..6),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        let place = |made| if are_around_midnight { near_midnight(made) } else { made };
        let made: Vec<Made> = made.into_iter().map(place).collect();
        bench.add(&made);
        for ((campaign, day), cost) in costs {
            let (site, campaign) = (bench.site.id.0, bench.words[campaign]);
            let bound = (site, campaign, bench.first.plus(day).0, cost);
            bench.connection.execute("insert into campaign_costs values (?1, ?2, ?3, ?4)", bound).unwrap();
        }
        let (first, last) = (days.0.min(days.1), days.0.max(days.1));
        let range = DateRange { first: bench.first.plus(first), last: bench.first.plus(last) };
        let query = Query::new(bench.site.clone(), range, Visibility::everything());
        let hour = |hour: i32| Timestamp(bench.site.zone.start(bench.first).0 + i64::from(hour) * 3_600_000);
        let query = Query {
            filters,
            comparison: comparison.map(|place| Comparison::ALL[place]),
            until: until.map(hour),
            goal: goal.map(GoalId),
            ..query
        };
        let page = Page { number: 1, rows };
        let want = ActionsWant { page, since: since.map(hour), below: None, filters: action_filters };
        let now = bench.site.zone.start(bench.first.plus(today));
        agree(&bench, now, &query, PAIRS[pair]);
        lists_agree(&bench, now, &query, &want);
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        bench.seal(settled);
        agree(&bench, settled, &query, PAIRS[pair]);
        lists_agree(&bench, settled, &query, &want);
        share(&bench, settled, &query, bench.first.plus(split));
    }
}
