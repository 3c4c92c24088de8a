//! Rows and tables with the keys of their items, which stay below the border of the engine.

use crate::model::metrics::Metrics;
use crate::reports::columns::DictKey;
use crate::reports::results::item_name::ItemName;
use crate::reports::results::table::{Table, TableRow};

/// A row of a table with the keys of its item.
#[derive(Clone, Debug)]
pub struct KeyedRow {
    /// The name of the item.
    pub name: ItemName,
    /// The keys that the item comprises.
    pub keys: Vec<DictKey>,
    /// The metrics of the item.
    pub metrics: Metrics,
    /// The metrics in the comparison period; `None` without a comparison.
    pub before: Option<Metrics>,
}

impl From<KeyedRow> for TableRow {
    fn from(KeyedRow { name, metrics, before, .. }: KeyedRow) -> Self {
        Self { name, metrics, before }
    }
}

/// One page of a table whose rows have keys.
#[derive(Clone, Debug, Default)]
pub struct KeyedTable {
    /// The rows of the page.
    pub rows: Vec<KeyedRow>,
    /// The number of rows on all pages.
    pub count: usize,
    /// The sum over all items, including those that a search excludes.
    pub sum: i64,
    /// The highest value shown by a bar.
    pub highest: i64,
    /// The sum over all items of the comparison period, including those that do not occur in the range.
    pub sum_before: Option<i64>,
}

impl From<KeyedTable> for Table {
    fn from(KeyedTable { rows: lines, count, sum, highest, sum_before }: KeyedTable) -> Self {
        Self { rows: lines.into_iter().map(TableRow::from).collect(), count, sum, highest, sum_before }
    }
}
