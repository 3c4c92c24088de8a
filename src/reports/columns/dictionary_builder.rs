//! Dictionary-coded columns that grow, of visits and of repeated rows. The hash table of a dictionary holds codes alone
//! and compares with the keys of the column, so that no key is stored twice.

use super::DictKey;
use super::block::Dictionary;
use super::packed_ints::PackedInts;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::ops::Range;

/// The hash index of a dictionary: from key to code.
#[derive(Clone, Debug, Default)]
struct Places {
    table: HashTable<u32>,
    hasher: RandomState,
}

/// A dictionary-coded column that grows.
#[derive(Clone, Debug, Default)]
pub struct DictionaryBuilder {
    /// The dictionary, with metrics for each key where they are maintained.
    pub head: Dictionary,
    /// The dictionary code of each row.
    pub codes: PackedInts,
    places: Places,
}

impl DictionaryBuilder {
    /// Returns the code of a key, adding the key if it is new.
    pub fn code(&mut self, key: DictKey) -> usize {
        let Self { head, places: Places { table, hasher }, .. } = self;
        let hash = |key: DictKey| hasher.hash_one(key);
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

    /// Returns true if metrics by key are worth maintaining: there are enough rows, and the dictionary is much shorter than the column. The
    /// threshold for dropping them is lower, so that a day close to it does not count its rows again and again.
    pub fn wants_sums(&self, rows_min: usize) -> bool {
        let rows_per_key = if self.head.sums.is_some() { 2 } else { 4 };
        let rows = self.codes.len();
        rows >= rows_min && self.head.keys.len() * rows_per_key <= rows
    }

    /// Returns the approximate memory of the hash index, in bytes; the columns themselves are counted elsewhere.
    pub fn bytes(&self) -> usize {
        self.places.table.capacity() * 6
    }
}

/// A repeated column that grows.
#[derive(Debug, Default)]
pub struct RepeatedBuilder {
    /// The visit of each row, as a row number; rows of a visit are adjacent, in the order of arrival.
    pub owners: PackedInts,
    /// The items of the rows, dictionary-coded.
    pub items: DictionaryBuilder,
}

impl RepeatedBuilder {
    /// Returns the code of an item, and sets the item's subtitle key unless that is 0.
    pub fn code(&mut self, item: DictKey, beside: DictKey) -> usize {
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

    /// Appends a row that belongs to the last visit with rows, or to a later one.
    pub fn push(&mut self, owner: usize, code: usize) {
        self.owners.push(owner as u64);
        self.items.codes.push(code as u64);
    }

    /// Returns the range of rows of a visit.
    pub fn rows_of(&self, owner: usize) -> Range<usize> {
        let end = self.owners.len();
        if end == 0 || self.owners.place(end - 1) < owner {
            return end..end;
        }
        self.owners.first_from(owner)..self.owners.first_from(owner + 1)
    }

    /// Inserts rows, given as visit and item code in ascending order of visits, after the existing rows of these
    /// visits.
    pub fn insert(&mut self, rows: &[(usize, usize)]) {
        let places: Vec<usize> = rows.iter().map(|(owner, _)| self.rows_of(*owner).end).collect();
        let with = |value: fn(&(usize, usize)) -> usize| -> Vec<(usize, u64)> {
            places.iter().zip(rows).map(|(place, row)| (*place, value(row) as u64)).collect()
        };
        self.owners.insert(&with(|row| row.0));
        self.items.codes.insert(&with(|row| row.1));
    }

    /// Removes rows, whose positions are in ascending order.
    pub fn remove(&mut self, rows: &[usize]) {
        self.owners.remove(rows);
        self.items.codes.remove(rows);
    }
}
