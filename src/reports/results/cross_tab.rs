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

/// Two items that occur in the same visits.
#[derive(Debug)]
pub struct Pair<'a> {
    /// The item of the first dimension.
    pub row: &'a TableRow,
    /// The item of the second dimension.
    pub column: &'a TableRow,
    /// The visits with both.
    pub visits: Compared<i64>,
}

impl CrossTab {
    /// Iterates over the pairs that any visits have, row by row.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        let cells = |index: usize| Compared {
            now: self.cells.now.get(index).map_or(&[][..], Vec::as_slice),
            before: self.cells.before.as_ref().map(|rows| rows.get(index).map_or(&[][..], Vec::as_slice)),
        };
        self.rows.rows.iter().enumerate().flat_map(move |(index, row)| {
            let cells = cells(index);
            let pairs = self.columns.iter().enumerate().map(move |(index, column)| {
                let count = |cells: &[i64]| cells.get(index).copied().unwrap_or(0);
                let visits = Compared { now: count(cells.now), before: cells.before.map(count) };
                Pair { row, column, visits }
            });
            pairs.filter(|pair| pair.visits.now != 0 || pair.visits.before.is_some_and(|visits| visits != 0))
        })
    }
}
