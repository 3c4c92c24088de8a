//! The versions of a split test, in one pass over the days for their metrics and one for their visits by day.

use super::aggregate::group_by::GroupBy;
use super::aggregate::item_series::ItemSeries;
use super::aggregate::key_filter::KeyFilter;
use super::ranking::{keys_of_pairs, table_of};
use super::runner::QueryRunner;
use crate::error::Result;
use crate::limits::{SPLIT_GOAL_ROWS_MAX, SPLIT_TESTS_MAX, SPLIT_VERSIONS_MAX};
use crate::model::clock::Day;
use crate::reports::catalogue;
use crate::reports::columns::block::MetricSet;
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
    let asked = want.test.as_ref().map(|asked| {
        let is_alike = |name: &&String| name.eq_ignore_ascii_case(asked);
        tests.iter().find(|name| *name == asked).or_else(|| tests.iter().find(is_alike)).unwrap_or(asked)
    });
    let Some(name) = asked.or(usual).cloned() else {
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
    let last = days.iter().filter_map(|days| days.keys().next_back()).max().copied();
    let goal = last.map(|day| goal(runner, test, day)).transpose()?.flatten();
    let versions = table.rows.into_iter().zip(days).map(|(row, days)| SplitVersion { row: row.into(), days });
    Ok(SplitTest {
        versions: versions.collect(),
        tests,
        name: Some(name),
        count: table.count,
        visits: Compared { now: table.sum, before: table.sum_before },
        goal,
    })
}

/// Returns the goal that the page code named last for a test which ran up to a day, among the newest splits until then.
fn goal(runner: &QueryRunner<'_>, test: i64, last: Day) -> Result<Option<String>> {
    let visits = DateRange { first: runner.range.first, last }.visits(&runner.site().zone);
    let sql = "select labels.text from (
        select visit_id, test, goal from splits
        where site_id = :site and visit_id >= :first and visit_id < :end
        order by visit_id desc limit :rows
      ) as newest join labels on labels.id = newest.goal
      where newest.test = :test
      order by newest.visit_id desc limit 1";
    let bound = named_params! {
        ":site": runner.site().id.0, ":first": visits.start.0, ":end": visits.end.0, ":test": test,
        ":rows": SPLIT_GOAL_ROWS_MAX,
    };
    let mut statement = runner.snapshot.connection.prepare_cached(sql)?;
    Ok(statement.query_row(bound, |row| row.get(0)).optional()?)
}
