//! All items of a report in order, for export: counted once, sorted externally, and returned a slice at a time. Their
//! order is that of the pages.

use super::collector::{Collected, Collector};
use super::group::Group;
use super::ranked::check_names;
use super::ranked_item::{Cell, RankedItem};
use super::sequence::Sequence;
use crate::error::Result;
use crate::reports::columns::DictKey;
use crate::reports::columns::block::MetricSet;
use crate::reports::comparison::Compared;
use crate::reports::dimension::Dimension;
use crate::reports::engine::aggregate::cells::CrossTabCells;
use crate::reports::engine::aggregate::external_sort::ExternalSort;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::aggregate::pairs::Axis;
use crate::reports::engine::aggregate::parted::each_part;
use crate::reports::engine::ranking::groups::{groups, sort_groups};
use crate::reports::engine::ranking::keyed::KeyedRow;
use crate::reports::engine::ranking::{all_keys, count, lines_of};
use crate::reports::engine::runner::QueryRunner;
use crate::reports::table_query::TableQuery;
use foldhash::{HashMap, HashMapExt};
use std::vec;

/// A cursor over all items of a report.
#[derive(Debug)]
pub struct AllItems(All);

#[derive(Debug)]
enum All {
    /// One item a line.
    Items(Sequence),
    /// Several items a line.
    Groups(vec::IntoIter<Group>),
    /// Several items a line, with a sequence of the groups that have cells.
    Cells(Vec<Group>, Sequence),
}

/// A line of a cross-tabulated report, with its cells that are not empty.
pub type LineWithCells = (KeyedRow, Vec<Cell>);

/// Returns all items of a dimension in order, to be read with [`next_lines`].
///
/// # Errors
/// Fails as [`table`](super::table) does.
pub fn all_items(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    part: &TableQuery,
) -> Result<AllItems> {
    runner.require(dimension)?;
    runner.check_order(part)?;
    let counted = count(runner, dimension.group_key, MetricSet::All, &all_keys(runner, dimension.group_key))?;
    if dimension.folds() {
        let groups = groups(runner, dimension, counted)?;
        return Ok(AllItems(All::Groups(sort_groups(runner, dimension, groups.0, part).into_iter())));
    }
    check_names(dimension, &[part], &counted.now, runner.snapshot.limits().visitors_named_max)?;
    let namer = runner.namer(dimension);
    let sort = ExternalSort::new(runner.snapshot.aside());
    let mut collector = Collector::new(part, &namer, Collected::All(Box::new(sort)));
    each_part(&runner.snapshot.aside(), counted, &mut |items| collector.see_all(items, &mut HashMap::new()))?;
    all_of(runner, collector)
}

fn all_of(runner: &QueryRunner<'_>, collector: Collector<'_>) -> Result<AllItems> {
    let sort = match collector.collected {
        Collected::All(sort) => *sort,
        Collected::Top(_) => ExternalSort::new(runner.snapshot.aside()),
    };
    Ok(AllItems(All::Items(Sequence::new(runner.snapshot.aside(), sort)?)))
}

/// Returns all items in order with the visits in which each occurs together with the items of `columns`; takes one
/// more pass over the days. Groups that occur with none of them are missing.
///
/// # Errors
/// Fails as [`table`](super::table) does.
pub fn all_items_with_cells(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    part: &TableQuery,
    counted: Compared<GroupBy>,
    columns: Axis,
) -> Result<AllItems> {
    runner.require(dimension)?;
    runner.check_order(part)?;
    if dimension.folds() {
        let groups = groups(runner, dimension, counted)?;
        let groups = sort_groups(runner, dimension, groups.0, part);
        let first = Axis::of_groups(dimension.group_key, groups.iter().map(|group| group.keys.as_slice()));
        let mut sort = ExternalSort::new(runner.snapshot.aside());
        each_part(&runner.snapshot.aside(), count_cells(runner, first, columns)?, &mut |cells| {
            let found = by_key(cells).into_iter();
            found
                .map(|(key, cells)| RankedItem { key, cells, ..RankedItem::default() })
                .try_for_each(|one| sort.push(one))
        })?;
        let places = Sequence::new(runner.snapshot.aside(), sort)?;
        return Ok(AllItems(All::Cells(groups, places)));
    }
    check_names(dimension, &[part], &counted.now, runner.snapshot.limits().visitors_named_max)?;
    let namer = runner.namer(dimension);
    let sort = ExternalSort::new(runner.snapshot.aside());
    let mut collector = Collector::new(part, &namer, Collected::All(Box::new(sort)));
    let cells = count_cells(runner, Axis::Each(dimension.group_key), columns)?;
    each_part(&runner.snapshot.aside(), (counted, cells), &mut |(items, cells)| {
        collector.see_all(items, &mut by_key(cells))
    })?;
    all_of(runner, collector)
}

fn count_cells(runner: &QueryRunner<'_>, first: Axis, second: Axis) -> Result<Compared<CrossTabCells>> {
    let cells = || CrossTabCells::new(first.clone(), second.clone(), runner.snapshot.aside());
    let (mut now, mut before) = (cells(), cells());
    runner.run(&mut [&mut now])?;
    let is_compared = runner.run_before(&mut [&mut before])?;
    Ok(Compared { now, before: is_compared.then_some(before) })
}

/// Returns at most the next `lines` lines; none after the last.
///
/// # Errors
/// Fails when the query is cancelled or the data cannot be read.
pub fn next_lines(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    all: &mut AllItems,
    lines: u32,
) -> Result<Vec<LineWithCells>> {
    let namer = runner.namer(dimension);
    let lines = usize::try_from(lines).unwrap_or(usize::MAX);
    match &mut all.0 {
        All::Items(items) => {
            let found = items.take(&namer, lines)?;
            let lines = lines_of(runner, dimension, &found)?;
            Ok(lines.into_iter().zip(found.into_iter().map(|one| one.cells)).collect())
        }
        All::Groups(groups) => {
            let lines = groups.take(lines).map(|group| (group.row(&namer), Vec::new()));
            Ok(lines.collect())
        }
        All::Cells(groups, items) => {
            let found = items.take(&namer, lines)?.into_iter();
            let line = |one: RankedItem| {
                let group = groups.get(usize::try_from(one.key).ok()?)?;
                Some((group.row(&namer), one.cells))
            };
            Ok(found.filter_map(line).collect())
        }
    }
}

/// Collects cells by the key of their row, in the order of their columns.
fn by_key(cells: &Compared<CrossTabCells>) -> HashMap<DictKey, Vec<Cell>> {
    let mut by_key: HashMap<DictKey, Vec<Cell>> = HashMap::new();
    for (key, column, now) in cells.now.each() {
        by_key.entry(key).or_default().push(Cell { column, now, before: 0 });
    }
    for (key, column, before) in cells.before.iter().flat_map(CrossTabCells::each) {
        let row = by_key.entry(key).or_default();
        match row.iter_mut().find(|cell| cell.column == column) {
            Some(cell) => cell.before = before,
            None => row.push(Cell { column, now: 0, before }),
        }
    }
    for row in by_key.values_mut() {
        row.sort_unstable();
    }
    by_key
}
