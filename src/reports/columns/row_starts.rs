//! The places at which the rows of each visit begin in a repeated column.

use super::Repeated;
use super::block::{Block, ColumnData, Offsets};
use super::packed_ints::place;
use std::ops::Range;

/// The places at which the rows of each visit of a range begin.
#[derive(Debug)]
pub struct RowStarts {
    first_visit: usize,
    /// One more than there are visits: the last one is the end.
    starts: Vec<usize>,
}

impl RowStarts {
    /// Reads those of the visits in a range, which must begin a day.
    pub fn new(block: &Block, bag: Repeated, visits: &Range<usize>) -> Self {
        let mut starts = Vec::with_capacity(visits.len() + 1);
        match block.column(super::ColumnPart::Offsets(bag)) {
            Some(ColumnData::Offsets(Offsets::Listed(owners))) => {
                let mut row = owners.first_from(visits.start);
                for visit in visits.clone() {
                    starts.push(row);
                    while row < owners.len() && owners.place(row) == visit {
                        row += 1;
                    }
                }
                starts.push(row);
            }
            Some(ColumnData::Offsets(Offsets::Counted(counts))) => {
                let mut row = block.rows_before(bag, visits.start);
                counts.each_batch(visits.clone(), |_, counts| {
                    for count in counts {
                        starts.push(row);
                        row += place(*count);
                    }
                });
                starts.push(row);
            }
            _ => starts.resize(visits.len() + 1, 0),
        }
        Self { first_visit: visits.start, starts }
    }

    /// Returns the rows of a visit.
    pub fn rows(&self, visit: usize) -> Range<usize> {
        let place = visit - self.first_visit;
        self.starts[place]..self.starts[place + 1]
    }

    /// Returns the rows of all visits.
    pub fn all(&self) -> Range<usize> {
        self.starts.first().copied().unwrap_or(0)..self.starts.last().copied().unwrap_or(0)
    }
}
