//! The number of actions on each day.

use super::accumulator::{Accumulator, DayOfRow, counted, each_day};
use crate::ingest::hit::ActionKind;
use crate::model::clock::Day;
use crate::reports::columns::Repeated;
use crate::reports::columns::block::{Block, Projection, Selection};
use std::collections::BTreeMap;

/// An accumulator of the number of actions of some kinds in the matching visits of each day that has any.
#[derive(Debug)]
pub struct ActionCounts {
    kinds: Vec<ActionKind>,
    /// The numbers.
    pub by_day: BTreeMap<Day, usize>,
}

impl ActionCounts {
    /// Counts the actions of these kinds.
    pub fn new(kinds: Vec<ActionKind>) -> Self {
        Self { kinds, by_day: BTreeMap::new() }
    }

    fn columns(&self) -> impl Iterator<Item = Repeated> + '_ {
        self.kinds.iter().copied().map(Repeated::Actions)
    }

    fn add(&mut self, counts: impl IntoIterator<Item = (Day, usize)>) {
        for (day, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            *self.by_day.entry(day).or_default() += count;
        }
    }
}

impl Accumulator for ActionCounts {
    fn needs(&self, projection: &mut Projection) {
        // Without filters the sums of the days tell.
        if !projection.is_plain {
            projection.offsets(self.columns());
        }
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let (mut ends, mut counts) = (Vec::new(), Vec::new());
        each_day(block, rows, |sums, of_day| {
            let all: usize = self.columns().map(|column| sums.rows[column.number()]).sum();
            ends.push(of_day.end);
            counts.push((sums.day, if rows.is_unfiltered() { all } else { 0 }));
        });
        if !rows.is_unfiltered() {
            for column in self.columns() {
                let mut days = DayOfRow::default();
                block.each_count(column, rows, |row, count| {
                    counts[days.find(row, |day| ends[day])].1 += count;
                });
            }
        }
        self.add(counts);
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.kinds.clone()))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        self.add(counted::<Self>(fork).into_iter().flat_map(|fork| fork.by_day));
    }
}
