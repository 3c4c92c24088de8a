//! The columns of days that still grow. Between two changes their numbers belong to a block, which queries read: there
//! is only one copy of them, and a query that still reads a part while it changes keeps the old one.

use super::growing::{Growing, GrowingBag};
use super::numbers::Numbers;
use super::stretch::{DaySums, Head, Ids, Owners, Piece, Stretch};
use super::visit_row::VisitRow;
use super::{BAGS, Bag, Of, PROPERTIES, Part, Property, facts};
use crate::id::VisitId;
use crate::reports::measures::Measures;
use std::mem::take;
use std::sync::Arc;

/// The columns of some days while they grow.
#[derive(Debug, Default)]
pub struct GrowingBlock {
    /// The ids of the visits; this and the following fields are the parts of a block.
    pub ids: Ids,
    pub hours: Numbers,
    pub stays: Numbers,
    pub seconds: Numbers,
    pub actions: Numbers,
    pub facts: Numbers,
    pub properties: [Growing; PROPERTIES],
    pub bags: [GrowingBag; BAGS],
    /// The dictionaries of [`Of::ActionCount`] and [`Of::TimeOnSite`].
    pub steps: [Head; 2],
    /// The sums of each day.
    pub days: Vec<DaySums>,
    /// The sums of each local hour.
    pub by_hour: [Measures; 24],
}

/// The flags that the row of a visit determines; the others depend on the other visits of the day.
const TOLD_BY_ROW: u64 = !(facts::UNIQUE as u64);

impl GrowingBlock {
    /// Returns the number of visits.
    pub fn visits(&self) -> usize {
        self.ids.began.len()
    }

    /// Returns the column of visitors.
    pub fn visitors(&self) -> &Growing {
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
    pub fn freeze(&mut self) -> Stretch {
        let mut stretch = Stretch::of(Arc::new(self.days.clone()));
        stretch.by_hour = Some(Arc::new(self.by_hour));
        stretch.put(Part::Ids, Arc::new(Piece::Ids(take(&mut self.ids))));
        for (part, numbers) in self.numbers() {
            stretch.put(part, Arc::new(Piece::Numbers(take(numbers))));
        }
        for (of, head) in self.heads() {
            stretch.put(Part::Head(of), Arc::new(Piece::Head(take(head))));
        }
        for (bag, rows) in Bag::ALL.into_iter().zip(&mut self.bags) {
            let owners = Owners::Listed(take(&mut rows.owners));
            stretch.put(Part::Owners(bag), Arc::new(Piece::Owners(owners)));
        }
        stretch
    }

    /// Moves the columns back from the block. Parts that a query still reads are copied.
    pub fn thaw(&mut self, mut stretch: Stretch) {
        let mut piece = |part: Part| stretch.parts[part.number()].take().map(Arc::unwrap_or_clone);
        if let Some(Piece::Ids(ids)) = piece(Part::Ids) {
            self.ids = ids;
        }
        for (part, numbers) in self.numbers() {
            if let Some(Piece::Numbers(known)) = piece(part) {
                *numbers = known;
            }
        }
        for (of, head) in self.heads() {
            if let Some(Piece::Head(known)) = piece(Part::Head(of)) {
                *head = known;
            }
        }
        for (bag, rows) in Bag::ALL.into_iter().zip(&mut self.bags) {
            if let Some(Piece::Owners(Owners::Listed(owners))) = piece(Part::Owners(bag)) {
                rows.owners = owners;
            }
        }
    }

    /// Returns the block of days that no longer change, in stored form.
    pub fn into_stretch(mut self) -> Stretch {
        let visits = self.visits();
        for rows in &mut self.bags {
            let beside = &mut rows.items.head.beside;
            *beside = if beside.all().any(|beside| beside != 0) {
                Numbers::pack(&beside.all().collect::<Vec<_>>())
            } else {
                Numbers::default()
            };
        }
        let owners = self.bags.each_mut().map(|rows| packed_owners(take(&mut rows.owners), visits));
        let mut stretch = self.freeze();
        for (bag, owners) in Bag::ALL.into_iter().zip(owners) {
            stretch.put(Part::Owners(bag), Arc::new(Piece::Owners(owners)));
        }
        stretch
    }

    /// Iterates over all columns of numbers, except ids and owners.
    fn numbers(&mut self) -> impl Iterator<Item = (Part, &mut Numbers)> {
        let plain = [
            (Part::Hours, &mut self.hours),
            (Part::Stays, &mut self.stays),
            (Part::Seconds, &mut self.seconds),
            (Part::Actions, &mut self.actions),
            (Part::Facts, &mut self.facts),
        ];
        let properties = Property::ALL.into_iter().map(Of::Property).zip(&mut self.properties);
        let bags = self.bags.iter_mut().map(|rows| &mut rows.items);
        let bags = Bag::ALL.into_iter().map(Of::Bag).zip(bags);
        let codes = properties.chain(bags).map(|(of, column)| (Part::Codes(of), &mut column.codes));
        plain.into_iter().chain(codes)
    }

    fn heads(&mut self) -> impl Iterator<Item = (Of, &mut Head)> {
        let properties = Property::ALL.into_iter().map(Of::Property).zip(&mut self.properties);
        let bags = self.bags.iter_mut().map(|rows| &mut rows.items);
        let bags = Bag::ALL.into_iter().map(Of::Bag).zip(bags);
        let columns = properties.chain(bags).map(|(of, column)| (of, &mut column.head));
        columns.chain([Of::ActionCount, Of::TimeOnSite].into_iter().zip(&mut self.steps))
    }

    /// Returns the approximate memory beside the block, in bytes.
    pub fn bytes(&self) -> usize {
        let bags = self.bags.iter().map(|rows| &rows.items);
        size_of::<Self>() + self.properties.iter().chain(bags).map(Growing::bytes).sum::<usize>()
    }
}

/// Packs the owners of rows for storage: listed when few visits have rows, else counted.
fn packed_owners(owners: Numbers, visits: usize) -> Owners {
    if owners.len() * 4 < visits {
        return Owners::Listed(Numbers::pack(&owners.all().collect::<Vec<_>>()));
    }
    let mut counts = vec![0_u32; visits];
    for owner in 0..owners.len() {
        counts[owners.place(owner)] += 1;
    }
    Owners::Counted(Numbers::pack(&counts))
}
