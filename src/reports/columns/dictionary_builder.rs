//! Dictionary-coded columns that grow, of visits and of repeated rows. The hash table of a dictionary holds codes alone
//! and compares with the keys of the column, so that no key is stored twice.

use super::block::Dictionary;
use super::packed_ints::PackedInts;
use super::{DictKey, Repeated};
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
    /// The numbers of the rows, one column for each of [`Repeated::numbers`].
    pub numbers: Vec<PackedInts>,
}

/// The most numbers that a row of a repeated column has.
pub const ROW_NUMBERS_MAX: usize = 5;

/// A row as it is attached to a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachedRow {
    /// The key of the item.
    pub key: DictKey,
    /// The numbers of [`Repeated::numbers`].
    pub numbers: [u64; ROW_NUMBERS_MAX],
}

/// A row of a repeated column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepeatedRow {
    /// The visit, as a row number.
    pub visit: usize,
    /// The code of the item.
    pub code: usize,
    /// The numbers of [`Repeated::numbers`]; 0 for those that the column lacks.
    pub numbers: [u64; ROW_NUMBERS_MAX],
}

impl RepeatedBuilder {
    /// Creates an empty column.
    pub fn new(bag: Repeated) -> Self {
        Self { numbers: vec![PackedInts::default(); bag.numbers().len()], ..Self::default() }
    }

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

    /// Returns the key and the numbers of a row.
    pub fn attached(&self, row: usize) -> AttachedRow {
        let mut numbers = [0; ROW_NUMBERS_MAX];
        numbers.iter_mut().zip(&self.numbers).for_each(|(number, column)| *number = column.get(row));
        AttachedRow { key: self.items.head.keys.get(self.items.codes.place(row)), numbers }
    }

    /// Appends a row that belongs to the last visit with rows, or to a later one.
    pub fn push(&mut self, row: RepeatedRow) {
        self.owners.push(row.visit as u64);
        self.items.codes.push(row.code as u64);
        self.numbers.iter_mut().zip(row.numbers).for_each(|(numbers, number)| numbers.push(number));
    }

    /// Returns the range of rows of a visit.
    pub fn rows_of(&self, owner: usize) -> Range<usize> {
        let end = self.owners.len();
        if end == 0 || self.owners.place(end - 1) < owner {
            return end..end;
        }
        self.owners.first_from(owner)..self.owners.first_from(owner + 1)
    }

    /// Inserts rows, in ascending order of visits, after the existing rows of these visits.
    pub fn insert(&mut self, rows: &[RepeatedRow]) {
        let places: Vec<usize> = rows.iter().map(|row| self.rows_of(row.visit).end).collect();
        let with = |value: &dyn Fn(&RepeatedRow) -> u64| -> Vec<(usize, u64)> {
            places.iter().zip(rows).map(|(place, row)| (*place, value(row))).collect()
        };
        self.owners.insert(&with(&|row| row.visit as u64));
        self.items.codes.insert(&with(&|row| row.code as u64));
        for (place, numbers) in self.numbers.iter_mut().enumerate() {
            numbers.insert(&with(&|row| row.numbers[place]));
        }
    }

    /// Removes rows, whose positions are in ascending order.
    pub fn remove(&mut self, rows: &[usize]) {
        self.owners.remove(rows);
        self.items.codes.remove(rows);
        self.numbers.iter_mut().for_each(|numbers| numbers.remove(rows));
    }
}
