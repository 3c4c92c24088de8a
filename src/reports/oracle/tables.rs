//! Tables of reports: all pages together have the counts of SQL, in order, in however many parts they were counted.

use super::super::catalogue;
use super::super::comparison::Comparison;
use super::super::date_range::DateRange;
use super::super::dimension::{Dimension, ValueKind};
use super::super::filter::Filter;
use super::super::visibility::Visibility;
use super::conditions::text;
use super::questions::PAIRS;
use super::site::Bench;
use super::sql::{by_belongings, items};
use crate::limits::EngineLimits;
use crate::model::clock::Timestamp;
use crate::model::metrics::{Measure, Metric, Metrics};
use crate::model::page_form::page_form;
use crate::reports::dimension::fold;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::cross_tab::{all_pairs, breakdown, next_pairs, rank_both};
use crate::reports::engine::ranking::all::{all_items, next_lines};
use crate::reports::engine::ranking::keyed::KeyedRow;
use crate::reports::engine::ranking::{line, table};
use crate::reports::engine::runner::QueryRunner;
use crate::reports::engine::visit_lists::{visits, visits_below};
use crate::reports::query::{CrossTabWant, Query};
use crate::reports::results::item_name::ItemName;
use crate::reports::results::reading;
use crate::reports::results::table::{TableRow, bar_value, sort_value};
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use crate::reports::table_query::{Sort, TableQuery};
use crate::reports::visits::visit::Visit;
use crate::store::labels;
use ring::digest::{SHA256, digest};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// The rows of a page: few, so that there are several pages.
const ROWS: u32 = 4;
/// The columns of a cross-tabulation: fewer than there may be.
const COLUMNS: u32 = 5;

/// Returns all rows of a report, page by page.
fn lines(runner: &QueryRunner<'_>, dimension: &'static Dimension, part: &TableQuery) -> Vec<KeyedRow> {
    let mut lines = Vec::new();
    for number in 1.. {
        let part = TableQuery { page: Page { number, rows: ROWS }, ..part.clone() };
        let table = table(runner, dimension, &part).unwrap();
        let is_last = table.rows.is_empty();
        lines.extend(table.rows);
        if is_last {
            assert_eq!(table.count, lines.len());
            if part.search.is_unrestricted() {
                let bars = || lines.iter().map(|line| bar_value(dimension, &line.metrics));
                assert_eq!((table.sum, table.highest), (bars().sum(), bars().max().unwrap_or(0)));
            }
            return lines;
        }
    }
    unreachable!("some page is empty")
}

/// Returns the contents of rows without subtitles, which are those of the last block that was read.
fn flags(lines: &[KeyedRow]) -> Vec<String> {
    let fact = |line: &KeyedRow| {
        format!("{} {:?} {:?} {:?}", line.name.filter, line.keys, line.metrics, line.before)
    };
    lines.iter().map(fact).collect()
}

/// Compares the rows of a file with those of all pages.
fn files_agree(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    part: &TableQuery,
    pages: &[KeyedRow],
) {
    let mut items = all_items(runner, dimension, part).unwrap();
    let mut listed = Vec::new();
    loop {
        let lines = next_lines(runner, dimension, &mut items, ROWS).unwrap();
        if lines.is_empty() {
            break;
        }
        listed.extend(lines.into_iter().map(|(line, _)| line));
    }
    assert_eq!(flags(&listed), flags(pages), "{} by {}", dimension.noun, part.sort.name());
}

/// Compares the file of a cross-tabulation with its pages.
fn broken_files_agree(runner: &QueryRunner<'_>, first: &str, second: &str) {
    let dimension = |filter| catalogue::dimension_of_filter(filter).unwrap();
    let (first, second) = (dimension(first), dimension(second));
    let table = TableQuery { sort: Sort::Metric(Metric::Visits), ..TableQuery::top(first, u32::MAX) };
    let want = CrossTabWant { rows: first, table, columns: second, columns_max: COLUMNS };
    let ranked = rank_both(runner, &want).unwrap();
    let page = breakdown(runner, &want, &ranked).unwrap();
    let row = |(place, line): (usize, &TableRow)| {
        let before = page.cells.before.as_ref().map(|before| &before[place]);
        let cells = page.cells.now[place]
            .iter()
            .enumerate()
            .map(|(column, now)| (column, *now, before.map_or(0, |before| before[column])));
        let cells: Vec<_> = cells.filter(|(_, now, before)| (*now, *before) != (0, 0)).collect();
        (line.name.filter.clone(), cells)
    };
    let expected: Vec<_> =
        page.rows.rows.iter().enumerate().map(row).filter(|(_, cells)| !cells.is_empty()).collect();
    let mut pairs = all_pairs(runner, &want).unwrap();
    let mut listed = Vec::new();
    loop {
        let lines = next_pairs(runner, &mut pairs, ROWS).unwrap();
        if lines.is_empty() {
            break;
        }
        listed.extend(lines.into_iter().map(|(line, cells)| {
            let cells = cells.iter().map(|cell| (cell.column as usize, cell.now, cell.before)).collect();
            (line.name.filter, cells)
        }));
    }
    listed.retain(|(_, cells): &(String, Vec<(usize, i64, i64)>)| !cells.is_empty());
    assert_eq!(listed, expected, "{} by {}", first.noun, second.noun);
    let names = |lines: &[KeyedRow]| lines.iter().map(|line| line.name.filter.clone()).collect::<Vec<_>>();
    let shown: Vec<_> = page.columns.iter().map(|column| column.name.filter.clone()).collect();
    assert_eq!(names(&pairs.columns), shown);
}

