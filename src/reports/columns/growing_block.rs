//! The columns of days that still grow. Between two changes their numbers belong to a block, which queries read: there
//! is only one copy of them, and a query that still reads a part while it changes keeps the old one.

use super::block::{Block, ColumnData, DayMetrics, Dictionary, Ids, Offsets};
use super::dictionary_builder::{DictionaryBuilder, RepeatedBuilder};
use super::packed_ints::PackedInts;
use super::visit_row::VisitRow;
use super::{BAGS, ColumnId, ColumnPart, Repeated, facts};
use crate::model::id::VisitId;
use crate::reports::dimension::{PROPERTIES, Property};
use crate::reports::metrics::Metrics;
use std::mem::take;
use std::sync::Arc;

/// The columns of some days while they grow.
#[derive(Debug, Default)]
pub struct GrowingBlock {
    /// The ids of the visits; this and the following fields are the parts of a block.
    pub ids: Ids,
    pub hours: PackedInts,
    pub stays: PackedInts,
    pub seconds: PackedInts,
    pub actions: PackedInts,
    pub facts: PackedInts,
    pub properties: [DictionaryBuilder; PROPERTIES],
    pub bags: [RepeatedBuilder; BAGS],
    /// The dictionaries of [`Of::ActionCount`] and [`Of::TimeOnSite`].
    pub steps: [Dictionary; 2],
    /// The sums of each day.
    pub days: Vec<DayMetrics>,
    /// The sums of each local hour.
    pub by_hour: [Metrics; 24],
}

/// The flags that the row of a visit determines; the others depend on the other visits of the day.
const TOLD_BY_ROW: u64 = !(facts::UNIQUE as u64);

impl GrowingBlock {
    /// Returns the number of visits.
    pub fn visits(&self) -> usize {
        self.ids.began.len()
    }

    /// Returns the column of visitors.
    pub fn visitors(&self) -> &DictionaryBuilder {
        &self.properties[Property::Visitor as usize]
    }

    /// Appends a visit that began in a local hour, later than all others.
    pub fn push_visit(&mut self, read: &VisitRow, hour: u8) {
        self.ids.push(VisitId(read.id));
        self.hours.push(hour.into());
        self.stays.push(read.stay());
        self.seconds.push(read.stay() / 1_000);
        self.actions.push(read.actions());
        self.facts.push(read.facts.into());
        for (column, key) in self.properties.iter_mut().zip(read.keys) {
            let code = column.code(key);
            column.codes.push(code as u64);
        }
    }

    /// Updates the row of a visit.
    pub fn set_visit(&mut self, row: usize, read: &VisitRow) {
        self.stays.set(row, read.stay());
        self.seconds.set(row, read.stay() / 1_000);
        self.actions.set(row, read.actions());
        self.facts.set(row, self.facts.get(row) & !TOLD_BY_ROW | u64::from(read.facts));
        for (column, key) in self.properties.iter_mut().zip(read.keys) {
            let code = column.code(key);
            column.codes.set(row, code as u64);
        }
    }

    /// Sets the flag of a visitor's first visit of the day; returns true if it changed.
    pub fn set_first(&mut self, row: usize, is_first: bool) -> bool {
        let before = self.facts.get(row);
        let after = before & TOLD_BY_ROW | if is_first { facts::UNIQUE.into() } else { 0 };
        self.facts.set(row, after);
        before != after
    }

    /// Moves the columns into a block.
    pub fn freeze(&mut self) -> Block {
        let mut stretch = Block::new(Arc::new(self.days.clone()));
        stretch.by_hour = Some(Arc::new(self.by_hour));
        stretch.put(ColumnPart::Ids, Arc::new(ColumnData::Ids(take(&mut self.ids))));
        for (part, numbers) in self.numbers() {
            stretch.put(part, Arc::new(ColumnData::Numbers(take(numbers))));
        }
        for (of, head) in self.heads() {
            stretch.put(ColumnPart::Head(of), Arc::new(ColumnData::Head(take(head))));
        }
        for (bag, rows) in Repeated::ALL.into_iter().zip(&mut self.bags) {
            let owners = Offsets::Listed(take(&mut rows.owners));
            stretch.put(ColumnPart::Owners(bag), Arc::new(ColumnData::Owners(owners)));
        }
        stretch
    }

