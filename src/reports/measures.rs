//! What visits add up to. Measures are additive, so that days, items and stretches of days add up.

use crate::ingest::hit::ActionKind;
use std::ops::AddAssign;

/// What visits add up to. Definitions: a visit is unique when it is the visitor's first of its day, new when it is
/// their first ever; a bounce has one page view only and less than 30 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// How often an item occurs: actions of that item, or visits with that property.
    pub hits: i64,
    /// Visits.
    pub visits: i64,
    /// Unique visitors.
    pub uniques: i64,
    /// New visitors.
    pub new: i64,
    /// Page views, downloads, outbound clicks and events of those visits.
    pub actions: i64,
    /// Seconds on the site.
    pub seconds: i64,
    /// Bounces.
    pub bounces: i64,
    /// Actions by kind: page views, downloads, outbound clicks, events, media. Kept by totals alone.
    pub kinds: [i64; 5],
}

impl Measures {
    /// Actions of one kind.
    pub fn kind(&self, kind: ActionKind) -> i64 {
        KINDS.iter().position(|known| *known == kind).map_or(0, |place| self.kinds[place])
    }

    /// As they are written down in a row: all but the kinds.
    pub fn numbers(&self) -> [i64; 7] {
        let Self { hits, visits, uniques, new, actions, seconds, bounces, .. } = *self;
        [hits, visits, uniques, new, actions, seconds, bounces]
    }

    /// From such a row.
    pub fn of_numbers([hits, visits, uniques, new, actions, seconds, bounces]: [i64; 7]) -> Self {
        Self { hits, visits, uniques, new, actions, seconds, bounces, kinds: [0; 5] }
    }

    /// What takes these measures away when it is added.
    #[must_use]
    pub fn negated(&self) -> Self {
        let kinds = self.kinds.map(std::ops::Neg::neg);
        Self { kinds, ..Self::of_numbers(self.numbers().map(std::ops::Neg::neg)) }
    }

    /// Seconds of a visit, on average.
    pub fn seconds_average(&self) -> i64 {
        quotient(self.seconds, self.visits.max(1))
    }

    /// Bounces in thousandths of the visits.
    pub fn bounce_permille(&self) -> i64 {
        quotient(self.bounces * 1_000, self.visits.max(1))
    }
}

/// Quotient of two numbers, rounded to the nearest whole one, halves away from zero; 0 where there is nothing to divide by.
pub fn quotient(value: i64, by: i64) -> i64 {
    let doubled = value.checked_rem(by).unwrap_or(0).unsigned_abs() * 2;
    let is_up = by != 0 && doubled >= by.unsigned_abs();
    let away = if (value < 0) == (by < 0) { 1 } else { -1 };
    value.checked_div(by).unwrap_or(0) + if is_up { away } else { 0 }
}

impl AddAssign for Measures {
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

/// The kinds of action in the order of [`Measures::kinds`].
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
        let measures = Measures { visits: 3, seconds: 5, bounces: 2, actions: 5, ..Measures::default() };
        assert_eq!((measures.seconds_average(), measures.bounce_permille()), (2, 667));
    }
}
