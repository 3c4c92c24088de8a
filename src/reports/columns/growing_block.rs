//! The columns of days that still grow. Between two changes their numbers belong to a block, which queries read: there
//! is only one copy of them, and a query that still reads a part while it changes keeps the old one. Their metrics by
//! key, by step, by day and by hour are counted once when the columns are built; from then on a visit is subtracted
//! before it changes and added after it, so that a hit costs the same however many visits there are.

use super::block::{Block, ColumnData, DayMetrics, Dictionary, Ids, KeyMetrics, Offsets};
use super::dictionary_builder::{DictionaryBuilder, RepeatedBuilder};
use super::packed_ints::PackedInts;
use super::visit_row::VisitRow;
use super::{ColumnId, ColumnPart, NUMBERS, REPEATED_COLUMNS, Repeated, VISIT_FLAGS, VISITOR_FLAGS, flags};
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::dimension::{bucket_of_actions, bucket_of_seconds};
use crate::store::visit_attribute::{DAY_COLUMNS, VisitAttribute};
use foldhash::HashSet;
use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;

/// The columns of some days while they grow.
#[derive(Debug, Default)]
pub struct GrowingBlock {
    /// The rows of a column above which its metrics by key are maintained.
    summed_rows_min: usize,
    /// The ids of the visits; this and the following fields are the parts of a block.
    pub ids: Ids,
    pub hours: PackedInts,
    pub stays: PackedInts,
    pub measured: [PackedInts; NUMBERS.len()],
    pub flags: PackedInts,
    pub properties: [DictionaryBuilder; DAY_COLUMNS],
    pub bags: [RepeatedBuilder; REPEATED_COLUMNS],
    /// The dictionaries of [`ColumnId::ActionCount`] and [`ColumnId::TimeOnSite`].
    pub steps: [Dictionary; 2],
    /// The sums of each day.
    pub days: Vec<DayMetrics>,
    /// The sums of each local hour.
    pub by_hour: [Metrics; 24],
}

/// The flags that the row of a visit determines; the others depend on the other visits of the day.
const TOLD_BY_ROW: u64 = !(flags::UNIQUE as u64);

impl GrowingBlock {
    /// Creates empty columns, which maintain metrics by key from so many rows on.
    pub fn new(summed_rows_min: usize) -> Self {
        Self { summed_rows_min, ..Self::default() }
    }

    /// Returns the number of visits.
    pub fn visits(&self) -> usize {
        self.ids.began.len()
    }

    /// Returns the column of visitors.
    pub fn visitors(&self) -> &DictionaryBuilder {
        &self.properties[VisitAttribute::Visitor as usize]
    }

    /// Appends a visit that began in a local hour, later than all others.
    pub fn push_visit(&mut self, read: &VisitRow, hour: u8) {
        self.ids.push(VisitId(read.id));
        self.hours.push(hour.into());
        self.stays.push(read.stay);
        self.measured.iter_mut().zip(read.numbers).for_each(|(numbers, number)| numbers.push(number));
        self.flags.push(read.flags.into());
        for (column, key) in self.properties.iter_mut().zip(read.keys) {
            let code = column.code(key);
            column.codes.push(code as u64);
        }
    }

    /// Updates the row of a visit.
    pub fn set_visit(&mut self, row: usize, read: &VisitRow) {
        self.stays.set(row, read.stay);
        self.measured.iter_mut().zip(read.numbers).for_each(|(numbers, number)| numbers.set(row, number));
        self.flags.set(row, self.flags.get(row) & !TOLD_BY_ROW | u64::from(read.flags));
        for (column, key) in self.properties.iter_mut().zip(read.keys) {
            let code = column.code(key);
            column.codes.set(row, code as u64);
        }
    }

    /// Sets the flag of a visitor's first visit of the day; returns true if it changed.
    pub fn set_first(&mut self, row: usize, is_first: bool) -> bool {
        let before = self.flags.get(row);
        let after = before & TOLD_BY_ROW | if is_first { flags::UNIQUE.into() } else { 0 };
        self.flags.set(row, after);
        before != after
    }

    /// Moves the columns into a block.
    pub fn freeze(&mut self) -> Block {
        let mut block = Block::new(Arc::new(self.days.clone()));
        block.by_hour = Some(Arc::new(self.by_hour));
        block.put(ColumnPart::Ids, Arc::new(ColumnData::Ids(take(&mut self.ids))));
        for (part, numbers) in self.numbers() {
            block.put(part, Arc::new(ColumnData::Numbers(take(numbers))));
        }
        for (column, head) in self.heads() {
            block.put(ColumnPart::Dictionary(column), Arc::new(ColumnData::Dictionary(take(head))));
        }
        for (bag, rows) in Repeated::ALL.into_iter().zip(&mut self.bags) {
            let owners = Offsets::Listed(take(&mut rows.owners));
            block.put(ColumnPart::Offsets(bag), Arc::new(ColumnData::Offsets(owners)));
        }
        block
    }

