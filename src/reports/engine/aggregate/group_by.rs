//! Items with their metrics, for visits or actions grouped by a key; items beyond the memory limit are spilled.

use super::accumulator::{Accumulator, counted, sums_tell};
use super::spill::{Spill, SpillRecord, SpilledPart};
use super::spill_folder::SpillFolder;
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::block::{Block, MetricSet, Projection, Selection};
use crate::reports::columns::packed_ints::of_any_width;
use crate::reports::columns::packed_ints::place;
use crate::reports::columns::{ColumnId, ColumnPart, DictKey};
use crate::reports::dimension::{GroupKey, bucket_of_actions, bucket_of_seconds};
use crate::reports::engine::rollups::Rollups;
use foldhash::{HashMap, HashMapExt, HashSet};
use std::sync::Arc;

/// The keys that are counted.
#[derive(Clone, Debug)]
pub enum KeyFilter {
    /// All keys, whatever memory they take.
    All,
    /// All keys; those beyond the memory limit are spilled.
    Aside(SpillFolder),
    /// Only these keys.
    Only(Arc<HashSet<DictKey>>),
}

impl KeyFilter {
    fn are_all(&self) -> bool {
        matches!(self, Self::All | Self::Aside(_))
    }

    fn has(&self, key: DictKey) -> bool {
        match self {
            Self::All | Self::Aside(_) => true,
            Self::Only(keys) => keys.contains(&key),
        }
    }
}

/// An accumulator of items with their metrics: visits or actions grouped by a key.
#[derive(Debug)]
pub struct GroupBy {
    by: GroupKey,
    counting: MetricSet,
    keys: KeyFilter,
    /// The items that exceeded the memory limit.
    spill: Option<Box<Spill>>,
    /// The sums of the items in memory.
    found: HashMap<DictKey, [i64; Measure::ITEM_COUNT]>,
    /// The subtitle key of an item, and the last day on which the item had one.
    beside: HashMap<DictKey, (Day, DictKey)>,
}

impl GroupBy {
    /// Counts all metrics of all items, in memory.
    pub fn new(by: GroupKey) -> Self {
        Self::some(by, MetricSet::All, KeyFilter::All)
    }

    /// Counts items restricted to `keys`. Occurrences are always counted; with [`MetricSet::Hits`] the other metrics may
    /// be missing.
    pub fn some(by: GroupKey, counting: MetricSet, keys: KeyFilter) -> Self {
        Self { by, counting, keys, spill: None, found: HashMap::new(), beside: HashMap::new() }
    }

    /// Returns the metrics that are counted.
    pub fn counting(&self) -> MetricSet {
        self.counting
    }

    /// Returns true if there are more than `most` items, or any were spilled.
    pub fn are_more_than(&self, most: usize) -> bool {
        self.spill.is_some() || self.found.len() > most
    }

    /// Returns the metrics of an item in memory.
    pub fn get(&self, key: DictKey) -> Option<Metrics> {
        self.found.get(&key).copied().map(Metrics::of_numbers)
    }

    /// Iterates over the items with their metrics and subtitle keys.
    pub fn each_with_subtitle(&self) -> impl Iterator<Item = (DictKey, Metrics, Option<DictKey>)> {
        self.each().map(|(key, metrics)| (key, metrics, self.beside(key)))
    }

    /// Iterates over all items in memory, in no particular order.
    pub fn each(&self) -> impl Iterator<Item = (DictKey, Metrics)> {
        self.found.iter().map(|(key, numbers)| (*key, Metrics::of_numbers(*numbers)))
    }

    /// Returns the subtitle key of an item on the last day that has one.
    pub fn beside(&self, key: DictKey) -> Option<DictKey> {
        self.beside.get(&key).map(|(_, beside)| *beside)
    }

    /// Returns true if items were spilled: then none are in memory, and [`Self::take_part`] returns them.
    pub fn is_aside(&self) -> bool {
        self.spill.is_some()
    }

    /// Spills all items.
    pub fn put_aside(&mut self) {
        let KeyFilter::Aside(aside) = &self.keys else { return };
        let spill = self.spill.get_or_insert_with(|| Box::new(Spill::new(aside.clone())));
        let mut beside = std::mem::take(&mut self.beside);
        for (key, numbers) in std::mem::take(&mut self.found) {
            spill.write(&SpillRecord { key, numbers, beside: beside.remove(&key) });
        }
    }

