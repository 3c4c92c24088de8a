//! The counts of the running day, of a bounded number of keys. The days of sites end at different moments, so
//! each count knows its day. A restart forgets them.

use crate::clock::Day;
use std::collections::HashMap;
use std::hash::Hash;

/// The counts of a day by key. Counting a key on another day starts it anew.
pub struct DayCounts<K> {
    counts: HashMap<K, (Day, u32)>,
    most: usize,
}

impl<K: Eq + Hash> DayCounts<K> {
    /// Makes empty counts of at most this many keys.
    pub fn of(most: usize) -> Self {
        Self { counts: HashMap::new(), most }
    }

    /// Returns the count of a key on a day.
    pub fn get(&self, one: &K, day: Day) -> u32 {
        self.counts.get(one).filter(|(of, _)| *of == day).map_or(0, |(_, count)| *count)
    }

    /// Counts a key once more.
    pub fn add(&mut self, one: K, day: Day) {
        if self.counts.len() >= self.most && !self.counts.contains_key(&one) {
            self.make_room(day);
        }
        let (of, count) = self.counts.entry(one).or_insert((day, 0));
        if *of != day {
            (*of, *count) = (day, 0);
        }
        *count = count.saturating_add(1);
    }

    /// Removes at least half of the counts: those of days that are over everywhere, then the lowest ones. The
    /// highest stay longest, so that no sender gets rid of its own count by bringing others.
    fn make_room(&mut self, day: Day) {
        self.counts.retain(|_, (of, _)| *of >= day.plus(-1));
        let mut lowest = 1;
        while self.counts.len() > self.most / 2 {
            self.counts.retain(|_, (_, count)| *count > lowest);
            lowest = lowest.saturating_mul(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_of_its_day_and_the_highest_outlives_any_number_of_others() {
        let (mut counts, day) = (DayCounts::of(100), Day(20_000));
        (0..5).for_each(|_| counts.add(0, day));
        for other in 1..10_000 {
            counts.add(other, day);
            assert!(counts.counts.len() <= 100);
        }
        assert_eq!((counts.get(&0, day), counts.get(&9_999, day)), (5, 1));
        assert_eq!(counts.get(&0, day.plus(1)), 0);
        counts.add(0, day.plus(1));
        assert_eq!((counts.get(&0, day.plus(1)), counts.get(&0, day)), (1, 0));
        (0..200).for_each(|other| counts.add(other, day.plus(3)));
        assert!(
            counts.counts.values().all(|(of, _)| *of == day.plus(3)),
            "a day that is over was remembered"
        );
    }
}