    /// Moves the columns back from the block. Parts that a query still reads are copied.
    pub fn thaw(&mut self, mut block: Block) {
        let mut take_part = |part: ColumnPart| block.parts[part.number()].take().map(Arc::unwrap_or_clone);
        if let Some(ColumnData::Ids(ids)) = take_part(ColumnPart::Ids) {
            self.ids = ids;
        }
        for (part, numbers) in self.numbers() {
            if let Some(ColumnData::Numbers(known)) = take_part(part) {
                *numbers = known;
            }
        }
        for (column, head) in self.heads() {
            if let Some(ColumnData::Dictionary(known)) = take_part(ColumnPart::Dictionary(column)) {
                *head = known;
            }
        }
        for (bag, rows) in Repeated::ALL.into_iter().zip(&mut self.bags) {
            if let Some(ColumnData::Offsets(Offsets::Listed(owners))) = take_part(ColumnPart::Offsets(bag)) {
                rows.owners = owners;
            }
        }
    }

    /// Returns the block of days that no longer change, in stored form.
    pub fn into_block(mut self) -> Block {
        let visits = self.visits();
        for rows in &mut self.bags {
            let beside = &mut rows.items.head.beside;
            *beside = if beside.all().any(|beside| beside != 0) {
                PackedInts::pack(&beside.all().collect::<Vec<_>>())
            } else {
                PackedInts::default()
            };
        }
        let owners = self.bags.each_mut().map(|rows| Offsets::pack(&take(&mut rows.owners), visits));
        let mut block = self.freeze();
        for (bag, owners) in Repeated::ALL.into_iter().zip(owners) {
            block.put(ColumnPart::Offsets(bag), Arc::new(ColumnData::Offsets(owners)));
        }
        block
    }

    /// Iterates over all columns of numbers, except ids and owners.
    fn numbers(&mut self) -> impl Iterator<Item = (ColumnPart, &mut PackedInts)> {
        let plain = [
            (ColumnPart::Hours, &mut self.hours),
            (ColumnPart::Durations, &mut self.stays),
            (ColumnPart::Flags, &mut self.flags),
        ];
        let properties = VisitAttribute::day_columns().map(ColumnId::Property).zip(&mut self.properties);
        let bags = self.bags.iter_mut().map(|rows| &mut rows.items);
        let bags = Repeated::ALL.into_iter().map(ColumnId::Repeated).zip(bags);
        let codes = properties.chain(bags).map(|(id, column)| (ColumnPart::Codes(id), &mut column.codes));
        let measured =
            NUMBERS.map(|(measure, _)| ColumnPart::Number(measure)).into_iter().zip(&mut self.measured);
        plain.into_iter().chain(measured).chain(codes)
    }

    fn heads(&mut self) -> impl Iterator<Item = (ColumnId, &mut Dictionary)> {
        let properties = VisitAttribute::day_columns().map(ColumnId::Property).zip(&mut self.properties);
        let bags = self.bags.iter_mut().map(|rows| &mut rows.items);
        let bags = Repeated::ALL.into_iter().map(ColumnId::Repeated).zip(bags);
        let columns = properties.chain(bags).map(|(id, column)| (id, &mut column.head));
        columns.chain([ColumnId::ActionCount, ColumnId::TimeOnSite].into_iter().zip(&mut self.steps))
    }

    /// Returns the metrics of the visit in a row.
    fn metrics(&self, row: usize) -> Metrics {
        let bits = self.flags.get(row);
        let mut metrics = Metrics::new([(Measure::Hits, 1), (Measure::Visits, 1)]);
        for (measure, flag) in VISITOR_FLAGS.into_iter().chain(VISIT_FLAGS) {
            metrics[measure] = i64::from(bits & u64::from(flag) != 0);
        }
        for ((measure, _), numbers) in NUMBERS.into_iter().zip(&self.measured) {
            metrics[measure] = numbers.get(row).cast_signed();
        }
        metrics
    }

    /// Returns the column of a measure, which is one of [`NUMBERS`].
    fn numbers_of(&self, measure: Measure) -> &PackedInts {
        let place = NUMBERS.iter().position(|(known, _)| *known == measure);
        &self.measured[place.unwrap_or_else(|| unreachable!("other measures have no column"))]
    }

    /// Returns the steps into which a visit falls by its actions and its time on the site.
    fn steps_of(&self, row: usize) -> [u32; 2] {
        let [actions, seconds] = [Measure::Actions, Measure::Seconds].map(|measure| self.numbers_of(measure));
        [step(actions, row, bucket_of_actions), step(seconds, row, bucket_of_seconds)]
    }