/// Returns the items of a report by SQL: by the name of a group, for dimensions with groups, or by their key.
pub fn expected_items(
    connection: &Connection,
    dimension: &Dimension,
    range: DateRange,
    condition: &str,
) -> BTreeMap<String, Metrics> {
    let is_shown = |key: &i64| *key != 0 || dimension.shows_unknown;
    let said = |key: i64| (key != 0).then(|| labels::text(connection, key).unwrap()).flatten();
    let mut expected: BTreeMap<String, Metrics> = BTreeMap::new();
    let found = if dimension.value_kind == ValueKind::Host {
        // Each host has the label of one of its pages.
        let host = |text: &str| format!("substr({text}, 1, instr(substr({text} || '/', 9), '/') + 7)");
        let page = text("page");
        let item =
            format!("select min(labels.id) from labels where {} = {}", host("labels.text"), host(&page));
        let rows = format!("select visit_id, ifnull(({item}), 0) as item from acts where kind = 1");
        by_belongings(connection, &rows, condition, range)
    } else {
        items(connection, dimension.group_key, condition, range)
    };
    for (key, metrics) in found.into_iter().filter(|(key, _)| is_shown(key)) {
        let name = if dimension.folds() {
            fold(dimension.value_kind, said(key).as_deref())
        } else {
            key.to_string()
        };
        *expected.entry(name).or_default() += metrics;
    }
    expected
}

/// Returns the metrics of rows, by their names.
fn by_name(connection: &Connection, dimension: &Dimension, lines: &[KeyedRow]) -> BTreeMap<String, Metrics> {
    let said = |line: &KeyedRow| match line.keys[0] {
        0 => None,
        key => labels::text(connection, key.cast_signed()).unwrap(),
    };
    let name = |line: &KeyedRow| {
        let key = line.keys[0].cast_signed();
        if dimension.folds() { fold(dimension.value_kind, said(line).as_deref()) } else { key.to_string() }
    };
    lines.iter().map(|line| (name(line), line.metrics)).collect()
}

/// Returns the numbers that rows are sorted by.
fn numbers(dimension: &Dimension, sort: Sort, line: &KeyedRow) -> (i64, i64) {
    (sort_value(dimension, sort, &line.metrics, line.before.as_ref()), line.metrics[Measure::Hits])
}

/// Checks that rows are sorted by their numbers, unless by title; and those with equal numbers by their texts, or by the
/// texts' hashes where they are too many.
fn are_in_order(dimension: &Dimension, part: &TableQuery, lines: &[KeyedRow]) {
    let sort = part.sort;
    if sort == Sort::Title {
        return;
    }
    let numbers = |line: &KeyedRow| numbers(dimension, sort, line);
    assert!(lines.is_sorted_by_key(|line| if part.is_ascending {
        numbers(line).0
    } else {
        -numbers(line).0
    }));
    let shown = |line: &KeyedRow| {
        (reading::text(dimension.value_kind, &line.name).to_lowercase(), line.name.filter.clone())
    };
    let hash = |line: &KeyedRow| digest(&SHA256, line.name.filter.as_bytes()).as_ref()[..8].to_vec();
    for ties in lines.chunk_by(|one, next| numbers(one) == numbers(next)) {
        let is_in_order = if dimension.folds() || ties.len() <= EngineLimits::small().ties_sorted_max {
            ties.is_sorted_by_key(shown)
        } else {
            ties.is_sorted_by_key(hash)
        };
        let names: Vec<_> = ties.iter().map(|line| &line.name.filter).collect();
        assert!(is_in_order, "{} by {}: {names:?}", dimension.noun, sort.name());
    }
}

