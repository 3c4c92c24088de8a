//! Cross-tabulations.

use super::table::{Table, TableRow};
use crate::reports::comparison::Compared;

/// A cross-tabulation of two dimensions.
#[derive(Debug, Default)]
pub struct CrossTab {
    /// A page of the items of the first dimension.
    pub rows: Table,
    /// The most frequent items of the second dimension.
    pub columns: Vec<TableRow>,
    /// For each row, the visits that also have the item of each column.
    pub cells: Compared<Vec<Vec<i64>>>,
}
