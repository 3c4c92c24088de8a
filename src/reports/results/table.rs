//! Tables: items of a dimension with names and metrics, searched, sorted and cut to a page.

use super::item_name::ItemName;
use crate::model::metrics::{Metric, Metrics};
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::table_query::Sort;

/// A row of a table.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// The name of the item.
    pub name: ItemName,
    /// The metrics of the item.
    pub metrics: Metrics,
    /// The metrics in the comparison period; `None` without a comparison.
    pub before: Option<Metrics>,
}

/// One page of a table, with sums over all pages.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The rows of the page.
    pub rows: Vec<TableRow>,
    /// The number of rows on all pages.
    pub count: usize,
    /// The sum over all items, including those that a search excludes.
    pub sum: i64,
    /// The highest value shown by a bar.
    pub highest: i64,
    /// The sum over all items of the comparison period, including those that do not occur in the range.
    pub sum_before: Option<i64>,
}

impl Table {
    /// Returns true if its rows have metrics of a comparison period.
    pub fn is_compared(&self) -> bool {
        self.rows.iter().any(|line| line.before.is_some())
    }
}

/// Returns the value by which a row is sorted.
pub(in crate::reports) fn sort_value(
    dimension: &Dimension,
    sort: Sort,
    metrics: &Metrics,
    before: Option<&Metrics>,
) -> i64 {
    match (sort, before) {
        (Sort::Change, Some(before)) => bar_value(dimension, metrics) - bar_value(dimension, before),
        (sort, _) => sort.value(metrics),
    }
}

/// Returns the metric of bars and shares.
pub fn bar_metric(dimension: &Dimension) -> Metric {
    if dimension.value_kind == ValueKind::Visitor { Metric::Actions } else { Metric::Hits }
}

/// Returns the value shown by a row's bar.
pub fn bar_value(dimension: &Dimension, metrics: &Metrics) -> i64 {
    bar_metric(dimension).value(metrics)
}
