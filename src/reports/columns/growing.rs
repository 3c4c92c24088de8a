//! Dictionary-coded columns that grow: of visits, and of the rows of bags. The dictionary's hash table holds places
//! alone and compares with the keys of the column, so that no key is stored twice.

use super::Key;
use super::numbers::Numbers;
use super::stretch::Head;
use crate::limits;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::ops::Range;

/// The places of the keys of a column.
#[derive(Debug, Default)]
struct Places {
    table: HashTable<u32>,
    hasher: RandomState,
}

/// A column that grows.
#[derive(Debug, Default)]
pub struct Growing {
    /// Its dictionary, with what each key adds up to where that is kept.
    pub head: Head,
    /// Of each row, the place of its key.
    pub codes: Numbers,
    places: Places,
}

impl Growing {
    /// The place of a key, which is a new one where it was not seen before.
    pub fn code(&mut self, key: Key) -> usize {
        let Self { head, places: Places { table, hasher }, .. } = self;
        let hash = |key: Key| hasher.hash_one(key);
        if let Some(place) = table.find(hash(key), |place| head.keys.get(*place as usize) == key) {
            return *place as usize;
        }
        let place = head.keys.len();
        head.keys.push(key);
        if let Some(sums) = &mut head.sums {
            sums.push_nothing();
        }
        let stored = u32::try_from(place).unwrap_or(u32::MAX);
        table.insert_unique(hash(key), stored, |place| hash(head.keys.get(*place as usize)));
        place
    }

    /// True if sums by key are worth keeping: they are much shorter than the rows. Those that are kept stay for longer,
    /// so that a day around the border does not count its rows again and again.
    pub fn wants_sums(&self) -> bool {
        let rows_per_key = if self.head.sums.is_some() { 2 } else { 4 };
        let rows = self.codes.len();
        rows >= limits::SUMMED_ROWS_MIN && self.head.keys.len() * rows_per_key <= rows
    }

    /// How much memory the table of places takes, about: the columns themselves are counted where they are used.
    pub fn bytes(&self) -> usize {
        self.places.table.capacity() * 6
    }
}

/// Rows of a bag that grow.
#[derive(Debug, Default)]
pub struct GrowingBag {
    /// Of each row, the place of its visit; rows of a visit stand together, in the order in which they came.
    pub owners: Numbers,
    /// The items of the rows.
    pub items: Growing,
}

impl GrowingBag {
    /// The place of an item, which now has this beside it unless that is 0.
    pub fn code(&mut self, item: Key, beside: Key) -> usize {
        let code = self.items.code(item);
        let head = &mut self.items.head;
        if head.beside.len() < head.keys.len() {
            head.beside.push(0);
        }
        if beside != 0 {
            head.beside.set(code, beside);
        }
        code
    }

    /// Appends a row of the last visit that has any, or of a later one.
    pub fn push(&mut self, owner: usize, code: usize) {
        self.owners.push(owner as u64);
        self.items.codes.push(code as u64);
    }

    /// The rows of a visit.
    pub fn rows_of(&self, owner: usize) -> Range<usize> {
        let end = self.owners.len();
        if end == 0 || self.owners.place(end - 1) < owner {
            return end..end;
        }
        self.owners.first_from(owner)..self.owners.first_from(owner + 1)
    }

    /// Inserts rows, each with its visit and the place of its item, in ascending order of visits. They come after the
    /// rows that these visits have.
    pub fn insert(&mut self, rows: &[(usize, usize)]) {
        let places: Vec<usize> = rows.iter().map(|(owner, _)| self.rows_of(*owner).end).collect();
        let with = |value: fn(&(usize, usize)) -> usize| -> Vec<(usize, u64)> {
            places.iter().zip(rows).map(|(place, row)| (*place, value(row) as u64)).collect()
        };
        self.owners.insert(&with(|row| row.0));
        self.items.codes.insert(&with(|row| row.1));
    }

    /// Removes rows, whose places are in ascending order.
    pub fn remove(&mut self, rows: &[usize]) {
        self.owners.remove(rows);
        self.items.codes.remove(rows);
    }
}
