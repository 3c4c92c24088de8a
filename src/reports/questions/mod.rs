//! Accumulators: aggregations computed in one pass over days, such as totals, sums by day and by hour, items with their
//! metrics, and matching visits.

mod aside;
mod cells;
mod external_sort;
mod first_times;
mod groups;
mod items;
mod lines;
mod matches;
mod pairs;
mod parted;
mod spill;
mod steps;

pub use aside::Aside;
pub use cells::{Cells, CellsPart};
pub use external_sort::{ExternalSort, Sortable, Sorted};
pub use first_times::{FirstTimes, FirstTimesPart};
pub use groups::Groups;
pub use items::{Items, ItemsPart, Keys};
pub use lines::Lines;
pub use matches::{Latest, Matches, Matching};
pub use pairs::{Pairs, Side};
pub use parted::each_part;
pub use steps::{ByDay, ByHour, Totals};

use super::columns::stretch::{DaySums, Rows, Stretch, Wants};
use super::columns::{Bag, Of, Part};
use super::measures::KINDS;
use super::totals::PastDays;
use crate::error::Result;
use std::any::Any;
use std::ops::Range;

/// An accumulator, which is updated with one block after the other, in any order and by several threads at once.
pub trait Question: Any + Send {
    /// Adds the parts of a block that the accumulator needs to the projection.
    fn needs(&self, wants: &mut Wants);
    /// Updates the accumulator with the selected visits of a block.
    fn add(&mut self, stretch: &Stretch, rows: &Rows);
    /// Returns an empty copy for a worker thread; it is merged back with [`Question::join`].
    fn fork(&self) -> Box<dyn Question>;
    /// Merges a copy made by [`Question::fork`].
    fn join(&mut self, fork: Box<dyn Question>);

    /// Updates the accumulator with the totals of pruned days, before all blocks. Accumulators of single visits ignore
    /// them.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    fn add_totals(&mut self, _: &PastDays<'_>) -> Result<()> {
        Ok(())
    }
}

/// Downcasts a copy to its concrete type; `None` for another type.
pub fn counted<Q: Question>(fork: Box<dyn Question>) -> Option<Q> {
    let fork: Box<dyn Any> = fork;
    fork.downcast().ok().map(|fork| *fork)
}

/// Calls `see` with the days of a block that lie in the selected range, each with its rows.
fn each_day(stretch: &Stretch, rows: &Rows, mut see: impl FnMut(&DaySums, Range<usize>)) {
    for (sums, of_day) in stretch.each_day() {
        if of_day.start >= rows.range.start && of_day.end <= rows.range.end {
            see(sums, of_day);
        }
    }
}

/// Iterates over the repeated columns of actions, in the order of `Measures::kinds`.
fn kinds() -> impl Iterator<Item = Bag> {
    KINDS.into_iter().map(Bag::Actions)
}

/// A cursor that finds the day of each row; rows come in ascending order.
#[derive(Default)]
struct DayOfRow(usize);

impl DayOfRow {
    fn of(&mut self, row: usize, end: impl Fn(usize) -> usize) -> usize {
        while row >= end(self.0) {
            self.0 += 1;
        }
        self.0
    }
}

fn hour(stretch: &Stretch, row: usize) -> usize {
    stretch.numbers(Part::Hours).place(row).min(23)
}

/// Converts a dictionary code to an index.
#[expect(clippy::cast_possible_truncation, reason = "places are far below 2^32")]
pub fn place(code: u64) -> usize {
    code as usize
}

/// Returns true if the metrics of a dictionary answer the query: every visit of the block is selected.
fn sums_tell(stretch: &Stretch, of: Of, rows: &Rows) -> bool {
    rows.is_plain() && rows.range == (0..stretch.visits()) && stretch.head(of).sums.is_some()
}
