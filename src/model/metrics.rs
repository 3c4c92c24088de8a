//! The tables of measures and metrics: everything that loops over them (columns of days, totals of pruned days, exported
//! files, tables, cards and charts) reads them here. Adding a metric is adding a row, and its measure where visits
//! are read (`reports::columns::NUMBERS`, or a flag in `reports::columns::visit_row`).

use std::ops::{AddAssign, Index, IndexMut, Neg};
use strum::IntoStaticStr;

/// Declares the measures: those that are counted for each item, then those that are counted in totals alone.
macro_rules! measures {
    (
        of_items { $($(#[$of_item:meta])* $item:ident = $column:literal, $exported:literal;)* }
        of_totals { $($(#[$of_total:meta])* $total:ident;)* }
    ) => {
        /// A measure: a number of visits or of something in them. Measures are additive: over days, items and blocks of
        /// days.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Measure {
            $($(#[$of_item])* $item,)*
            $($(#[$of_total])* $total,)*
        }

        impl Measure {
            /// All measures that are counted for each item, in stored order.
            pub const OF_ITEMS: [Self; [$($column),*].len()] = [$(Self::$item),*];
            /// The names in the data file and in exported sites of the measures counted for each item.
            pub const COLUMNS: [&str; Self::OF_ITEMS.len()] = [$($column),*];
            /// The names in exported reports of the measures counted for each item.
            pub const EXPORTED: [&str; Self::OF_ITEMS.len()] = [$($exported),*];
            /// The number of measures that are counted for each item.
            pub const ITEM_COUNT: usize = Self::OF_ITEMS.len();
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

    /// Returns the values that are counted for each item, in stored order.
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
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }
}

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum NumberUnit {
    /// A count.
    Count,
    /// Seconds.
    Seconds,
    /// Thousandths of a whole, shown in per cent.
    Permille,
    /// Hundredths, shown with two decimals.
    Hundredths,
}

impl NumberUnit {
    /// Returns the name, for scripts.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The computation of a metric from measures.
#[derive(Clone, Copy, Debug)]
enum Formula {
    /// A measure itself.
    Sum(Measure),
    /// A measure for each visit, times a factor.
    PerVisit(Measure, i64),
}

/// A column of a metric in tables of items.
#[derive(Clone, Copy, Debug)]
pub struct MetricColumn {
    /// The name in URLs, by which rows are sorted.
    pub name: &'static str,
    /// The heading.
    pub title: &'static str,
    /// The noun for it within a sentence.
    pub noun: &'static str,
    /// A help tip that says what it counts.
    pub about: Option<&'static str>,
}

/// A row of the table of metrics.
struct MetricRow {
    formula: Formula,
    unit: NumberUnit,
    is_less_better: bool,
    column: Option<MetricColumn>,
}

impl MetricRow {
    const fn sum(measure: Measure) -> Self {
        Self { formula: Formula::Sum(measure), unit: NumberUnit::Count, is_less_better: false, column: None }
    }

    const fn per_visit(measure: Measure, times: i64, unit: NumberUnit) -> Self {
        Self { formula: Formula::PerVisit(measure, times), unit, is_less_better: false, column: None }
    }

    const fn column(
        self,
        name: &'static str,
        title: &'static str,
        noun: &'static str,
        about: &'static str,
    ) -> Self {
        Self { column: Some(MetricColumn { name, title, noun, about: Some(about) }), ..self }
    }
}

macro_rules! metrics {
    ($($(#[$meta:meta])* $metric:ident = $row:expr;)*) => {
        /// A metric, as screens and files show it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$meta])* $metric,)*
        }

        static METRICS: &[(Metric, MetricRow)] = &[$((Metric::$metric, $row)),*];
    };
}

metrics! {
    /// The occurrences of an item.
    Hits = MetricRow {
        column: Some(MetricColumn { name: "hits", title: "Times", noun: "times", about: None }),
        ..MetricRow::sum(Measure::Hits)
    };
    /// The number of visits.
    Visits = MetricRow::sum(Measure::Visits).column(
        "visits", "Visits", "visits", "Stays; one ends after 30 minutes without a sign of life");
    /// The number of unique visitors.
    Uniques = MetricRow::sum(Measure::Uniques).column(
        "uniques", "Visitors", "visitors", "Visitors, each counted once a day");
    /// The number of new visitors.
    New = MetricRow::sum(Measure::New).column(
        "new", "New", "new visitors", "Visitors who were never seen before");
    /// The visitors active in the last five minutes. It has no value for a range: that of the visits stands for it.
    Online = MetricRow::sum(Measure::Visits);
    /// The number of actions of all counted kinds.
    Actions = MetricRow::sum(Measure::Actions).column(
        "actions", "Actions", "actions", "Page views, downloads, outbound clicks and events");
    /// The number of page views.
    PageViews = MetricRow::sum(Measure::PageViews);
    /// The number of downloads.
    Downloads = MetricRow::sum(Measure::Downloads);
    /// The number of outbound clicks.
    Outbounds = MetricRow::sum(Measure::Outbounds);
    /// The number of events.
    Events = MetricRow::sum(Measure::Events);
    /// The average number of actions in a visit.
    ActionsAverage = MetricRow::per_visit(Measure::Actions, 100, NumberUnit::Hundredths);
    /// The average seconds of a visit.
    TimeAverage = MetricRow::per_visit(Measure::Seconds, 1, NumberUnit::Seconds).column(
        "time", "Time a visit", "time", "How long these visits last on average");
    /// The seconds of all visits.
    TimeTotal = MetricRow { unit: NumberUnit::Seconds, ..MetricRow::sum(Measure::Seconds) };
    /// The bounce rate.
    BounceRate = MetricRow { is_less_better: true, ..MetricRow::per_visit(Measure::Bounces, 1_000, NumberUnit::Permille) }
        .column("bounces", "Bounces", "bounces", "The share of these visits with one page view only and less than 30 seconds");
}

impl Metric {
    fn row(self) -> &'static MetricRow {
        &METRICS[self as usize].1
    }

    /// Returns the value, in the unit of the metric.
    pub fn value(self, metrics: &Metrics) -> i64 {
        match self.row().formula {
            Formula::Sum(measure) => metrics[measure],
            Formula::PerVisit(measure, times) => {
                quotient(metrics[measure] * times, metrics[Measure::Visits].max(1))
            }
        }
    }

    /// Returns the unit.
    pub fn unit(self) -> NumberUnit {
        self.row().unit
    }

    /// Returns true if a lower value is better.
    pub fn is_less_better(self) -> bool {
        self.row().is_less_better
    }

    /// Iterates over the metrics that are columns of tables, in the order of columns.
    pub fn columns() -> impl Iterator<Item = (Self, &'static MetricColumn)> {
        METRICS.iter().filter_map(|(metric, row)| Some((*metric, row.column.as_ref()?)))
    }

    /// Lists what the columns count, such as `visits, actions and time`, without those of some metrics.
    pub fn nouns(without: &[Self]) -> String {
        let columns = Self::columns().filter(|(metric, _)| !without.contains(metric));
        let nouns: Vec<_> = columns.map(|(_, column)| column.noun).collect();
        match nouns.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => nouns.concat(),
        }
    }

    /// Returns the column of tables, if there is one.
    pub fn column(self) -> Option<&'static MetricColumn> {
        self.row().column.as_ref()
    }
}

/// Divides, rounding to the nearest integer and halves away from zero; 0 for a division by zero.
pub fn quotient(value: i64, by: i64) -> i64 {
    let doubled = value.checked_rem(by).unwrap_or(0).unsigned_abs() * 2;
    let is_up = by != 0 && doubled >= by.unsigned_abs();
    let away = if (value < 0) == (by < 0) { 1 } else { -1 };
    value.checked_div(by).unwrap_or(0) + if is_up { away } else { 0 }
}

/// Returns a duration such as `0`, `45s`, `3m 10s`, `2h 5m` or `6d 19h`, rounded to the smaller of two units.
pub fn duration_text(seconds: i64) -> String {
    let (minutes, hours) = (quotient(seconds, 60), quotient(seconds, 3_600));
    match seconds {
        ..=0 => "0".into(),
        1..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m {}s", seconds / 60, seconds % 60),
        _ if minutes < 24 * 60 => format!("{}h {}m", minutes / 60, minutes % 60),
        _ => format!("{}d {}h", hours / 24, hours % 24),
    }
}

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
    fn columns_are_listed_within_a_sentence() {
        let nouns = Metric::nouns(&[Metric::Hits, Metric::New]);
        assert_eq!(nouns, "visits, visitors, actions, time and bounces");
    }

    #[test]
    fn averages_and_rates_of_visits_are_rounded() {
        let values =
            [(Measure::Visits, 3), (Measure::Seconds, 5), (Measure::Bounces, 2), (Measure::Actions, 5)];
        let metrics = Metrics::new(values);
        let rounded = (Metric::TimeAverage.value(&metrics), Metric::BounceRate.value(&metrics));
        assert_eq!(rounded, (2, 667));
    }
}
