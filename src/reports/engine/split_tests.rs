//! The versions of a split test, in one pass over the days for their metrics and one for their visits by day.

use super::aggregate::group_by::{GroupBy, KeyFilter};
use super::aggregate::item_series::ItemSeries;
use super::ranking::{keys_of_pairs, table_of};
use super::runner::QueryRunner;
use crate::error::Result;
use crate::limits::{SPLIT_GOAL_ROWS_MAX, SPLIT_TESTS_MAX, SPLIT_VERSIONS_MAX};
use crate::model::clock::Day;
use crate::reports::catalogue;
use crate::reports::columns::block::MetricSet;
use crate::reports::columns::{DictKey, unpack_pair};
use crate::reports::comparison::Compared;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::GroupKey;
use crate::reports::query::SplitTestWant;
use crate::reports::results::split_test::{SplitTest, SplitVersion};
use crate::reports::table_query::TableQuery;
use crate::store::labels;
use rusqlite::{OptionalExtension, named_params};
use std::collections::BTreeMap;

/// Returns a split test with its versions.
///
/// # Errors
/// Fails with `Error::Forbidden` when split tests may not be seen, and when the query is cancelled or the data cannot be read.
pub fn split_test(runner: &QueryRunner<'_>, want: &SplitTestWant) -> Result<SplitTest> {
    let splits = catalogue::splits();
    let Compared { now: tests, before } = keys_of_pairs(runner, splits, SPLIT_TESTS_MAX)?;
    let usual = tests.first().or_else(|| before.as_ref()?.first());
    let Some(name) = want.test.as_ref().or(usual).cloned() else {
        return Ok(SplitTest::default());
    };
    let Some(test) = labels::find(runner.snapshot.connection, &name)?.filter(|label| *label > 0) else {
        return Ok(SplitTest { tests, name: Some(name), ..SplitTest::default() });
    };
    let keys = KeyFilter::Pairs(runner.snapshot.aside(), test.cast_unsigned());
    let items = || GroupBy::some(GroupKey::Split, MetricSet::All, keys.clone());
    let (mut now, mut before) = (items(), items());
    runner.run(&mut [&mut now])?;
    let is_compared = runner.run_before_by(GroupKey::Split, &mut [&mut before])?;
    let counted = Compared { now, before: is_compared.then_some(before) };
    let table = table_of(runner, splits, counted, &TableQuery::top(splits, SPLIT_VERSIONS_MAX))?;
    let groups: Vec<_> = table.rows.iter().map(|row| row.keys.clone()).collect();
    let mut series = ItemSeries::new(GroupKey::Split, &groups, false);
    runner.run(&mut [&mut series])?;
    let days = |group: usize| -> BTreeMap<Day, i64> {
        let visits = series.by_day.iter().map(|(day, groups)| (*day, groups[group]));
        visits.filter(|(_, visits)| *visits > 0).collect()
    };
    let days: Vec<_> = (0..groups.len()).map(days).collect();
    let first = days.iter().filter_map(|days| days.keys().next()).min().copied();
    let seen_first = first.map(|day| seen_first(runner, test, day)).transpose()?.flatten();
    let versions = table.rows.into_iter().zip(days).map(|(row, days)| {
        let is_seen_first = row.keys.iter().any(|key| Some(unpack_pair(*key).1) == seen_first);
        SplitVersion { row: row.into(), days, is_seen_first }
    });
    Ok(SplitTest {
        versions: versions.collect(),
        tests,
        name: Some(name),
        count: table.count,
        visits: Compared { now: table.sum, before: table.sum_before },
        goal: goal(runner, test)?,
    })
}

/// Returns the label of the version that was seen first on a day; `None` if the visits of that day are not kept.
fn seen_first(runner: &QueryRunner<'_>, test: i64, day: Day) -> Result<Option<DictKey>> {
    let visits = DateRange { first: day, last: day }.visits(&runner.site().zone);
    let sql = "select version from splits
      where site_id = :site and visit_id >= :first and visit_id < :end and test = :test
      order by visit_id limit 1";
    let bound = named_params! {
        ":site": runner.site().id.0, ":first": visits.start.0, ":end": visits.end.0, ":test": test,
    };
    let mut statement = runner.snapshot.connection.prepare_cached(sql)?;
    let found: Option<i64> = statement.query_row(bound, |row| row.get(0)).optional()?;
    Ok(found.map(i64::cast_unsigned))
}

/// Returns the goal that the page code named last for a test, among the newest splits of the range.
fn goal(runner: &QueryRunner<'_>, test: i64) -> Result<Option<String>> {
    let visits = runner.range.visits(&runner.site().zone);
    let sql = "select labels.text from (
        select test, goal from splits
        where site_id = :site and visit_id >= :first and visit_id < :end
        order by visit_id desc limit :rows
      ) as newest join labels on labels.id = newest.goal
      where newest.test = :test
      limit 1";
    let bound = named_params! {
        ":site": runner.site().id.0, ":first": visits.start.0, ":end": visits.end.0, ":test": test,
        ":rows": SPLIT_GOAL_ROWS_MAX,
    };
    let mut statement = runner.snapshot.connection.prepare_cached(sql)?;
    Ok(statement.query_row(bound, |row| row.get(0)).optional()?)
}
