//! A set of row ids as bits.

/// A set of row ids up to the newest, one bit each. Newer ids count as members.
pub struct IdBits {
    bits: Vec<u64>,
    /// The newest id that the set knows.
    pub newest: i64,
}

impl IdBits {
    /// Creates an empty set for ids up to `newest`.
    pub fn new(newest: i64) -> Self {
        Self { bits: vec![0; usize::try_from(newest / 64 + 1).unwrap_or(0)], newest }
    }

    fn place(id: i64) -> Option<(usize, u64)> {
        Some((usize::try_from(id / 64).ok()?, 1 << (id.unsigned_abs() % 64)))
    }

    /// Adds an id.
    pub fn set(&mut self, id: i64) {
        if let Some((word, bit)) = Self::place(id)
            && let Some(bits) = self.bits.get_mut(word)
        {
            *bits |= bit;
        }
    }

    /// Returns true for a member, and for every id beyond the newest.
    pub fn has(&self, id: i64) -> bool {
        Self::place(id).and_then(|(word, bit)| Some(self.bits.get(word)? & bit > 0)).unwrap_or(true)
    }
}