    /// Adds a visit to all sums of its day.
    pub fn put_in(&mut self, row: usize, day: Day) {
        self.shift(row, day, &self.metrics(row), 1);
    }

    /// Subtracts a visit from all sums of its day.
    pub fn take_out(&mut self, row: usize, day: Day) {
        self.shift(row, day, &self.metrics(row).negated(), -1);
    }

    /// Adds `more` to all sums that contain a visit, and `times` as often the number of its repeated rows.
    fn shift(&mut self, row: usize, day: Day, more: &Metrics, times: i64) {
        for column in &mut self.properties {
            if let Some(sums) = &mut column.head.sums {
                sums.add(column.codes.place(row), more);
            }
        }
        let mut all = *more;
        let mut counts = [0_i64; REPEATED_COLUMNS];
        let mut codes: Vec<usize> = Vec::new();
        for (rows, count) in self.bags.iter_mut().zip(&mut counts) {
            let of_visit = rows.rows_of(row);
            *count = i64::try_from(of_visit.len()).unwrap_or(i64::MAX) * times;
            let DictionaryBuilder { head, codes: items, .. } = &mut rows.items;
            let Some(sums) = head.sums.as_mut().filter(|_| !of_visit.is_empty()) else { continue };
            codes.clear();
            codes.extend(of_visit.map(|row| items.place(row)));
            codes.sort_unstable();
            for same in codes.chunk_by(|one, next| one == next) {
                let hits = i64::try_from(same.len()).unwrap_or(i64::MAX) * times;
                let mut of_item = *more;
                of_item[Measure::Hits] = hits;
                sums.add(same[0], &of_item);
            }
        }
        all.kinds_mut().iter_mut().zip(counts).for_each(|(kind, count)| *kind = count);
        self.by_hour[self.hours.place(row).min(23)] += all;
        let place = self.days.iter().position(|sums| sums.day >= day).unwrap_or(self.days.len());
        if self.days.get(place).is_none_or(|sums| sums.day != day) {
            self.days
                .insert(place, DayMetrics { day, metrics: Metrics::default(), rows: [0; REPEATED_COLUMNS] });
        }
        let sums = &mut self.days[place];
        sums.metrics += all;
        for (rows, count) in sums.rows.iter_mut().zip(counts) {
            *rows = rows.saturating_add_signed(isize::try_from(count).unwrap_or(0));
        }
        let steps = self.steps_of(row);
        for (head, step) in self.steps.iter_mut().zip(steps) {
            add_step(head, step, more);
        }
    }

    /// Determines again which visits of these visitors (given by code) are the first of the day, and corrects the sums
    /// that already contain a visit, as `is_in` tells.
    pub fn mark_firsts_of(&mut self, visitors: &HashSet<usize>, day: Day, is_in: impl Fn(usize) -> bool) {
        let mut seen = HashSet::default();
        let codes = &self.visitors().codes;
        let rows = (0..self.visits()).map(|row| (row, codes.place(row)));
        let rows: Vec<(usize, bool)> = rows
            .filter(|(_, visitor)| visitors.contains(visitor))
            .map(|(row, visitor)| (row, seen.insert(visitor)))
            .collect();
        for (row, is_first) in rows {
            if self.set_first(row, is_first) && is_in(row) {
                let more = Metrics::new([(Measure::Uniques, if is_first { 1 } else { -1 })]);
                self.shift(row, day, &more, 0);
            }
        }
    }

    /// Counts all sums of days whose visits end at these rows.
    pub fn count_all(&mut self, ends: &[(Day, usize)]) {
        self.mark_firsts(ends);
        self.days = self.count_days(ends);
        self.by_hour = self.count_hours();
        for property in 0..self.properties.len() {
            self.properties[property].head.sums = self.count_property(property);
        }
        for bag in 0..REPEATED_COLUMNS {
            self.bags[bag].items.head.sums = self.count_bag(bag);
        }
        self.steps = [
            self.count_steps(Measure::Actions, bucket_of_actions),
            self.count_steps(Measure::Seconds, bucket_of_seconds),
        ];
    }

    /// Starts or stops maintaining metrics by key, as [`DictionaryBuilder::wants_sums`] decides now.
    pub fn review_sums(&mut self) {
        let min = self.summed_rows_min;
        let is_due = |column: &DictionaryBuilder| column.wants_sums(min) != column.head.sums.is_some();
        for property in 0..self.properties.len() {
            if is_due(&self.properties[property]) {
                self.properties[property].head.sums = self.count_property(property);
            }
        }
        for bag in 0..REPEATED_COLUMNS {
            if is_due(&self.bags[bag].items) {
                self.bags[bag].items.head.sums = self.count_bag(bag);
            }
        }
    }

