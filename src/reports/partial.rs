//! Partial answers: what engines that share a range give each for its own days.

use crate::model::clock::Day;
use crate::model::metrics::Metrics;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// The additive parts of an answer over some days of a query, unsorted and without comparison. Parts of different days
/// add up to the whole, whichever engines they come from: a visit counts on the day on which it began, and a visitor is
/// unique within a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partial {
    /// The metrics of each day that has visits.
    pub days: BTreeMap<Day, Metrics>,
    /// The metrics of each local hour, 0 to 23, that has visits.
    pub hours: BTreeMap<usize, Metrics>,
    /// For each wanted table, the metrics of its items by their values in filters.
    pub items: Vec<BTreeMap<String, Metrics>>,
}

impl Partial {
    /// Returns the metrics of all days.
    pub fn totals(&self) -> Metrics {
        let mut totals = Metrics::default();
        self.days.values().for_each(|metrics| totals += *metrics);
        totals
    }
}

impl AddAssign for Partial {
    /// Adds the parts of other days.
    fn add_assign(&mut self, other: Self) {
        fn add<K: Ord>(sums: &mut BTreeMap<K, Metrics>, more: BTreeMap<K, Metrics>) {
            for (key, metrics) in more {
                *sums.entry(key).or_default() += metrics;
            }
        }
        add(&mut self.days, other.days);
        add(&mut self.hours, other.hours);
        self.items.resize_with(self.items.len().max(other.items.len()), BTreeMap::new);
        self.items.iter_mut().zip(other.items).for_each(|(sums, more)| add(sums, more));
    }
}
