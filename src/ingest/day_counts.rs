//! Counts per day for a bounded number of keys. Days of sites end at different times, so each count has its day. A
//! restart resets them.

use crate::model::clock::Day;
use std::collections::HashMap;
use std::hash::Hash;

/// Counts by key for one day each; counting a key on another day restarts at zero.
pub struct DayCounts<K> {
    counts: HashMap<K, (Day, u32)>,
    most: usize,
}

impl<K: Eq + Hash> DayCounts<K> {
    /// Creates empty counts of at most `most` keys.
    pub fn with_limit(most: usize) -> Self {
        Self { counts: HashMap::new(), most }
    }

    /// Returns the count of a key on a day.
    pub fn get(&self, one: &K, day: Day) -> u32 {
        self.counts.get(one).filter(|(of, _)| *of == day).map_or(0, |(_, count)| *count)
    }

    /// Increments the count of a key on a day.
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

    /// Removes at least half of the counts: first those of days that have ended everywhere, then the lowest. The
    /// highest stay longest, so that no sender can displace its own count with new keys.
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
        let (mut counts, day) = (DayCounts::with_limit(100), Day(20_000));
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