    /// Takes a partition of the spilled items.
    ///
    /// # Errors
    /// Fails when an earlier write to the spill file failed.
    pub fn take_part(&mut self, part: usize) -> Result<GroupByPart> {
        let mut items = Self::some(self.by, self.counting, KeyFilter::All);
        let spilled = match &mut self.spill {
            Some(spill) => {
                items.keys = KeyFilter::Aside(spill.deeper());
                Some(spill.take(part)?)
            }
            None => None,
        };
        Ok(GroupByPart { items, spilled })
    }

    fn take(&mut self, record: SpillRecord) {
        if !self.keys.has(record.key) {
            return;
        }
        if let KeyFilter::Aside(aside) = &self.keys
            && self.spill.is_none()
            && self.found.len() > aside.limits.items_counted_max
        {
            self.put_aside();
        }
        if let Some(spill) = &mut self.spill {
            spill.write(&record);
            return;
        }
        let sums = self.found.entry(record.key).or_default();
        sums.iter_mut().zip(record.numbers).for_each(|(sum, more)| *sum += more);
        if let Some((day, beside)) = record.beside {
            let said = self.beside.entry(record.key).or_insert((day, beside));
            if day >= said.0 {
                *said = (day, beside);
            }
        }
    }

    fn merge(&mut self, block: &Block, counted: impl Iterator<Item = (usize, Metrics)>) {
        let column = ColumnId::from(self.by);
        let head = block.dictionary(column);
        let last = block.days.last().map_or(Day(0), |sums| sums.day);
        for (place, metrics) in counted.filter(|(_, metrics)| metrics[Measure::Hits] > 0) {
            let beside = block.subtitle(column, place).map(|beside| (last, beside));
            self.take(SpillRecord { key: head.keys.get(place), numbers: metrics.numbers(), beside });
        }
    }

    fn add_steps(&mut self, block: &Block, rows: &Selection, part: ColumnPart, bucket: fn(u32) -> u32) {
        let values = block.numbers(part);
        let mut counted = [Metrics::default(); 16];
        let scale = block.scale(rows);
        rows.each(|row| {
            let value = u32::try_from(values.get(row)).unwrap_or(u32::MAX);
            let item = &mut counted[bucket(value) as usize % 16];
            item[Measure::Hits] += 1;
            if self.counting == MetricSet::All {
                scale.add(item, row);
            }
        });
        for (key, metrics) in (0..).zip(counted).filter(|(_, metrics)| metrics[Measure::Hits] > 0) {
            self.take(SpillRecord { key, numbers: metrics.numbers(), beside: None });
        }
    }
}

/// A partition of spilled items.
#[derive(Debug)]
pub struct GroupByPart {
    /// An accumulator without items.
    items: GroupBy,
    spilled: Option<SpilledPart>,
}

impl GroupByPart {
    /// Sums the items of the partition, spilling again beyond the memory limit.
    ///
    /// # Errors
    /// Fails when the spill file cannot be read.
    pub fn add_up(self) -> Result<GroupBy> {
        let Self { mut items, spilled } = self;
        spilled.map_or(Ok(()), |spilled| spilled.read(|record| items.take(record)))?;
        Ok(items)
    }
}

/// Counts the occurrences of each code of a column.
fn hits(block: &Block, rows: &Selection, column: ColumnId) -> Vec<i64> {
    let mut hits = vec![0; block.dictionary(column).keys.len()];
    of_any_width!(block.codes(column), |code| match column {
        ColumnId::Repeated(bag) => block.each_in(bag, rows, |_, row| hits[place(code(row))] += 1),
        _ => rows.each(|row| hits[place(code(row))] += 1),
    });
    hits
}