    /// Flags the first visit of each visitor on each day.
    fn mark_firsts(&mut self, ends: &[(Day, usize)]) {
        let mut seen = vec![0; self.visitors().head.keys.len()];
        let mut start = 0;
        for (day, (_, end)) in (1..).zip(ends) {
            for row in start..*end {
                let visitor = self.visitors().codes.place(row);
                let is_first = std::mem::replace(&mut seen[visitor], day) != day;
                self.set_first(row, is_first);
            }
            start = *end;
        }
    }

    fn count_days(&self, ends: &[(Day, usize)]) -> Vec<DayMetrics> {
        let mut start = 0;
        let days = ends.iter().map(|(day, end)| {
            let mut metrics = Metrics::default();
            (start..*end).for_each(|row| metrics += self.metrics(row));
            let rows = std::array::from_fn(|bag| {
                let owners = &self.bags[bag].owners;
                owners.first_from(*end) - owners.first_from(start)
            });
            for (kind, rows) in metrics.kinds_mut().iter_mut().zip(rows) {
                *kind = i64::try_from(rows).unwrap_or(i64::MAX);
            }
            start = *end;
            DayMetrics { day: *day, metrics, rows }
        });
        days.collect()
    }

    fn count_hours(&self) -> [Metrics; 24] {
        let mut hours = [Metrics::default(); 24];
        let hour = |row: usize| self.hours.place(row).min(23);
        (0..self.visits()).for_each(|row| hours[hour(row)] += self.metrics(row));
        for (kind, rows) in self.bags.iter().enumerate().take(Measure::KIND_COUNT) {
            let owners = &rows.owners;
            (0..owners.len()).for_each(|row| hours[hour(owners.place(row))].kinds_mut()[kind] += 1);
        }
        hours
    }

    fn count_property(&self, property: usize) -> Option<Box<KeyMetrics>> {
        let column = &self.properties[property];
        column.wants_sums(self.summed_rows_min).then(|| {
            let mut counted = vec![Metrics::default(); column.head.keys.len()];
            (0..self.visits()).for_each(|row| counted[column.codes.place(row)] += self.metrics(row));
            Box::new(KeyMetrics::pack(&counted, false))
        })
    }

    /// Counts the metrics of a repeated column's items; a visit counts once for each item that it has.
    fn count_bag(&self, bag: usize) -> Option<Box<KeyMetrics>> {
        let (rows, column) = (&self.bags[bag], &self.bags[bag].items);
        column.wants_sums(self.summed_rows_min).then(|| {
            let mut counted = vec![Metrics::default(); column.head.keys.len()];
            let mut last = vec![usize::MAX; column.head.keys.len()];
            for row in 0..column.codes.len() {
                let (code, owner) = (column.codes.place(row), rows.owners.place(row));
                if std::mem::replace(&mut last[code], owner) == owner {
                    counted[code][Measure::Hits] += 1;
                } else {
                    counted[code] += self.metrics(owner);
                }
            }
            Box::new(KeyMetrics::pack(&counted, true))
        })
    }

    /// Counts the metrics of the steps into which visits fall by a number.
    fn count_steps(&self, measure: Measure, bucket: fn(u32) -> u32) -> Dictionary {
        let values = self.numbers_of(measure);
        let mut found: BTreeMap<u32, Metrics> = BTreeMap::new();
        for row in 0..self.visits() {
            *found.entry(step(values, row, bucket)).or_default() += self.metrics(row);
        }
        let keys: Vec<u32> = found.keys().copied().collect();
        let counted: Vec<Metrics> = found.into_values().collect();
        Dictionary {
            keys: PackedInts::pack(&keys),
            beside: PackedInts::default(),
            sums: Some(Box::new(KeyMetrics::pack(&counted, false))),
        }
    }

    /// Returns the approximate memory beside the block, in bytes.
    pub fn bytes(&self) -> usize {
        let bags = self.bags.iter().map(|rows| &rows.items);
        size_of::<Self>() + self.properties.iter().chain(bags).map(DictionaryBuilder::bytes).sum::<usize>()
    }
}

/// Returns the step into which a visit falls.
fn step(values: &PackedInts, row: usize, bucket: fn(u32) -> u32) -> u32 {
    bucket(u32::try_from(values.get(row)).unwrap_or(u32::MAX))
}

fn add_step(head: &mut Dictionary, step: u32, more: &Metrics) {
    let known = head.keys.all().position(|key| key == u64::from(step));
    let place = known.unwrap_or_else(|| head.keys.len());
    if known.is_none() {
        head.keys.push(step.into());
        head.sums.get_or_insert_default().push_nothing();
    }
    if let Some(sums) = &mut head.sums {
        sums.add(place, more);
    }
}
