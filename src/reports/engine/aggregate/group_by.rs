//! Items with their metrics, for visits or actions grouped by a key; items beyond the memory limit are spilled.

use super::accumulator::{Accumulator, counted, sums_tell};
use super::goal_items::conversions_in_view;
use super::key_filter::KeyFilter;
use super::page_uses::ReadingReader;
use super::spill::{Spill, SpillRecord, SpilledPart};
use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::model::clock::Day;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::block::{
    Block, ConversionReader, GoalInView, MetricSet, MetricsReader, Projection, Selection,
};
use crate::reports::columns::packed_ints::of_any_width;
use crate::reports::columns::packed_ints::place;
use crate::reports::columns::{ColumnId, ColumnPart, DictKey, Repeated};
use crate::reports::dimension::{GroupKey, bucket_of_actions, bucket_of_seconds};
use crate::reports::engine::costs::Costs;
use crate::reports::engine::rollups::Rollups;
use crate::store::visit_attribute::VisitAttribute;
use foldhash::{HashMap, HashMapExt};

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
    /// The cost that each item has: goals share that of all campaigns.
    cost: i64,
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
        Self { by, counting, keys, spill: None, found: HashMap::new(), cost: 0, beside: HashMap::new() }
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
        self.found.get(&key).filter(|numbers| self.is_item(numbers)).map(|numbers| self.metrics(numbers))
    }

    /// Iterates over the items with their metrics and subtitle keys.
    pub fn each_with_subtitle(&self) -> impl Iterator<Item = (DictKey, Metrics, Option<DictKey>)> {
        self.each().map(|(key, metrics)| (key, metrics, self.beside(key)))
    }

    /// Iterates over all items in memory, in no particular order.
    pub fn each(&self) -> impl Iterator<Item = (DictKey, Metrics)> {
        let items = self.found.iter().filter(|(_, numbers)| self.is_item(numbers));
        items.map(|(key, numbers)| (*key, self.metrics(numbers)))
    }

    fn metrics(&self, numbers: &[i64; Measure::ITEM_COUNT]) -> Metrics {
        let mut metrics = Metrics::of_numbers(*numbers);
        metrics[Measure::Cost] += self.cost;
        metrics
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
        let Some(aside) = self.keys.aside() else { return };
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
        let mut items = Self { cost: self.cost, ..Self::some(self.by, self.counting, KeyFilter::All) };
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
        if let Some(aside) = self.keys.aside()
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
        sums.iter_mut().zip(record.numbers).for_each(|(sum, more)| *sum = sum.saturating_add(more));
        if let Some((day, beside)) = record.beside {
            let said = self.beside.entry(record.key).or_insert((day, beside));
            if day >= said.0 {
                *said = (day, beside);
            }
        }
    }

    fn merge(&mut self, block: &Block, rows: &Selection, counted: impl Iterator<Item = (usize, Metrics)>) {
        let column = ColumnId::from(self.by);
        let head = block.dictionary(column);
        let last = block.days.last().map_or(Day(0), |sums| sums.day);
        let mut read =
            if self.counts_reading() { ReadingReader::new(block).by_page(rows) } else { HashMap::new() };
        for (place, mut metrics) in counted.filter(|(_, metrics)| metrics[Measure::Hits] > 0) {
            let beside = block.subtitle(column, place).map(|beside| (last, beside));
            let key = head.keys.get(place);
            if let Some(reading) = read.remove(&key) {
                reading.add_to(&mut metrics);
            }
            self.take(SpillRecord { key, numbers: metrics.numbers(), beside });
        }
        for (key, reading) in read {
            let mut metrics = Metrics::default();
            reading.add_to(&mut metrics);
            self.take(SpillRecord { key, numbers: metrics.numbers(), beside: None });
        }
    }

    /// Returns true if an item is counted: a page that was read alone, without a view of it, is none.
    fn is_item(&self, numbers: &[i64; Measure::ITEM_COUNT]) -> bool {
        !self.counts_reading() || numbers[Measure::Hits as usize] > 0
    }

    /// Returns true if items are pages and all metrics are counted, that of their reading too.
    fn counts_reading(&self) -> bool {
        self.by == GroupKey::Actions(ActionKind::PageView) && self.counting == MetricSet::All
    }

    /// Adds the conversions of the goal in view to the items of the visits that reached it, which the metrics of the
    /// dictionary contain already.
    fn add_conversions_in_view(&mut self, block: &Block, rows: &Selection, goal: &GoalInView) {
        for (key, metrics) in conversions_in_view(block, rows, ColumnId::from(self.by), goal) {
            self.take(SpillRecord { key, numbers: metrics.numbers(), beside: None });
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
    let (scale, conversions) = readers(block, rows, column);
    of_any_width!(block.codes(column), |code| {
        if let ColumnId::Repeated(bag) = column {
            let mut last_visit = vec![usize::MAX; keys];
            block.each_in(bag, rows, |visit, row| {
                let code = place(code(row));
                counted[code][Measure::Hits] += 1;
                let is_first = last_visit[code] != visit;
                if is_first {
                    last_visit[code] = visit;
                    scale.add(&mut counted[code], visit);
                }
                if let Some(conversions) = &conversions {
                    conversions.add(&mut counted[code], code, row, is_first);
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

/// Returns the reader of visits, and that of conversions where these are counted, each for its own goal.
fn readers<'a>(
    block: &'a Block,
    rows: &'a Selection,
    column: ColumnId,
) -> (MetricsReader<'a>, Option<ConversionReader<'a>>) {
    let visits = block.scale(rows);
    if column != ColumnId::Repeated(Repeated::Goals) {
        return (visits, None);
    }
    (visits.without_conversions(), Some(block.conversions(rows)))
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
    let (scale, conversions) = readers(block, rows, column);
    let mut count = |visit: usize, row: usize, code: usize| {
        let Some(item) = counted.get_mut(slots[code] as usize) else { return };
        item[Measure::Hits] += 1;
        if counting == MetricSet::Hits {
            return;
        }
        let is_first = std::mem::replace(&mut last_visit[slots[code] as usize], visit) != visit;
        if is_first {
            scale.add(item, visit);
        }
        if let Some(conversions) = &conversions {
            conversions.add(item, code, row, is_first);
        }
    };
    if !places.is_empty() {
        of_any_width!(block.codes(column), |code| match column {
            ColumnId::Repeated(bag) =>
                block.each_in(bag, rows, |visit, row| count(visit, row, place(code(row)))),
            _ => rows.each(|row| count(row, row, place(code(row)))),
        });
    }
    places.into_iter().zip(counted)
}

impl Accumulator for GroupBy {
    fn needs(&self, projection: &mut Projection) {
        projection.items.push((self.by, self.counting));
        if self.counts_reading() {
            ReadingReader::needs(projection);
        }
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let column = ColumnId::from(self.by);
        let head = block.dictionary(column);
        if let Some(sums) = head.sums.as_ref().filter(|_| sums_tell(block, column, rows)) {
            let keys = self.keys.clone();
            let places = (0..head.keys.len()).filter(|place| keys.has(head.keys.get(*place)));
            let Some(goal) = rows.goal_in_view() else {
                self.merge(block, rows, places.map(|place| (place, sums.get(place))));
                return;
            };
            let is_of_goals = self.by == GroupKey::Goal;
            let keeps = |place: usize| is_of_goals && head.keys.get(place) == goal.key;
            let counted = |place| {
                let all = sums.get(place);
                (place, if keeps(place) { all } else { all.without_conversions() })
            };
            self.merge(block, rows, places.map(counted));
            if !is_of_goals && self.counting == MetricSet::All {
                self.add_conversions_in_view(block, rows, goal);
            }
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
                self.merge(block, rows, some(block, rows, column, &self.keys.clone(), self.counting));
            }
            (None, MetricSet::Hits) => {
                let hits = hits(block, rows, column).into_iter();
                let metrics = hits.map(|hits| Metrics::new([(Measure::Hits, hits)]));
                self.merge(block, rows, metrics.enumerate());
            }
            (None, MetricSet::All) => {
                self.merge(block, rows, metrics(block, rows, column).into_iter().enumerate());
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

    /// Adds the costs of campaigns, also of those without visits. Each goal has the cost of all of them, so that its cost per
    /// conversion can be told.
    fn update_costs(&mut self, costs: &Costs) {
        if self.counting == MetricSet::Hits {
            return;
        }
        match self.by {
            GroupKey::Property(
                VisitAttribute::Campaign | VisitAttribute::FirstCampaign | VisitAttribute::LastCampaign,
            ) => {
                for (campaign, cost) in &costs.by_campaign {
                    let numbers = Metrics::new([(Measure::Cost, *cost)]).numbers();
                    self.take(SpillRecord { key: *campaign, numbers, beside: None });
                }
            }
            GroupKey::Goal => self.cost = self.cost.saturating_add(costs.total),
            _ => {}
        }
    }
}
