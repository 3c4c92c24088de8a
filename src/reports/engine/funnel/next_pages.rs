//! The pages that those who were lost after a step of a funnel viewed next, and how many of them left.

use crate::error::Result;
use crate::reports::columns::DictKey;
use crate::reports::engine::aggregate::accumulator::Accumulator;
use crate::reports::engine::aggregate::cells::CrossTabCells;
use crate::reports::engine::aggregate::parted::each_part;
use crate::reports::engine::aggregate::spill_folder::SpillFolder;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The next pages of those lost after each step.
#[derive(Debug)]
pub struct NextPages {
    cells: CrossTabCells,
    left: Vec<i64>,
    aside: SpillFolder,
}

/// The most frequent next pages after a step, and the number of those who left.
#[derive(Debug, Default)]
pub struct TopPages {
    /// The pages, most frequent first.
    pub pages: Vec<(DictKey, i64)>,
    /// Those who left.
    pub left: i64,
}

/// Pages with their numbers, the least frequent first; of equally frequent ones the later key first.
type LeastFirst = BinaryHeap<Reverse<(i64, Reverse<DictKey>)>>;

impl NextPages {
    /// Returns no pages for so many steps.
    pub fn new(steps: usize, aside: SpillFolder) -> Self {
        Self { cells: CrossTabCells::of_pairs(aside.clone()), left: vec![0; steps], aside }
    }

    /// Adds those who viewed a page next after a step, counted from 0.
    pub fn add(&mut self, step: usize, page: DictKey, count: i64) {
        self.cells.take(page, u32::try_from(step).unwrap_or(u32::MAX), count);
    }

    /// Adds those who left after a step.
    pub fn leave(&mut self, step: usize, count: i64) {
        self.left[step] += count;
    }

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: Self) {
        self.cells.merge(Box::new(other.cells));
        self.left.iter_mut().zip(other.left).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// Returns the most frequent pages after each step, at most so many.
    ///
    /// # Errors
    /// Fails when the query is cancelled or what was spilled cannot be read.
    pub fn top(self, most: usize) -> Result<Vec<TopPages>> {
        let mut tops: Vec<LeastFirst> = self.left.iter().map(|_| BinaryHeap::new()).collect();
        each_part(&self.aside, self.cells, &mut |cells| {
            for (page, step, count) in cells.each() {
                let Some(top) = tops.get_mut(step as usize) else { continue };
                top.push(Reverse((count, Reverse(page))));
                if top.len() > most {
                    top.pop();
                }
            }
            Ok(())
        })?;
        let sorted = tops.into_iter().zip(self.left).map(|(top, left)| {
            let pages = top.into_sorted_vec();
            let pages = pages.into_iter().map(|Reverse((count, Reverse(page)))| (page, count)).collect();
            TopPages { pages, left }
        });
        Ok(sorted.collect())
    }
}
