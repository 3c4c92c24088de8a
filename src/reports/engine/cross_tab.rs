//! Cross-tabulation of two dimensions: the number of visits with both an item of the first and an item of the second.
//! Only the shown items are counted, so that it takes no more memory than its table.

use crate::error::Result;
use crate::reports::columns::block::MetricSet;
use crate::reports::comparison::Compared;
use crate::reports::dimension::Dimension;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::aggregate::pairs::{Axis, PairCounts};
use crate::reports::engine::ranking::all::{AllItems, LineWithCells};
use crate::reports::engine::ranking::all::{all_items_with_cells, next_lines};
use crate::reports::engine::ranking::keyed::KeyedRow;
use crate::reports::engine::ranking::ranked::Ranking;
use crate::reports::engine::ranking::{all_keys, page_of, rank, table_of};
use crate::reports::engine::runner::QueryRunner;
use crate::reports::query::CrossTabWant;
use crate::reports::results::cross_tab::CrossTab;
use crate::reports::results::table::TableRow;
use crate::reports::table_query::TableQuery;

/// The ranked items of two dimensions: those of the first in order, up to a page, and those of the second that are
/// columns.
#[derive(Debug)]
pub struct RankedPair {
    first: Ranking,
    columns: Vec<KeyedRow>,
}

/// All items of a dimension in order, each with its visits for the most frequent items of another dimension.
#[derive(Debug)]
pub struct AllPairs {
    first: &'static Dimension,
    items: AllItems,
    /// The most frequent items of the other dimension.
    pub columns: Vec<KeyedRow>,
}

/// Counts the items of two dimensions in one pass over the days; returns the most frequent ones of the second.
fn count_both(runner: &QueryRunner<'_>, want: &CrossTabWant) -> Result<(Compared<GroupBy>, Vec<KeyedRow>)> {
    let (first, second) = (want.rows, want.columns);
    runner.require(first)?;
    runner.require(second)?;
    let items = |by| GroupBy::some(by, MetricSet::All, all_keys(runner, by));
    let (mut now, mut before, mut columns) =
        (items(first.group_key), items(first.group_key), items(second.group_key));
    runner.run(&mut [&mut now, &mut columns])?;
    let is_compared = runner.run_before_by(first.group_key, &mut [&mut before])?;
    // Columns are chosen by the items of the range alone: they are not compared.
    let columns = Compared { now: columns, before: None };
    let columns = table_of(runner, second, columns, &TableQuery::top(second, want.columns_max))?.rows;
    Ok((Compared { now, before: is_compared.then_some(before) }, columns))
}

/// Ranks the items of two dimensions: of the rows up to the page of the table, of the columns the most frequent ones.
///
/// # Errors
///
/// Fails with `Error::Forbidden` when the caller may not see a dimension, with `Error::Abandoned` when the request
/// is cancelled, and when the data file cannot be read.
pub fn rank_both(runner: &QueryRunner<'_>, want: &CrossTabWant) -> Result<RankedPair> {
    let (counted, columns) = count_both(runner, want)?;
    let first = rank(runner, want.rows, counted, &[&want.table])?.pop().unwrap_or_default();
    Ok(RankedPair { first, columns })
}

/// Cross-tabulates a page of the rows with the columns, in one more pass over the days.
///
/// # Errors
///
/// Fails with `Error::Abandoned` when the request is cancelled, and when the data file cannot be read.
pub fn breakdown(runner: &QueryRunner<'_>, want: &CrossTabWant, ranked: &RankedPair) -> Result<CrossTab> {
    let (first, second) = (want.rows, want.columns);
    let rows = page_of(runner, first, &ranked.first, want.table.page)?;
    let columns = ranked.columns.clone();
    let keys_of = |lines: &[KeyedRow]| lines.iter().map(|line| line.keys.clone()).collect::<Vec<_>>();
    let pairs =
        || PairCounts::new(first.group_key, &keys_of(&rows.rows), second.group_key, &keys_of(&columns));
    let (mut now, mut before) = (pairs(), pairs());
    runner.run(&mut [&mut now])?;
    let is_compared = runner.run_before(&mut [&mut before])?;
    let width = columns.len();
    let cells = |pairs: &PairCounts| -> Vec<Vec<i64>> {
        (0..rows.rows.len()).map(|row| pairs.visits[row * width..(row + 1) * width].to_vec()).collect()
    };
    let cells = Compared { now: cells(&now), before: is_compared.then(|| cells(&before)) };
    let columns = columns.into_iter().map(TableRow::from).collect();
    Ok(CrossTab { rows: rows.into(), columns, cells })
}

/// Cross-tabulates all items of the rows with the most frequent ones of the columns, in two passes over the days, however
/// many items there are.
///
/// # Errors
///
/// Fails as [`rank_both`] does.
pub fn all_pairs(runner: &QueryRunner<'_>, want: &CrossTabWant) -> Result<AllPairs> {
    let (counted, columns) = count_both(runner, want)?;
    let side = Axis::of_groups(want.columns.group_key, columns.iter().map(|column| column.keys.as_slice()));
    let items = all_items_with_cells(runner, want.rows, &want.table, counted, side)?;
    Ok(AllPairs { first: want.rows, items, columns })
}

/// Returns the next rows, at most `lines`, with the cells that are not empty; no row after the last.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn next_pairs(runner: &QueryRunner<'_>, pairs: &mut AllPairs, lines: u32) -> Result<Vec<LineWithCells>> {
    next_lines(runner, pairs.first, &mut pairs.items, lines)
}
