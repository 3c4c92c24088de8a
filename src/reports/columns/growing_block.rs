//! The columns of days that still grow. Between two changes their numbers belong to a block, which queries read: there
//! is only one copy of them, and a query that still reads a part while it changes keeps the old one. What they add up to
//! is maintained by [`growing_sums`](super::growing_sums), so that a hit costs the same however many visits there are.

use super::block::{Block, ColumnData, DayMetrics, Dictionary, Ids, Offsets};
use super::dictionary_builder::{DictionaryBuilder, ROW_NUMBERS_MAX, RepeatedBuilder, RepeatedRow};
use super::packed_ints::PackedInts;
use super::touched::{UNTOUCHED, untouched_parts};
use super::visit_row::VisitRow;
use super::{
    AMOUNTS, ColumnId, ColumnPart, DictKey, NUMBERS, REPEATED_COLUMNS, ROW_NUMBERS, Repeated, VISIT_FLAGS,
    VISITOR_FLAGS, flags, place_of,
};
use crate::model::id::VisitId;
use crate::model::metrics::{Measure, Metrics};
use crate::store::visit_attribute::{DAY_COLUMNS, VisitAttribute};
use std::mem::take;
use std::sync::Arc;

/// The columns of some days while they grow.
#[derive(Debug, Default)]
pub struct GrowingBlock {
    /// The rows of a column above which its metrics by key are maintained.
    pub(super) summed_rows_min: usize,
    /// The ids of the visits; this and the following fields are the parts of a block.
    pub ids: Ids,
    pub hours: PackedInts,
    pub stays: PackedInts,
    pub measured: [PackedInts; NUMBERS.len()],
    pub flags: PackedInts,
    pub properties: [DictionaryBuilder; DAY_COLUMNS],
    /// True for each attribute of a touch that differs in a visit from that of its own source. The columns of the others are
    /// empty here, and the same as those of the visits' own sources in the block.
    is_touched: [bool; DAY_COLUMNS],
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
        Self { summed_rows_min, bags: Repeated::ALL.map(RepeatedBuilder::new), ..Self::default() }
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
        let derived = [0; NUMBERS.len() - ROW_NUMBERS.len()];
        let numbers = read.numbers.into_iter().chain(derived);
        self.measured.iter_mut().zip(numbers).for_each(|(numbers, number)| numbers.push(number));
        self.flags.push(read.flags.into());
        self.part_touches(read);
        for property in 0..DAY_COLUMNS {
            if self.has_column(property) {
                let column = &mut self.properties[property];
                let code = column.code(read.keys[property]);
                column.codes.push(code as u64);
            }
        }
    }

    /// Returns true if a property has a column of its own.
    pub(super) fn has_column(&self, property: usize) -> bool {
        UNTOUCHED[property] == property || self.is_touched[property]
    }

    /// Gives an attribute of a touch a column of its own as soon as it differs in a visit from that of its own source.
    fn part_touches(&mut self, read: &VisitRow) {
        for (property, own) in UNTOUCHED.iter().copied().enumerate() {
            if !self.has_column(property) && read.keys[property] != read.keys[own] {
                self.properties[property] = self.properties[own].clone();
                self.is_touched[property] = true;
            }
        }
    }

    /// Updates the row of a visit. What its conversions add up to is not known before they are written.
    pub fn set_visit(&mut self, row: usize, read: &VisitRow) {
        self.stays.set(row, read.stay);
        self.measured.iter_mut().zip(read.numbers).for_each(|(numbers, number)| numbers.set(row, number));
        self.flags.set(row, self.flags.get(row) & !TOLD_BY_ROW | u64::from(read.flags));
        self.part_touches(read);
        for property in 0..DAY_COLUMNS {
            if self.has_column(property) {
                let column = &mut self.properties[property];
                let code = column.code(read.keys[property]);
                column.codes.set(row, code as u64);
            }
        }
    }

    /// Appends a conversion that belongs to the last visit with conversions, or to a later one.
    pub fn push_conversion(&mut self, visit: usize, conversion: Conversion) {
        let rows = &mut self.bags[Repeated::Goals.number()];
        let code = rows.code(conversion.goal, 0);
        rows.push(RepeatedRow { visit, code, numbers: conversion.numbers() });
        self.count_conversion(visit, conversion);
    }

    /// Adds a conversion to the numbers of its visit.
    fn count_conversion(&mut self, visit: usize, conversion: Conversion) {
        let [earned, refunded, ..] = conversion.numbers();
        let more = [(Measure::Conversions, 1), (Measure::Earned, earned), (Measure::Refunded, refunded)];
        for (measure, more) in more {
            let numbers = &mut self.measured[place_of(&NUMBERS, measure)];
            numbers.set(visit, numbers.get(visit).saturating_add(more));
        }
        self.flags.set(visit, self.flags.get(visit) | u64::from(flags::CONVERTED));
    }

    /// Replaces the conversions of some visits, which are in ascending order, by these, which belong to them or to later
    /// visits without conversions.
    pub fn replace_conversions(
        &mut self,
        visits: impl Iterator<Item = usize>,
        conversions: &[(usize, Conversion)],
    ) {
        let bag = &mut self.bags[Repeated::Goals.number()];
        let mut gone = Vec::new();
        for visit in visits {
            gone.extend(bag.rows_of(visit));
            for measure in NUMBERS.into_iter().skip(ROW_NUMBERS.len()) {
                self.measured[place_of(&NUMBERS, measure)].set(visit, 0);
            }
            self.flags.set(visit, self.flags.get(visit) & !u64::from(flags::CONVERTED));
        }
        bag.remove(&gone);
        let rows = conversions.iter().map(|(visit, one)| RepeatedRow {
            visit: *visit,
            code: bag.code(one.goal, 0),
            numbers: one.numbers(),
        });
        let rows: Vec<RepeatedRow> = rows.collect();
        bag.insert(&rows);
        for (visit, one) in conversions {
            self.count_conversion(*visit, *one);
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
        for (part, own) in untouched_parts(self.is_touched) {
            let column = block.parts[own.number()].clone();
            block.parts[part.number()] = column;
        }
        block
    }

    /// Moves the columns back from the block. Parts that a query still reads are copied.
    pub fn thaw(&mut self, mut block: Block) {
        // A part that is there twice would be copied.
        for (part, _) in untouched_parts(self.is_touched) {
            block.parts[part.number()] = None;
        }
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
        let codes = properties.map(|(id, column)| (ColumnPart::Codes(id), &mut column.codes));
        let measured = NUMBERS.map(ColumnPart::Number).into_iter().zip(&mut self.measured);
        let rows = Repeated::ALL.into_iter().zip(&mut self.bags).flat_map(|(bag, rows)| {
            let codes = (ColumnPart::Codes(ColumnId::Repeated(bag)), &mut rows.items.codes);
            std::iter::once(codes).chain(bag.numbers().iter().copied().zip(&mut rows.numbers))
        });
        plain.into_iter().chain(measured).chain(codes).chain(rows)
    }

    fn heads(&mut self) -> impl Iterator<Item = (ColumnId, &mut Dictionary)> {
        let properties = VisitAttribute::day_columns().map(ColumnId::Property).zip(&mut self.properties);
        let bags = self.bags.iter_mut().map(|rows| &mut rows.items);
        let bags = Repeated::ALL.into_iter().map(ColumnId::Repeated).zip(bags);
        let columns = properties.chain(bags).map(|(id, column)| (id, &mut column.head));
        columns.chain([ColumnId::ActionCount, ColumnId::TimeOnSite].into_iter().zip(&mut self.steps))
    }

    /// Returns the metrics of the visit in a row.
    pub(super) fn metrics(&self, row: usize) -> Metrics {
        let bits = self.flags.get(row);
        let mut metrics = Metrics::new([(Measure::Hits, 1), (Measure::Visits, 1)]);
        for (measure, flag) in VISITOR_FLAGS.into_iter().chain(VISIT_FLAGS) {
            metrics[measure] = i64::from(bits & u64::from(flag) != 0);
        }
        for (measure, numbers) in NUMBERS.into_iter().zip(&self.measured) {
            metrics[measure] = numbers.get(row).cast_signed();
        }
        metrics
    }

    /// Returns the measures that the conversions in these rows have by themselves.
    pub(super) fn metrics_of_conversions(&self, rows: impl Iterator<Item = usize>) -> Metrics {
        let mut metrics = Metrics::default();
        for row in rows {
            let mut of_row = Metrics::new([(Measure::Hits, 1), (Measure::Conversions, 1)]);
            for (measure, numbers) in AMOUNTS.into_iter().zip(&self.bags[Repeated::Goals.number()].numbers) {
                of_row[measure] = numbers.get(row).cast_signed();
            }
            metrics += of_row;
        }
        metrics
    }

    /// Returns the approximate memory beside the block, in bytes.
    pub fn bytes(&self) -> usize {
        let bags = self.bags.iter().map(|rows| &rows.items);
        size_of::<Self>() + self.properties.iter().chain(bags).map(DictionaryBuilder::bytes).sum::<usize>()
    }
}

/// A conversion that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The key of the goal.
    pub goal: DictKey,
    /// The revenue, in the minor unit of the site's currency; negative for a refund.
    pub revenue: i64,
    /// The milliseconds since the visit began, limited to 32 bits.
    pub at: u64,
}

impl Conversion {
    /// Returns the numbers of [`Repeated::numbers`]: what it earned, what it refunded, and its time.
    fn numbers(self) -> [u64; ROW_NUMBERS_MAX] {
        let amount = self.revenue.unsigned_abs();
        let [earned, refunded] = if self.revenue < 0 { [0, amount] } else { [amount, 0] };
        [earned, refunded, self.at, 0, 0]
    }
}
