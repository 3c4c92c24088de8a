//! Columns and bags that grow row by row, as a draft has them.

use super::Key;
use foldhash::HashMap;

/// A column that grows.
#[derive(Debug, Default)]
pub struct Growing {
    /// Each key once, in the order in which they came.
    pub keys: Vec<Key>,
    /// Of each row, the place of its key.
    pub codes: Vec<u32>,
    places: HashMap<Key, u32>,
}

impl Growing {
    /// The place of a key, which is a new one where it was not seen before.
    pub fn code(&mut self, key: Key) -> u32 {
        *self.places.entry(key).or_insert_with(|| {
            self.keys.push(key);
            u32::try_from(self.keys.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// How much memory it takes, about.
    pub fn bytes(&self) -> usize {
        self.keys.capacity() * 28 + self.codes.capacity() * 4
    }
}

/// Rows of a bag that grow.
#[derive(Debug)]
pub struct GrowingBag {
    /// Of each row, the place of its visit.
    pub owners: Vec<u32>,
    /// What the rows are counted by.
    pub items: Growing,
    /// By the place of a key: what stands beside it, as the last row says.
    pub beside: Vec<Key>,
    is_sorted: bool,
}

impl Default for GrowingBag {
    fn default() -> Self {
        Self { owners: Vec::new(), items: Growing::default(), beside: Vec::new(), is_sorted: true }
    }
}

impl GrowingBag {
    /// Adds a row.
    pub fn push(&mut self, owner: u32, item: Key, beside: Key) {
        self.is_sorted &= self.owners.last().is_none_or(|last| *last <= owner);
        let code = self.items.code(item);
        self.owners.push(owner);
        self.items.codes.push(code);
        self.beside.resize(self.items.keys.len(), 0);
        if beside != 0 {
            self.beside[code as usize] = beside;
        }
    }

    /// Drops the rows of a visit.
    pub fn drop_of(&mut self, owner: u32) {
        if self.is_sorted && self.owners.binary_search(&owner).is_err() {
            return;
        }
        let rows = self.owners.iter().copied().zip(self.items.codes.iter().copied());
        (self.owners, self.items.codes) = rows.filter(|(of, _)| *of != owner).unzip();
    }

    /// Puts the rows of each visit together, in the order in which they came.
    pub fn sort(&mut self) {
        if !self.is_sorted {
            let rows = self.owners.iter().copied().zip(self.items.codes.iter().copied());
            let mut rows: Vec<(u32, u32)> = rows.collect();
            rows.sort_by_key(|(owner, _)| *owner);
            (self.owners, self.items.codes) = rows.into_iter().unzip();
            self.is_sorted = true;
        }
    }

    /// How much memory it takes, about.
    pub fn bytes(&self) -> usize {
        self.owners.capacity() * 4 + self.beside.capacity() * 8 + self.items.bytes()
    }
}
