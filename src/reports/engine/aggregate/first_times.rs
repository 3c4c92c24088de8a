//! The first visit with each key of a property, for any number of keys; keys beyond the memory limit are spilled.

use super::accumulator::{Accumulator, counted};
use super::spill::{Spill, SpillRecord, SpilledPart};
use super::spill_folder::SpillFolder;
use crate::error::Result;
use crate::model::id::VisitId;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::{ColumnId, ColumnPart, DictKey};
use crate::reports::dimension::GroupKey;
use crate::reports::engine::rollups::Rollups;
use crate::store::visit_attribute::VisitAttribute;
use foldhash::{HashMap, HashMapExt};

/// A visit id before all others, for keys that occur on pruned days.
const PAST: VisitId = VisitId(i64::MIN);

/// An accumulator of the first visit with each key of a property.
#[derive(Debug)]
pub struct FirstTimes {
    property: VisitAttribute,
    aside: SpillFolder,
    spill: Option<Box<Spill>>,
    found: HashMap<DictKey, VisitId>,
}

impl FirstTimes {
    /// Finds the first visit with each key, and spills to `aside`.
    pub fn new(property: VisitAttribute, aside: SpillFolder) -> Self {
        Self { property, aside, spill: None, found: HashMap::new() }
    }

    /// Iterates over the visits in memory, in no particular order. Keys that occur on pruned days have none.
    pub fn each(&self) -> impl Iterator<Item = VisitId> {
        self.found.values().copied().filter(|visit| *visit != PAST)
    }

    /// Returns true if keys were spilled: then none are in memory, and [`FirstTimes::take_part`] returns them.
    pub fn is_aside(&self) -> bool {
        self.spill.is_some()
    }

    /// Spills all keys.
    pub fn put_aside(&mut self) {
        let spill = self.spill.get_or_insert_with(|| Box::new(Spill::new(self.aside.clone())));
        for (key, visit) in std::mem::take(&mut self.found) {
            spill.write(&record(key, visit));
        }
    }

    /// Takes a partition of the spilled keys.
    ///
    /// # Errors
    /// Fails when an earlier write to the spill file failed.
    pub fn take_part(&mut self, part: usize) -> Result<FirstTimesPart> {
        let spilled = self.spill.as_mut().map(|spill| spill.take(part)).transpose()?;
        Ok(FirstTimesPart { first: Self::new(self.property, self.aside.deeper()), spilled })
    }

    fn take(&mut self, key: DictKey, visit: VisitId) {
        if self.spill.is_none() && self.found.len() > self.aside.limits.items_counted_max {
            self.put_aside();
        }
        if let Some(spill) = &mut self.spill {
            spill.write(&record(key, visit));
            return;
        }
        let first = self.found.entry(key).or_insert(visit);
        *first = (*first).min(visit);
    }
}

fn record(key: DictKey, visit: VisitId) -> SpillRecord {
    let mut record = SpillRecord { key, ..SpillRecord::default() };
    record.numbers[0] = visit.0;
    record
}

/// A partition of spilled keys.
#[derive(Debug)]
pub struct FirstTimesPart {
    /// An accumulator without keys.
    first: FirstTimes,
    spilled: Option<SpilledPart>,
}

impl FirstTimesPart {
    /// Finds the first visit of each key in the partition, spilling again beyond the memory limit.
    ///
    /// # Errors
    /// Fails when the spill file cannot be read.
    pub fn add_up(self) -> Result<FirstTimes> {
        let Self { mut first, spilled } = self;
        let read = |record: SpillRecord| first.take(record.key, VisitId(record.numbers[0]));
        spilled.map_or(Ok(()), |spilled| spilled.read(read))?;
        Ok(first)
    }
}

impl Accumulator for FirstTimes {
    fn needs(&self, projection: &mut Projection) {
        projection.rows_by(GroupKey::Property(self.property));
        projection.parts.push(ColumnPart::Ids);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let column = ColumnId::Property(self.property);
        let (ids, keys, codes) = (block.ids(), &block.dictionary(column).keys, block.codes(column));
        let mut is_known: Vec<bool> = keys.all().map(|key| key == 0).collect();
        rows.each(|row| {
            let is_known = &mut is_known[codes.place(row)];
            if !std::mem::replace(is_known, true) {
                self.take(keys.get(codes.place(row)), ids.get(row));
            }
        });
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.property, self.aside.clone()))
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
        for (key, visit) in fork.found {
            self.take(key, visit);
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        days.items(GroupKey::Property(self.property), |_, key, _, _| self.take(key, PAST))
    }
}
