//! Those who may not see revenue learn nothing of it: two sites that differ in revenue and costs alone answer the same.

use super::super::catalogue::{self, REPORTS};
use super::super::comparison::Comparison;
use super::super::engine::Engine;
use super::super::engine::sqlite_engine::SqliteEngine;
use super::super::query::{CrossTabWant, Export, ItemWant, Query, TableWant, VisitRecordsWant, Wants};
use super::super::table_query::{Page, Sort, TableQuery};
use super::super::visibility::{Visibility, VisitorData};
use super::site::{Bench, Made, ZONES};
use crate::error::Error;
use crate::model::clock::Timestamp;
use crate::model::id::GoalId;
use crate::model::metrics::{Measure, Metric};
use strum::VariantArray;

const ALL: Page = Page { number: 1, rows: u32::MAX };

/// Returns a site whose conversions have this revenue, and whose campaign has this cost.
fn site(revenue: i64, cost: i64) -> Bench {
    let mut bench = Bench::new(ZONES[5]);
    let visit = |minute, goals| Made {
        minute,
        visitor: minute % 5 + 1,
        channel: 2,
        stay: 60_000,
        words: [0, 0, 4, 5, 1, 4, 0, 2],
        traits: 1,
        actions: vec![(0, 4, 0), (0, 6, 1)],
        custom: vec![],
        goals,
    };
    bench.add(&[
        visit(10, vec![(0, revenue, true), (1, -revenue / 3, true)]),
        visit(2_000, vec![(0, revenue / 2, true)]),
        visit(2_100, vec![]),
        visit(3_000, vec![(1, 0, true)]),
    ]);
    let bound = (bench.site.id.0, bench.words[3], bench.first.0 + 2, cost);
    bench.connection.execute("insert into campaign_costs values (?1, ?2, ?3, ?4)", bound).unwrap();
    bench
}

/// Returns what all see but those who have neither of some data.
fn without(reports: &[&str], data: &[VisitorData]) -> Visibility {
    let names = REPORTS.iter().map(|report| report.name).filter(|name| !reports.contains(name));
    Visibility::from_names(names, VisitorData::VARIANTS.iter().copied().filter(|one| !data.contains(one)))
}

fn query(bench: &Bench, visibility: &Visibility) -> Query {
    let query = Query::new(bench.site.clone(), bench.range(), visibility.clone());
    Query { comparison: Some(Comparison::Before), ..query }
}

/// Describes every part of an answer, and of exports, as somebody sees it.
fn described(bench: &Bench, visibility: &Visibility) -> String {
    let now = bench.site.zone.start(bench.first.plus(9));
    let shown = catalogue::dimensions().iter().filter(|dimension| visibility.counts_by(dimension));
    let table = |dimension| TableWant { dimension, table: TableQuery::top(dimension, 99), is_brief: false };
    let tables: Vec<TableWant> = shown.map(table).collect();
    let pages = catalogue::dimension_of_filter("href").unwrap();
    let campaigns = catalogue::dimension_of_filter("campaign").unwrap();
    let records = VisitRecordsWant { page: ALL, since: None, below: None, with_actions: false };
    let cross_tab =
        CrossTabWant { rows: pages, table: TableQuery::top(pages, 99), columns: campaigns, columns_max: 99 };
    let item = ItemWant {
        dimension: pages,
        value: "https://a.example/x".into(),
        table: Some((campaigns, TableQuery::top(campaigns, 99))),
    };
    let wants = Wants {
        totals: true,
        series: true,
        tables,
        item: Some(item),
        cross_tab: Some(cross_tab),
        visits: Some(ALL),
        visit_records: Some(records),
        ..Wants::default()
    };
    let query = query(bench, visibility).with(wants);
    bench.ask(now, |snapshot| {
        let engine = SqliteEngine::new(snapshot);
        let items = Export::Items(campaigns, TableQuery::top(campaigns, 99));
        let slices = [items, Export::Visits].map(|export| engine.slice(&query, &export, 99, None).unwrap());
        let rows = slices.map(|slice| slice.rows);
        let partial = engine.partial(&query, query.range).unwrap();
        format!("{:?} {rows:?} {partial:?}", engine.run(&query).unwrap())
    })
}