fn agree_on(
    bench: &Bench,
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    range: DateRange,
    condition: &str,
) {
    let connection = &bench.connection;
    let expected = expected_items(connection, dimension, range, condition);
    let mut before = GroupBy::new(dimension.group_key);
    runner.run_before(&mut [&mut before]).unwrap();
    for (sort, is_ascending) in [
        (Sort::Metric(Metric::Hits), false),
        (Sort::Metric(Metric::TimeAverage), true),
        (Sort::Change, false),
        (Sort::Title, true),
    ] {
        let part = TableQuery { sort, is_ascending, ..TableQuery::top(dimension, ROWS) };
        let has_names = dimension.value_kind != ValueKind::Visitor
            || expected.len() <= EngineLimits::small().visitors_named_max;
        if !has_names && sort == Sort::Title {
            assert!(table(runner, dimension, &part).is_err());
            continue;
        }
        let lines = lines(runner, dimension, &part);
        files_agree(runner, dimension, &part, &lines);
        assert_eq!(by_name(connection, dimension, &lines), expected, "{} by {}", dimension.noun, sort.name());
        if !dimension.folds() {
            for line in &lines {
                assert_eq!(line.before, Some(before.get(line.keys[0]).unwrap_or_default()));
            }
        }
        are_in_order(dimension, &part, &lines);
        let Some(first) = lines.first() else { return };
        let name = first.name.clone();
        let contains = Search::Contains(name.title.to_lowercase());
        if !has_names {
            assert!(table(runner, dimension, &TableQuery { search: contains, ..part }).is_err());
            continue;
        }
        let exactly = Search::Exactly(name.title.to_uppercase());
        // What is found does not depend on the order.
        let of_any_order = (sort == Sort::Metric(Metric::Hits)).then_some(exactly);
        for search in of_any_order.into_iter().chain([contains]) {
            searches_agree(runner, dimension, &TableQuery { search, ..part.clone() }, lines.clone());
        }
    }
}

/// Returns true if a search finds a name.
fn is_found(name: &ItemName, search: &Search) -> bool {
    let address = name.address.as_deref();
    let path = address.and_then(|address| address.strip_prefix("https://a.example"));
    let small = |text: &str| text.to_lowercase();
    match search {
        Search::Everything => true,
        Search::Contains(part) => {
            let texts = [Some(&*name.title), name.subtitle.as_deref(), address];
            texts.into_iter().flatten().any(|text| small(text).contains(&small(part)))
        }
        Search::Exactly(whole) => {
            let subtitle = name.subtitle.as_deref().filter(|_| address.is_some());
            let elsewhere = address.filter(|_| path.is_none()).and_then(|address| address.split_once("://"));
            let elsewhere = elsewhere.map(|(_, rest)| rest.trim_start_matches("www.").trim_end_matches('/'));
            let texts = [Some(&*name.title), Some(&*name.filter), subtitle, address, path, elsewhere];
            let whole = [small(whole), small(&page_form(whole))];
            texts.into_iter().flatten().any(|text| whole.contains(&small(text)))
        }
    }
}

/// Compares the rows that a search finds with those among all rows that contain it.
fn searches_agree(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    part: &TableQuery,
    all: Vec<KeyedRow>,
) {
    let found = lines(runner, dimension, part);
    files_agree(runner, dimension, part, &found);
    // If a search leaves few of too many equal rows, they are sorted by their texts again.
    let numbers = |line: &KeyedRow| numbers(dimension, part.sort, line);
    let mut ties = all.chunk_by(|one, next| numbers(one) == numbers(next));
    let is_crowded =
        !dimension.folds() && ties.any(|ties| ties.len() > EngineLimits::small().ties_sorted_max);
    let keys = |lines: &[KeyedRow]| {
        let mut keys: Vec<_> = lines.iter().map(|line| line.keys.clone()).collect();
        if is_crowded && part.sort != Sort::Title {
            keys.sort_unstable();
        }
        keys
    };
    let fitting: Vec<KeyedRow> =
        all.iter().filter(|line| is_found(&line.name, &part.search)).cloned().collect();
    assert_eq!(keys(&found), keys(&fitting), "{} with {:?}", dimension.noun, part.search);
    are_in_order(dimension, part, &found);
    let sum = all.iter().map(|line| bar_value(dimension, &line.metrics)).sum::<i64>();
    assert_eq!(table(runner, dimension, part).unwrap().sum, sum, "the sum is that of all items");
    let one = line(runner, dimension, &fitting[0].name.filter).unwrap().unwrap();
    assert_eq!((one.keys, one.metrics), (fitting[0].keys.clone(), fitting[0].metrics));
}

/// Compares the list of visits, slice by slice as a file has it, with all pages.
fn visits_agree(runner: &QueryRunner<'_>) {
    let ids = |visits: &[Visit]| visits.iter().map(|visit| visit.id).collect::<Vec<_>>();
    let whole = ids(&visits(runner, Page { number: 1, rows: u32::MAX }).unwrap().0);
    let mut listed = Vec::new();
    loop {
        let slice = ids(&visits_below(runner, listed.last().copied(), ROWS as usize).unwrap().0);
        if slice.is_empty() {
            break;
        }
        listed.extend(slice);
    }
    assert_eq!(listed, whole);
}

/// Compares all reports with items.
pub fn agree(bench: &Bench, now: Timestamp, range: DateRange, filters: &[Filter], condition: &str) {
    let query = Query::new(bench.site.clone(), range, Visibility::everything());
    let scope = Query { filters: filters.to_vec(), comparison: Some(Comparison::ALL[0]), ..query };
    bench.ask(now, |snapshot| {
        let runner = QueryRunner::new(snapshot, &scope).unwrap();
        for dimension in catalogue::dimensions() {
            agree_on(bench, &runner, dimension, range, condition);
        }
        for (first, second) in PAIRS.into_iter().chain([("browser", "country"), ("host", "href")]) {
            broken_files_agree(&runner, first, second);
        }
        visits_agree(&runner);
    });
}
