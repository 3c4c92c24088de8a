//! Values with their numbers, sorted: equal ones are counted together, so that there are never more than different values.

/// The number of values that are collected before equal ones are counted together.
const COLLECTED_MAX: usize = 1_024;

/// Values, each with its number.
#[derive(Debug)]
pub struct CountedValues<T> {
    collected: Vec<T>,
    /// Each value with its number, in ascending order.
    counted: Vec<(T, i64)>,
}

impl<T> Default for CountedValues<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> CountedValues<T> {
    /// Creates an empty set.
    pub const fn new() -> Self {
        Self { collected: Vec::new(), counted: Vec::new() }
    }
}

impl<T: Ord + Copy> CountedValues<T> {
    /// Adds a value.
    pub fn add(&mut self, value: T) {
        self.collected.push(value);
        if self.collected.len() >= COLLECTED_MAX.max(self.counted.len()) {
            self.count();
        }
    }

    /// Returns each value with its number, in ascending order; those that were added since [`Self::count`] are missing.
    pub fn counted(&self) -> &[(T, i64)] {
        &self.counted
    }

    /// Counts the collected values together with those that were counted before.
    pub fn count(&mut self) {
        if self.collected.is_empty() {
            return;
        }
        self.collected.sort_unstable();
        let collected = std::mem::take(&mut self.collected);
        self.merge_counted(
            collected
                .chunk_by(|one, next| one == next)
                .map(|same| (same[0], i64::try_from(same.len()).unwrap_or(i64::MAX))),
        );
    }

    /// Adds other values.
    pub fn merge(&mut self, mut more: Self) {
        self.count();
        more.count();
        self.merge_counted(more.counted.into_iter());
    }

    /// Adds a copy of other values.
    pub fn add_all(&mut self, more: &Self) {
        self.count();
        self.merge_counted(more.counted.iter().copied());
        more.collected.iter().for_each(|value| self.add(*value));
    }

    /// Keeps the counted values for which `keeps` returns true.
    pub fn retain(&mut self, keeps: impl Fn(T) -> bool) {
        self.counted.retain(|(value, _)| keeps(*value));
    }

    /// Replaces each value; those that become equal are counted together.
    pub fn map(&mut self, map: impl Fn(T) -> T) {
        self.count();
        let mut mapped: Vec<(T, i64)> =
            std::mem::take(&mut self.counted).into_iter().map(|(value, count)| (map(value), count)).collect();
        mapped.sort_unstable_by_key(|(value, _)| *value);
        mapped.dedup_by(|next, known| {
            let is_same = next.0 == known.0;
            known.1 += if is_same { next.1 } else { 0 };
            is_same
        });
        self.counted = mapped;
    }

    /// Adds values with their numbers, in ascending order.
    fn merge_counted(&mut self, more: impl Iterator<Item = (T, i64)>) {
        let known = std::mem::take(&mut self.counted);
        let mut known = known.into_iter().peekable();
        for (value, count) in more {
            while let Some(before) = known.next_if(|(known, _)| *known < value) {
                self.counted.push(before);
            }
            let same = known.next_if(|(known, _)| *known == value).map_or(0, |(_, count)| count);
            self.counted.push((value, count + same));
        }
        self.counted.extend(known);
    }
}
