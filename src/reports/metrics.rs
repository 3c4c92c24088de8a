//! Metrics of visits. They are additive: over days, items and blocks of days.

use crate::ingest::hit::ActionKind;
use std::ops::AddAssign;

/// The metrics of a set of visits. A visit is unique if it is the visitor's first of its day, and new if it is their
/// first ever; a bounce has one page view and lasted less than 30 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// The occurrences of an item: actions with that item, or visits with that property.
    pub hits: i64,
    /// The number of visits.
    pub visits: i64,
    /// The number of unique visitors.
    pub uniques: i64,
    /// The number of new visitors.
    pub new: i64,
    /// The number of page views, downloads, outbound clicks and events in those visits.
    pub actions: i64,
    /// The seconds on the site.
    pub seconds: i64,
    /// The number of bounces.
    pub bounces: i64,
    /// The number of actions by kind: page views, downloads, outbound clicks, events, media. Counted in totals only.
    pub kinds: [i64; 5],
}

impl Metrics {
    /// Returns the number of actions of one kind.
    pub fn kind(&self, kind: ActionKind) -> i64 {
        KINDS.iter().position(|known| *known == kind).map_or(0, |place| self.kinds[place])
    }

    /// Returns all metrics except the kinds, in stored order.
    pub fn numbers(&self) -> [i64; 7] {
        let Self { hits, visits, uniques, new, actions, seconds, bounces, .. } = *self;
        [hits, visits, uniques, new, actions, seconds, bounces]
    }

    /// Creates metrics from the numbers of [`Metrics::numbers`].
    pub fn of_numbers([hits, visits, uniques, new, actions, seconds, bounces]: [i64; 7]) -> Self {
        Self { hits, visits, uniques, new, actions, seconds, bounces, kinds: [0; 5] }
    }

    /// Returns the negated metrics, which subtract these when added.
    #[must_use]
    pub fn negated(&self) -> Self {
        let kinds = self.kinds.map(std::ops::Neg::neg);
        Self { kinds, ..Self::of_numbers(self.numbers().map(std::ops::Neg::neg)) }
    }

    /// Returns the average seconds of a visit.
    pub fn seconds_average(&self) -> i64 {
        quotient(self.seconds, self.visits.max(1))
    }

    /// Returns the bounce rate in thousandths.
    pub fn bounce_permille(&self) -> i64 {
        quotient(self.bounces * 1_000, self.visits.max(1))
    }
}

/// Divides, rounding to the nearest integer and halves away from zero; 0 for a division by zero.
pub fn quotient(value: i64, by: i64) -> i64 {
    let doubled = value.checked_rem(by).unwrap_or(0).unsigned_abs() * 2;
    let is_up = by != 0 && doubled >= by.unsigned_abs();
    let away = if (value < 0) == (by < 0) { 1 } else { -1 };
    value.checked_div(by).unwrap_or(0) + if is_up { away } else { 0 }
}

impl AddAssign for Metrics {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.visits += other.visits;
        self.uniques += other.uniques;
        self.new += other.new;
        self.actions += other.actions;
        self.seconds += other.seconds;
        self.bounces += other.bounces;
        for (mine, theirs) in self.kinds.iter_mut().zip(other.kinds) {
            *mine += theirs;
        }
    }
}

/// The kinds of action in the order of [`Metrics::kinds`].
pub const KINDS: [ActionKind; 5] =
    [ActionKind::PageView, ActionKind::Download, ActionKind::Outbound, ActionKind::Event, ActionKind::Media];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_and_not_cut() {
        for (value, by, rounded) in [
            (13_571, 100, 136),
            (149, 100, 1),
            (150, 100, 2),
            (-150, 100, -2),
            (-149, 100, -1),
            (7, 0, 0),
            (i64::MAX, 1, i64::MAX),
        ] {
            assert_eq!(quotient(value, by), rounded, "{value} / {by}");
        }
    }

    #[test]
    fn averages_and_rates_of_visits_are_rounded() {
        let metrics = Metrics { visits: 3, seconds: 5, bounces: 2, actions: 5, ..Metrics::default() };
        assert_eq!((metrics.seconds_average(), metrics.bounce_permille()), (2, 667));
    }
}
