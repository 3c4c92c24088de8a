//! The interface of accumulators, and what they share.

use crate::error::Result;
use crate::reports::columns::KINDS;
use crate::reports::columns::block::{Block, DayMetrics, Projection, Selection};
use crate::reports::columns::{ColumnId, ColumnPart, Repeated};
use crate::reports::engine::costs::Costs;
use crate::reports::engine::rollups::Rollups;
use std::any::Any;
use std::ops::Range;

/// An accumulator, which is updated with one block after the other, in any order and by several threads at once.
pub trait Accumulator: Any + Send {
    /// Adds the parts of a block that the accumulator needs to the projection.
    fn needs(&self, projection: &mut Projection);
    /// Updates the accumulator with the selected visits of a block.
    fn update(&mut self, block: &Block, rows: &Selection);
    /// Returns an empty copy for a worker thread; it is merged back with [`Self::merge`].
    fn split(&self) -> Box<dyn Accumulator>;
    /// Merges a copy made by [`Self::split`].
    fn merge(&mut self, fork: Box<dyn Accumulator>);

    /// Updates the accumulator with the totals of pruned days, before all blocks. Accumulators of single visits ignore
    /// them.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    fn update_rollups(&mut self, _: &Rollups<'_>) -> Result<()> {
        Ok(())
    }

    /// Updates the accumulator with the costs of campaigns, after all blocks. Accumulators without costs ignore them.
    fn update_costs(&mut self, _: &Costs) {}
}

/// Downcasts a copy to its concrete type; `None` for another type.
pub fn counted<Q: Accumulator>(fork: Box<dyn Accumulator>) -> Option<Q> {
    let fork: Box<dyn Any> = fork;
    fork.downcast().ok().map(|fork| *fork)
}

/// Calls `visit` with the days of a block that lie in the selected range, each with its rows.
pub fn each_day(block: &Block, rows: &Selection, mut visit: impl FnMut(&DayMetrics, Range<usize>)) {
    for (sums, of_day) in block.each_day() {
        if of_day.start >= rows.range.start && of_day.end <= rows.range.end {
            visit(sums, of_day);
        }
    }
}

/// Iterates over the repeated columns of actions, in the order of [`KINDS`].
pub fn kinds() -> impl Iterator<Item = Repeated> {
    KINDS.into_iter().map(Repeated::Actions)
}

/// A cursor that finds the day of each row; rows come in ascending order.
#[derive(Default)]
pub struct DayOfRow(usize);

impl DayOfRow {
    /// Returns the index of the day of a row; `end` is the end of the rows of each day.
    pub fn find(&mut self, row: usize, end: impl Fn(usize) -> usize) -> usize {
        while row >= end(self.0) {
            self.0 += 1;
        }
        self.0
    }
}

pub fn hour(block: &Block, row: usize) -> usize {
    block.numbers(ColumnPart::Hours).place(row).min(23)
}

/// Returns true if the metrics of a dictionary answer the query: every visit of the block is selected.
pub fn sums_tell(block: &Block, column: ColumnId, rows: &Selection) -> bool {
    rows.is_unfiltered() && rows.range == (0..block.visits()) && block.dictionary(column).sums.is_some()
}
