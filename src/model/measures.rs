//! The table of measures: numbers that are counted, and added up over days, items and blocks. Columns of days, totals of pruned
//! days and exported files read it. Metrics are computed from them.

use std::ops::{AddAssign, Index, IndexMut, Neg};

/// Declares the measures: those that are counted for each item and stored, those that are added to answers, then those
/// that are counted in totals alone.
macro_rules! measures {
    (
        of_items { $($(#[$of_item:meta])* $item:ident = $column:literal, $exported:literal;)* }
        of_answers { $($(#[$of_answer:meta])* $added:ident = $exported_added:literal;)* }
        of_totals { $($(#[$of_total:meta])* $total:ident;)* }
    ) => {
        /// A measure: a number of visits or of something in them. Measures are additive: over days, items and blocks of
        /// days.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Measure {
            $($(#[$of_item])* $item,)*
            $($(#[$of_answer])* $added,)*
            $($(#[$of_total])* $total,)*
        }

        impl Measure {
            /// All measures of items that blocks and rollups store, in stored order.
            pub const STORED: [Self; [$($column),*].len()] = [$(Self::$item),*];
            /// The names in the data file and in exported sites of the stored measures.
            pub const COLUMNS: [&str; Self::STORED.len()] = [$($column),*];
            /// The number of stored measures.
            pub const STORED_COUNT: usize = Self::STORED.len();
            /// All measures that each item has: the stored ones, then those that are added to answers.
            pub const OF_ITEMS: [Self; Self::ITEM_COUNT] = [$(Self::$item,)* $(Self::$added,)*];
            /// The names in exported reports of the measures that each item has.
            pub const EXPORTED: [&str; Self::ITEM_COUNT] = [$($exported,)* $($exported_added,)*];
            /// The number of measures that each item has.
            pub const ITEM_COUNT: usize = Self::STORED_COUNT + [$($exported_added),*].len();
            /// The number of measures counted in totals alone: the actions of each kind.
            pub const KIND_COUNT: usize = [$(Self::$total),*].len();
            /// The number of measures.
            pub const COUNT: usize = Self::ITEM_COUNT + Self::KIND_COUNT;
        }
    };
}

measures! {
    of_items {
        /// The occurrences of an item: actions with that item, or visits with that property.
        Hits = "hits", "count";
        /// The number of visits.
        Visits = "visits", "visits";
        /// The number of unique visitors: visits that are the visitor's first of their day.
        Uniques = "uniques", "unique";
        /// The number of new visitors: visits that are the visitor's first ever.
        New = "new", "new";
        /// The number of page views, downloads, outbound clicks and events.
        Actions = "actions", "actions";
        /// The seconds on the site.
        Seconds = "seconds", "seconds";
        /// The number of bounces: visits with one page view that lasted less than 30 seconds.
        Bounces = "bounces", "bounces";
        /// The number of conversions: goals that were reached, as often as each counts.
        Conversions = "conversions", "conversions";
        /// The number of visits with a conversion.
        Converted = "converted", "converted";
        /// The revenue without refunds, in the minor unit of the site's currency.
        Earned = "earned", "earned";
        /// The refunds, in the minor unit of the site's currency.
        Refunded = "refunded", "refunded";
    }
    of_answers {
        /// The cost of campaigns, in the minor unit of the site's currency. It is read from `campaign_costs`.
        Cost = "cost";
        /// The visits to a page whose time on it was measured. This and the following are counted for pages alone.
        Reads = "reads";
        /// The seconds in which the page was visible to them.
        ReadSeconds = "read_seconds";
        /// The visits to a page whose scroll depth was measured.
        DepthReads = "depth_reads";
        /// The sum of their depths, in thousandths of the page's height.
        ReadDepth = "read_depth";
    }
    of_totals {
        /// The number of page views.
        PageViews;
        /// The number of downloads.
        Downloads;
        /// The number of outbound clicks.
        Outbounds;
        /// The number of events.
        Events;
        /// The number of media actions.
        Media;
    }
}

/// The measures of conversions and what they brought.
const OF_CONVERSIONS: [Measure; 4] =
    [Measure::Conversions, Measure::Converted, Measure::Earned, Measure::Refunded];

/// The measured values of a set of visits, indexed by [`Measure`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics([i64; Measure::COUNT]);

impl Metrics {
    /// Creates metrics from some values; the others are zero.
    #[inline]
    pub fn new<const N: usize>(values: [(Measure, i64); N]) -> Self {
        let mut metrics = Self::default();
        for (measure, value) in values {
            metrics[measure] = value;
        }
        metrics
    }

    /// Returns the values that are stored for each item, in stored order.
    #[inline]
    pub fn stored(&self) -> [i64; Measure::STORED_COUNT] {
        std::array::from_fn(|place| self.0[place])
    }

    /// Creates metrics from the numbers of [`Metrics::stored`].
    #[inline]
    pub fn of_stored(numbers: [i64; Measure::STORED_COUNT]) -> Self {
        let mut metrics = Self::default();
        metrics.0[..Measure::STORED_COUNT].copy_from_slice(&numbers);
        metrics
    }

    /// Returns the values that each item has, in the order of [`Measure::OF_ITEMS`].
    #[inline]
    pub fn numbers(&self) -> [i64; Measure::ITEM_COUNT] {
        std::array::from_fn(|place| self.0[place])
    }

    /// Creates metrics from the numbers of [`Metrics::numbers`].
    #[inline]
    pub fn of_numbers(numbers: [i64; Measure::ITEM_COUNT]) -> Self {
        let mut metrics = Self::default();
        metrics.0[..Measure::ITEM_COUNT].copy_from_slice(&numbers);
        metrics
    }

    /// Returns the number of actions by kind: page views, downloads, outbound clicks, events, media.
    #[inline]
    pub fn kinds(&self) -> [i64; Measure::KIND_COUNT] {
        std::array::from_fn(|place| self.0[Measure::ITEM_COUNT + place])
    }

    /// Returns the number of actions by kind, to be changed.
    #[inline]
    pub fn kinds_mut(&mut self) -> &mut [i64] {
        &mut self.0[Measure::ITEM_COUNT..]
    }

    /// Returns these metrics without conversions and what they brought.
    #[must_use]
    pub fn without_conversions(&self) -> Self {
        let mut metrics = *self;
        for measure in OF_CONVERSIONS {
            metrics[measure] = 0;
        }
        metrics
    }

    /// Returns the revenue: what was earned, without refunds.
    pub fn revenue(&self) -> i64 {
        self[Measure::Earned].saturating_sub(self[Measure::Refunded])
    }

    /// Returns these metrics with the visits and visitors of all, among which those that reached a goal are a share.
    #[must_use]
    pub fn among(&self, all: &Self) -> Self {
        let mut metrics = *self;
        for measure in [Measure::Visits, Measure::Uniques] {
            metrics[measure] = all[measure];
        }
        metrics
    }

    /// Returns the negated metrics, which subtract these when added.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self(self.0.map(Neg::neg))
    }
}

impl Index<Measure> for Metrics {
    type Output = i64;

    #[inline]
    fn index(&self, measure: Measure) -> &i64 {
        &self.0[measure as usize]
    }
}

impl IndexMut<Measure> for Metrics {
    #[inline]
    fn index_mut(&mut self, measure: Measure) -> &mut i64 {
        &mut self.0[measure as usize]
    }
}

impl AddAssign for Metrics {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        // Amounts are what others send: whatever they add up to, counts beside them stay right.
        const AMOUNTS: [usize; 3] =
            [Measure::Earned as usize, Measure::Refunded as usize, Measure::Cost as usize];
        let amounts = AMOUNTS.map(|place| self.0[place].saturating_add(other.0[place]));
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine = mine.wrapping_add(theirs));
        AMOUNTS.into_iter().zip(amounts).for_each(|(place, amount)| self.0[place] = amount);
    }
}