/// Computes the metrics of each code of a column.
fn metrics(block: &Block, rows: &Selection, column: ColumnId) -> Vec<Metrics> {
    let keys = block.dictionary(column).keys.len();
    let mut counted = vec![Metrics::default(); keys];
    let scale = block.scale(rows);
    of_any_width!(block.codes(column), |code| {
        if let ColumnId::Repeated(bag) = column {
            let mut last_visit = vec![usize::MAX; keys];
            block.each_in(bag, rows, |visit, row| {
                let code = place(code(row));
                counted[code][Measure::Hits] += 1;
                if last_visit[code] != visit {
                    last_visit[code] = visit;
                    scale.add(&mut counted[code], visit);
                }
            });
        } else {
            rows.each(|row| {
                let item = &mut counted[place(code(row))];
                item[Measure::Hits] += 1;
                scale.add(item, row);
            });
        }
    });
    counted
}

/// Computes the metrics of the codes whose keys are in `keys`; the metrics of other rows are not read.
fn some(
    block: &Block,
    rows: &Selection,
    column: ColumnId,
    keys: &KeyFilter,
    counting: MetricSet,
) -> impl Iterator<Item = (usize, Metrics)> {
    const NONE: u32 = u32::MAX;
    let mut places = Vec::new();
    let slots = block.dictionary(column).keys.all().enumerate().map(|(place, key)| {
        if !keys.has(key) {
            return NONE;
        }
        places.push(place);
        u32::try_from(places.len() - 1).unwrap_or(NONE)
    });
    let slots: Vec<u32> = slots.collect();
    let mut counted = vec![Metrics::default(); places.len()];
    let mut last_visit = vec![usize::MAX; places.len()];
    let scale = block.scale(rows);
    let mut count = |visit: usize, code: usize| {
        let Some(item) = counted.get_mut(slots[code] as usize) else { return };
        item[Measure::Hits] += 1;
        if counting == MetricSet::All
            && std::mem::replace(&mut last_visit[slots[code] as usize], visit) != visit
        {
            scale.add(item, visit);
        }
    };
    if !places.is_empty() {
        of_any_width!(block.codes(column), |code| match column {
            ColumnId::Repeated(bag) => block.each_in(bag, rows, |visit, row| count(visit, place(code(row)))),
            _ => rows.each(|row| count(row, place(code(row)))),
        });
    }
    places.into_iter().zip(counted)
}

impl Accumulator for GroupBy {
    fn needs(&self, projection: &mut Projection) {
        projection.items.push((self.by, self.counting));
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let column = ColumnId::from(self.by);
        let head = block.dictionary(column);
        if let Some(sums) = head.sums.as_ref().filter(|_| sums_tell(block, column, rows)) {
            let keys = self.keys.clone();
            let places = (0..head.keys.len()).filter(|place| keys.has(head.keys.get(*place)));
            self.merge(block, places.map(|place| (place, sums.get(place))));
            return;
        }
        let steps = match column {
            ColumnId::ActionCount => Some((ColumnPart::ACTIONS, bucket_of_actions as fn(u32) -> u32)),
            ColumnId::TimeOnSite => Some((ColumnPart::SECONDS, bucket_of_seconds as fn(u32) -> u32)),
            ColumnId::Property(_) | ColumnId::Repeated(_) | ColumnId::Visit => None,
        };
        match (steps, self.counting) {
            (Some((part, bucket)), _) => self.add_steps(block, rows, part, bucket),
            _ if !self.keys.are_all() => {
                self.merge(block, some(block, rows, column, &self.keys.clone(), self.counting));
            }
            (None, MetricSet::Hits) => {
                let hits = hits(block, rows, column).into_iter();
                let metrics = hits.map(|hits| Metrics::new([(Measure::Hits, hits)]));
                self.merge(block, metrics.enumerate());
            }
            (None, MetricSet::All) => {
                self.merge(block, metrics(block, rows, column).into_iter().enumerate());
            }
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::some(self.by, self.counting, self.keys.clone()))
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
        if self.found.is_empty() && self.spill.is_none() {
            std::mem::swap(&mut self.found, &mut fork.found);
            std::mem::swap(&mut self.beside, &mut fork.beside);
            return;
        }
        for (key, numbers) in fork.found {
            self.take(SpillRecord { key, numbers, beside: fork.beside.remove(&key) });
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        days.items(self.by, |day, key, metrics, beside| {
            let beside = beside.map(|beside| (day, beside));
            self.take(SpillRecord { key, numbers: metrics.numbers(), beside });
        })
    }
}