#[test]
fn who_may_not_see_revenue_learns_nothing_of_it() {
    let (poor, rich) = (site(300, 70), site(9_000_000, 80_000));
    let whole = Visibility::everything();
    assert_ne!(described(&poor, &whole), described(&rich, &whole), "revenue is there to be hidden");
    for hidden in [without(&[], &[VisitorData::Revenue]), without(&["goals"], &[])] {
        assert_eq!(described(&poor, &hidden), described(&rich, &hidden));
    }
}

#[test]
fn who_may_not_see_goals_learns_nothing_of_conversions() {
    let (some, none) = (site(300, 70), site(300, 70));
    none.connection.execute("delete from conversions", []).unwrap();
    let whole = Visibility::everything();
    assert_ne!(described(&some, &whole), described(&none, &whole));
    let hidden = without(&["goals"], &[]);
    assert_eq!(described(&some, &hidden), described(&none, &hidden));
}

#[test]
fn no_order_filter_or_view_tells_what_is_hidden() {
    let bench = site(300, 70);
    let now: Timestamp = bench.site.zone.start(bench.first.plus(9));
    let pages = catalogue::dimension_of_filter("href").unwrap();
    let goals = catalogue::dimension_of_filter("goal").unwrap();
    let run = |query: Query| bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query).map(drop));
    let sorted = |visibility: &Visibility, metric| {
        let table = TableQuery { sort: Sort::Metric(metric), ..TableQuery::top(pages, 9) };
        let tables = vec![TableWant { dimension: pages, table, is_brief: false }];
        run(query(&bench, visibility).with(Wants { tables, ..Wants::default() }))
    };
    let no_revenue = without(&[], &[VisitorData::Revenue]);
    let no_goals = without(&["goals"], &[]);
    let money = Metric::columns().map(|(metric, _)| metric).filter(|metric| metric.is_of_money());
    for metric in money {
        assert!(matches!(sorted(&no_revenue, metric), Err(Error::Forbidden)), "{metric:?}");
        assert!(matches!(sorted(&no_goals, metric), Err(Error::Forbidden)), "{metric:?}");
        assert!(sorted(&Visibility::everything(), metric).is_ok());
    }
    for metric in [Metric::Conversions, Metric::ConversionRate] {
        assert!(sorted(&no_revenue, metric).is_ok());
        assert!(matches!(sorted(&no_goals, metric), Err(Error::Forbidden)), "{metric:?}");
    }
    let totals = || Wants { totals: true, ..Wants::default() };
    let filters = super::super::filter::read("goal=order").unwrap();
    let filtered = Query { filters, ..query(&bench, &no_goals) }.with(totals());
    assert!(matches!(run(filtered), Err(Error::Forbidden)));
    let viewed = Query { goal: Some(GoalId(1)), ..query(&bench, &no_goals) }.with(totals());
    assert!(matches!(run(viewed), Err(Error::Forbidden)));
    let tables = vec![TableWant { dimension: goals, table: TableQuery::top(goals, 9), is_brief: true }];
    let grouped = query(&bench, &no_goals).with(Wants { tables, ..Wants::default() });
    assert!(matches!(run(grouped), Err(Error::Forbidden)));
}

#[test]
fn the_conversions_of_all_visits_are_the_sum_of_those_of_every_channel_and_goal() {
    let bench = site(300, 70);
    let now = bench.site.zone.start(bench.first.plus(9));
    let tables = ["source", "goal", "country", "browser", "landing"].map(|filter| {
        let dimension = catalogue::dimension_of_filter(filter).unwrap();
        TableWant { dimension, table: TableQuery::top(dimension, 99), is_brief: false }
    });
    let wants = Wants { totals: true, tables: tables.to_vec(), ..Wants::default() };
    let query = query(&bench, &Visibility::everything()).with(wants);
    let answer = bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query).unwrap());
    let totals = answer.totals.unwrap().now;
    assert_eq!((totals[Measure::Conversions], totals[Measure::Converted]), (4, 3));
    assert_eq!((totals.revenue(), totals[Measure::Cost]), (350, 70));
    for (want, table) in query.wants.tables.iter().zip(&answer.tables) {
        for measure in [Measure::Conversions, Measure::Earned, Measure::Refunded] {
            let sum: i64 = table.rows.iter().map(|row| row.metrics[measure]).sum();
            assert_eq!(sum, totals[measure], "{measure:?} by {}", want.dimension.noun);
        }
    }
}
