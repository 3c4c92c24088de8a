//! The questions that a pass over days can answer: totals, totals by day and by hour, what visits or actions are
//! counted by, and which visits match.

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

/// Something that is answered by looking at one stretch of days after the other, in any order and by several at once.
pub trait Question: Any + Send {
    /// What it needs of a stretch.
    fn needs(&self, wants: &mut Wants);
    /// Looks at a stretch.
    fn add(&mut self, stretch: &Stretch, rows: &Rows);
    /// The same question with nothing counted yet, for another pair of eyes.
    fn fork(&self) -> Box<dyn Question>;
    /// Takes what a fork of it has counted.
    fn join(&mut self, fork: Box<dyn Question>);

    /// Looks at days of which totals are left. They come before the others; whoever asks for visits finds none there.
    fn add_totals(&mut self, _: &PastDays<'_>) -> Result<()> {
        Ok(())
    }
}

/// What a fork has counted.
pub fn counted<Q: Question>(fork: Box<dyn Question>) -> Option<Q> {
    let fork: Box<dyn Any> = fork;
    fork.downcast().ok().map(|fork| *fork)
}

/// The days of a stretch that a question is about, each with its rows; whether all of its visits count.
fn each_day(stretch: &Stretch, rows: &Rows, mut see: impl FnMut(&DaySums, Range<usize>)) {
    for (sums, of_day) in stretch.each_day() {
        if of_day.start >= rows.range.start && of_day.end <= rows.range.end {
            see(sums, of_day);
        }
    }
}

/// Bags of actions, in the order of [`Measures::kinds`].
fn kinds() -> impl Iterator<Item = Bag> {
    KINDS.into_iter().map(Bag::Actions)
}

/// Finds the day of rows that come in ascending order.
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

/// A code as a place among keys.
#[expect(clippy::cast_possible_truncation, reason = "places are far below 2^32")]
pub fn place(code: u64) -> usize {
    code as usize
}

/// Whether the sums of a column tell all that is asked.
fn sums_tell(stretch: &Stretch, of: Of, rows: &Rows) -> bool {
    rows.is_plain() && rows.range == (0..stretch.visits()) && stretch.head(of).sums.is_some()
}
