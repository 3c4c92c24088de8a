//! Journeys of random sites are those that a plain walk over the actions of each visit finds, in live and in sealed days.

use super::super::date_range::DateRange;
use super::super::dimension::ValueKind;
use super::super::engine::Engine;
use super::super::engine::sqlite_engine::SqliteEngine;
use super::super::query::{JourneyMiddle, JourneyWant, Query, Wants};
use super::super::results::item_name::{ItemName, unknown};
use super::super::results::journey::{Journey, JourneyStep};
use super::super::results::reading::Reading;
use super::super::visibility::Visibility;
use super::conditions;
use super::site::{Bench, DAYS, Made, WORDS, ZONES, go_on, made};
use super::sql;
use crate::model::channel::Channel;
use crate::model::clock::Timestamp;
use crate::model::id::GoalId;
use crate::model::page_form;
use proptest::prelude::*;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// The visits by column and step, and by column, step and next step.
type Counts = (BTreeMap<(usize, String), i64>, BTreeMap<(usize, String, String), i64>);

/// A step of the walk: its sort key among pages, and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Page(i64),
    End(String),
}

fn label(connection: &Connection, id: i64) -> String {
    let text = connection.query_row("select text from labels where id = ?1", [id], |row| row.get(0));
    if id == 0 { "Unknown".into() } else { text.unwrap() }
}

fn named(connection: &Connection, page: i64) -> ItemName {
    let title = label(connection, page);
    let is_elsewhere = page_form::host(&title).is_some_and(|host| host != "a.example");
    ItemName { title: title.clone(), is_elsewhere, filter: title, ..unknown() }
}