    /// Moves the columns back from the block. Parts that a query still reads are copied.
    pub fn thaw(&mut self, mut stretch: Block) {
        let mut piece = |part: ColumnPart| stretch.parts[part.number()].take().map(Arc::unwrap_or_clone);
        if let Some(ColumnData::Ids(ids)) = piece(ColumnPart::Ids) {
            self.ids = ids;
        }
        for (part, numbers) in self.numbers() {
            if let Some(ColumnData::Numbers(known)) = piece(part) {
                *numbers = known;
            }
        }
        for (of, head) in self.heads() {
            if let Some(ColumnData::Head(known)) = piece(ColumnPart::Head(of)) {
                *head = known;
            }
        }
        for (bag, rows) in Repeated::ALL.into_iter().zip(&mut self.bags) {
            if let Some(ColumnData::Owners(Offsets::Listed(owners))) = piece(ColumnPart::Owners(bag)) {
                rows.owners = owners;
            }
        }
    }

    /// Returns the block of days that no longer change, in stored form.
    pub fn into_stretch(mut self) -> Block {
        let visits = self.visits();
        for rows in &mut self.bags {
            let beside = &mut rows.items.head.beside;
            *beside = if beside.all().any(|beside| beside != 0) {
                PackedInts::pack(&beside.all().collect::<Vec<_>>())
            } else {
                PackedInts::default()
            };
        }
        let owners = self.bags.each_mut().map(|rows| packed_owners(take(&mut rows.owners), visits));
        let mut stretch = self.freeze();
        for (bag, owners) in Repeated::ALL.into_iter().zip(owners) {
            stretch.put(ColumnPart::Owners(bag), Arc::new(ColumnData::Owners(owners)));
        }
        stretch
    }

    /// Iterates over all columns of numbers, except ids and owners.
    fn numbers(&mut self) -> impl Iterator<Item = (ColumnPart, &mut PackedInts)> {
        let plain = [
            (ColumnPart::Hours, &mut self.hours),
            (ColumnPart::Stays, &mut self.stays),
            (ColumnPart::Seconds, &mut self.seconds),
            (ColumnPart::Actions, &mut self.actions),
            (ColumnPart::Facts, &mut self.facts),
        ];
        let properties = Property::ALL.into_iter().map(ColumnId::Property).zip(&mut self.properties);
        let bags = self.bags.iter_mut().map(|rows| &mut rows.items);
        let bags = Repeated::ALL.into_iter().map(ColumnId::Bag).zip(bags);
        let codes = properties.chain(bags).map(|(of, column)| (ColumnPart::Codes(of), &mut column.codes));
        plain.into_iter().chain(codes)
    }

    fn heads(&mut self) -> impl Iterator<Item = (ColumnId, &mut Dictionary)> {
        let properties = Property::ALL.into_iter().map(ColumnId::Property).zip(&mut self.properties);
        let bags = self.bags.iter_mut().map(|rows| &mut rows.items);
        let bags = Repeated::ALL.into_iter().map(ColumnId::Bag).zip(bags);
        let columns = properties.chain(bags).map(|(of, column)| (of, &mut column.head));
        columns.chain([ColumnId::ActionCount, ColumnId::TimeOnSite].into_iter().zip(&mut self.steps))
    }

    /// Returns the approximate memory beside the block, in bytes.
    pub fn bytes(&self) -> usize {
        let bags = self.bags.iter().map(|rows| &rows.items);
        size_of::<Self>() + self.properties.iter().chain(bags).map(DictionaryBuilder::bytes).sum::<usize>()
    }
}

/// Packs the owners of rows for storage: listed when few visits have rows, else counted.
fn packed_owners(owners: PackedInts, visits: usize) -> Offsets {
    if owners.len() * 4 < visits {
        return Offsets::Listed(PackedInts::pack(&owners.all().collect::<Vec<_>>()));
    }
    let mut counts = vec![0_u32; visits];
    for owner in 0..owners.len() {
        counts[owners.place(owner)] += 1;
    }
    Offsets::Counted(PackedInts::pack(&counts))
}
