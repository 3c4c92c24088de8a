//! Counts of visits for each pair of an item of one dimension and an item of another, for any number of items;
//! non-empty cells beyond the memory limit are spilled.

use super::accumulator::{Accumulator, counted};
use super::pairs::{Axis, each_pair};
use super::spill::{Spill, SpillRecord, SpilledPart};
use super::spill_folder::SpillFolder;
use crate::error::Result;
use crate::reports::columns::DictKey;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::dimension::GroupKey;
use foldhash::{HashMap, HashMapExt};

/// An accumulator of visits by an item of the first dimension and the number of an item of the second.
#[derive(Debug)]
pub struct CrossTabCells {
    first: Axis,
    second: Axis,
    aside: SpillFolder,
    spill: Option<Box<Spill>>,
    found: HashMap<(DictKey, u32), i64>,
}

impl CrossTabCells {
    /// Counts pairs of items of both sides, and spills to `aside`.
    pub fn new(first: Axis, second: Axis, aside: SpillFolder) -> Self {
        Self { first, second, aside, spill: None, found: HashMap::new() }
    }

    /// Counts pairs of keys and numbers that are added one by one, and spills to `aside`.
    pub fn of_pairs(aside: SpillFolder) -> Self {
        let none = || Axis::Each(GroupKey::Visit);
        Self::new(none(), none(), aside)
    }

    fn empty(&self, aside: SpillFolder) -> Self {
        Self::new(self.first.clone(), self.second.clone(), aside)
    }

    /// Iterates over all cells in memory, in no particular order: key, column number, visits.
    pub fn each(&self) -> impl Iterator<Item = (DictKey, u32, i64)> {
        self.found.iter().map(|((key, column), visits)| (*key, *column, *visits))
    }

    /// Returns true if cells were spilled: then none are in memory, and [`CrossTabCells::take_part`] returns them.
    pub fn is_aside(&self) -> bool {
        self.spill.is_some()
    }

    /// Spills all cells.
    pub fn put_aside(&mut self) {
        let spill = self.spill.get_or_insert_with(|| Box::new(Spill::new(self.aside.clone())));
        for ((key, column), visits) in std::mem::take(&mut self.found) {
            spill.write(&record(key, column, visits));
        }
    }

    /// Takes a partition of the spilled cells; all cells of an item are in the same one.
    ///
    /// # Errors
    /// Fails when an earlier write to the spill file failed.
    pub fn take_part(&mut self, part: usize) -> Result<CrossTabCellsPart> {
        let spilled = self.spill.as_mut().map(|spill| spill.take(part)).transpose()?;
        Ok(CrossTabCellsPart { cells: self.empty(self.aside.deeper()), spilled })
    }

    /// Adds visits to a cell.
    pub fn take(&mut self, key: DictKey, column: u32, visits: i64) {
        if self.spill.is_none() && self.found.len() > self.aside.limits.items_counted_max {
            self.put_aside();
        }
        match &mut self.spill {
            Some(spill) => spill.write(&record(key, column, visits)),
            None => *self.found.entry((key, column)).or_default() += visits,
        }
    }
}

fn record(key: DictKey, column: u32, visits: i64) -> SpillRecord {
    let mut record = SpillRecord { key, ..SpillRecord::default() };
    [record.numbers[0], record.numbers[1]] = [i64::from(column), visits];
    record
}

/// A partition of spilled cells.
#[derive(Debug)]
pub struct CrossTabCellsPart {
    /// An accumulator without cells.
    cells: CrossTabCells,
    spilled: Option<SpilledPart>,
}

impl CrossTabCellsPart {
    /// Sums the cells of the partition, spilling again beyond the memory limit.
    ///
    /// # Errors
    /// Fails when the spill file cannot be read.
    pub fn add_up(self) -> Result<CrossTabCells> {
        let Self { mut cells, spilled } = self;
        let read = |record: SpillRecord| {
            let [column, visits, ..] = record.numbers;
            cells.take(record.key, u32::try_from(column).unwrap_or(u32::MAX), visits);
        };
        spilled.map_or(Ok(()), |spilled| spilled.read(read))?;
        Ok(cells)
    }
}

impl Accumulator for CrossTabCells {
    fn needs(&self, projection: &mut Projection) {
        projection.rows_by(self.first.by());
        projection.rows_by(self.second.by());
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let mut of_stretch: HashMap<(u32, u32), i64> = HashMap::new();
        each_pair(&self.first, &self.second, block, rows, |row, column| {
            *of_stretch.entry((row, column)).or_default() += 1;
        });
        for ((row, column), visits) in of_stretch {
            self.take(self.first.key(block, row), column, visits);
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(self.empty(self.aside.clone()))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let Some(mut fork) = counted::<Self>(fork) else { return };
        if let Some(theirs) = fork.spill.take() {
            self.put_aside();
            match &mut self.spill {
                Some(mine) => mine.join(*theirs),
                None => self.spill = Some(theirs),
            }
        }
        for ((key, column), visits) in fork.found {
            self.take(key, column, visits);
        }
    }
}