/// Returns the pages of a visit, in the order of time.
fn pages(connection: &Connection, visit: i64) -> Vec<(i64, i64)> {
    let sql = "select at, ifnull((select form from page_forms where label = page), ifnull(page, 0))
               from actions where visit_id = ?1 and kind = 1 order by at, number";
    let mut question = connection.prepare(sql).unwrap();
    let rows = question.query_map([visit], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Returns the pages before and after the middle, the nearest first; `None` for a visit without it.
fn sides(connection: &Connection, visit: i64, middle: &JourneyMiddle) -> Option<(Vec<i64>, Vec<i64>)> {
    let views = pages(connection, visit);
    let split = |place: usize, skipped: usize| {
        let before: Vec<i64> = views[..place].iter().rev().map(|view| view.1).collect();
        (before, views[place + skipped..].iter().map(|view| view.1).collect::<Vec<i64>>())
    };
    let moment = |sql: &str, value: &dyn rusqlite::ToSql| -> Option<i64> {
        connection.query_row(sql, (visit, value), |row| row.get(0)).unwrap()
    };
    let (mut before, mut after) = match middle {
        JourneyMiddle::Page(page) => {
            let place = views.iter().position(|(_, label_id)| label(connection, *label_id) == *page)?;
            let middle = views[place].1;
            let (before, after) = split(place, 1);
            // The middle itself may be viewed several times in a row.
            let beyond = |pages: Vec<i64>| pages.into_iter().skip_while(|page| *page == middle).collect();
            (beyond(before), beyond(after))
        }
        JourneyMiddle::Goal(goal) => {
            let sql = "select min(at) from conversions join goals on goals.id = goal and removed_at is null
                       where visit_id = ?1 and goal = ?2 and counts";
            let at = moment(sql, &goal.0)?;
            split(views.iter().filter(|view| view.0 <= at).count(), 0)
        }
        JourneyMiddle::Event(event) => {
            let sql = "select min(at) from actions
                       join labels on labels.id = coalesce((select form from own_forms where label = title), title,
                         (select form from own_forms where label = page), page)
                       where visit_id = ?1 and kind = 4 and text = ?2";
            let at = moment(sql, event)?;
            split(views.iter().filter(|view| view.0 <= at).count(), 0)
        }
    };
    for side in [&mut before, &mut after] {
        side.dedup();
        side.truncate(3);
    }
    Some((before, after))
}

/// Returns the path of a visit, by column.
fn path(connection: &Connection, visit: i64, middle: &JourneyMiddle) -> Option<BTreeMap<usize, Step>> {
    let (before, after) = sides(connection, visit, middle)?;
    let mut path = BTreeMap::from([(3, Step::End("middle".into()))]);
    path.extend((0..3).rev().zip(before.iter().map(|page| Step::Page(*page))));
    path.extend((4..7).zip(after.iter().map(|page| Step::Page(*page))));
    if before.len() < 3 {
        let sql = "select channel from visits join sources on sources.id = source where visits.id = ?1";
        let code = connection.query_row(sql, [visit], |row| row.get(0)).unwrap();
        let source = Channel::from_code(code).unwrap_or(Channel::Direct);
        path.insert(2 - before.len(), Step::End(format!("from {}", source.title())));
    }
    if after.len() < 3 {
        path.insert(4 + after.len(), Step::End("left".into()));
    }
    Some(path)
}

/// Counts paths with nodes for the most frequent pages of each column.
fn counted(connection: &Connection, paths: &[BTreeMap<usize, Step>], most: usize) -> Counts {
    let mut pages: BTreeMap<usize, BTreeMap<i64, i64>> = BTreeMap::new();
    for (column, step) in paths.iter().flatten() {
        if let Step::Page(page) = step {
            *pages.entry(*column).or_default().entry(*page).or_default() += 1;
        }
    }
    let top: BTreeMap<usize, Vec<i64>> = pages
        .into_iter()
        .map(|(column, pages)| {
            let mut pages: Vec<(i64, i64)> =
                pages.into_iter().map(|(page, visits)| (-visits, page)).collect();
            // Equally frequent pages stand in the order of their texts.
            pages.sort_by_key(|(visits, page)| {
                (*visits, Reading::of_item(ValueKind::Page, &named(connection, *page)))
            });
            (column, pages.into_iter().take(most).map(|(_, page)| page).collect())
        })
        .collect();
    let name = |column: &usize, step: &Step| match step {
        Step::Page(page) if top[column].contains(page) => label(connection, *page),
        Step::Page(_) => "others".to_owned(),
        Step::End(end) => end.clone(),
    };
    let (mut nodes, mut links) = Counts::default();
    for path in paths {
        let named: Vec<(usize, String)> =
            path.iter().map(|(column, step)| (*column, name(column, step))).collect();
        for node in &named {
            *nodes.entry(node.clone()).or_default() += 1;
        }
        for pair in named.windows(2) {
            *links.entry((pair[0].0, pair[0].1.clone(), pair[1].1.clone())).or_default() += 1;
        }
    }
    (nodes, links)
}

fn described(journey: &Journey) -> Counts {
    let name = |column: usize, place: usize| match &journey.columns[column][place].step {
        JourneyStep::Page(page) => page.title.clone(),
        JourneyStep::OtherPages => "others".to_owned(),
        JourneyStep::Source(source) => format!("from {}", source.title),
        JourneyStep::Left => "left".to_owned(),
        JourneyStep::Middle => "middle".to_owned(),
    };
    let nodes = journey.columns.iter().enumerate().flat_map(|(column, nodes)| {
        (0..nodes.len()).map(move |place| ((column, name(column, place)), nodes[place].visits))
    });
    let links = journey.links.iter().enumerate().flat_map(|(column, links)| {
        links
            .iter()
            .map(move |link| ((column, name(column, link.from), name(column + 1, link.to)), link.visits))
    });
    (nodes.filter(|(_, visits)| *visits > 0).collect(), links.collect())
}

/// Returns a strategy for the middle of a journey.
fn middle() -> impl Strategy<Value = JourneyMiddle> {
    prop_oneof![
        (4..WORDS.len() - 2).prop_map(|word| JourneyMiddle::Page(WORDS[word].to_owned())),
        (0..WORDS.len() - 2).prop_map(|word| JourneyMiddle::Event(WORDS[word].to_owned())),
        (1..4_i64).prop_map(|goal| JourneyMiddle::Goal(GoalId(goal))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn journeys_are_those_of_a_walk_over_the_actions_of_each_visit(
        zone in 0..ZONES.len(),
        made in prop::collection::vec(made(), 0..40),
        longer in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..900_000), 0..6),
        days in (0..DAYS, 0..DAYS),
        filters in prop::collection::vec(conditions::condition(), 0..2),
        middle in middle(),
        pages in prop_oneof![Just(u32::MAX), 0..3_u32],
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        // Page views are what journeys are about.
        let viewing = |made: Made| {
            let actions = made.actions.iter().map(|(kind, page, title)| (kind / 4 * 3, *page, *title)).collect();
            Made { actions, ..made }
        };
        bench.add(&made.into_iter().map(viewing).collect::<Vec<_>>());
        let (first, last) = (days.0.min(days.1), days.0.max(days.1));
        let range = DateRange { first: bench.first.plus(first), last: bench.first.plus(last) };
        let during = bench.site.zone.start(bench.first.plus(1));
        agree(&bench, during, range, &filters, &middle, pages);
        go_on(&mut bench, &longer);
        agree(&bench, during, range, &filters, &middle, pages);
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        bench.seal(settled);
        agree(&bench, settled, range, &filters, &middle, pages);
    }
}

fn agree(
    bench: &Bench,
    now: Timestamp,
    range: DateRange,
    filters: &[super::Filter],
    middle: &JourneyMiddle,
    pages: u32,
) {
    sql::prepare(&bench.connection, bench.site.zone.name());
    let query = Query::new(bench.site.clone(), range, Visibility::everything());
    let query = Query {
        filters: filters.to_vec(),
        wants: Wants { journey: Some(JourneyWant { middle: middle.clone(), pages }), ..Wants::default() },
        ..query
    };
    let journey =
        bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query).unwrap().journey.unwrap());
    let visits = sql::matching(&bench.connection, &conditions::all(filters), range);
    let paths: Vec<_> =
        visits.into_iter().filter_map(|visit| path(&bench.connection, visit, middle)).collect();
    let expected = i64::try_from(paths.len()).unwrap();
    assert_eq!(journey.visits.now, expected);
    let most = usize::try_from(pages).unwrap();
    assert_eq!(described(&journey), counted(&bench.connection, &paths, most), "{middle:?}");
}
