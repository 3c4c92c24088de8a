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

    /// Seconds of a visit, on average.
    pub fn seconds_average(&self) -> i64 {
        self.seconds / self.visits.max(1)
    }

    /// Bounces in thousandths of the visits.
    pub fn bounce_permille(&self) -> i64 {
        self.bounces * 1_000 / self.visits.max(1)
    }
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
