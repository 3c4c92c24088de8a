//! The parameters of tables and lists: sort column, direction, search and page.

use super::dimension::{Dimension, ValueKind};
use super::metrics::Metrics;
use strum::{EnumString, IntoStaticStr};

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The page number, from 1.
    pub number: u32,
    /// The number of rows on a page.
    pub rows: u32,
}

impl Page {
    /// Returns the number of rows on earlier pages.
    pub fn skipped(self) -> i64 {
        i64::from(self.number.saturating_sub(1)) * i64::from(self.rows)
    }

    /// Returns the range of the page's rows in the list.
    pub fn places(self) -> std::ops::Range<usize> {
        let skipped = usize::try_from(self.skipped()).unwrap_or(usize::MAX);
        skipped..skipped.saturating_add(usize::try_from(self.rows).unwrap_or(usize::MAX))
    }

    /// Returns the slice of a list that is on the page.
    pub fn slice<T>(self, list: &[T]) -> &[T] {
        let places = self.places();
        list.get(places.start..places.end.min(list.len())).unwrap_or_default()
    }
}

/// The sort column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Sort {
    /// Occurrences.
    Hits,
    /// Visits.
    Visits,
    /// Unique visitors.
    Uniques,
    /// New visitors.
    New,
    /// Actions.
    Actions,
    /// Average time of a visit.
    Time,
    /// Bounce rate.
    Bounces,
    /// The increase in occurrences over the comparison period.
    Change,
    /// The name.
    Title,
}

impl Sort {
    /// Parses the name in a URL.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// Returns the name for a URL.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the sort value of metrics.
    pub fn value(self, metrics: &Metrics) -> i64 {
        match self {
            Self::Hits | Self::Change | Self::Title => metrics.hits,
            Self::Visits => metrics.visits,
            Self::Uniques => metrics.uniques,
            Self::New => metrics.new,
            Self::Actions => metrics.actions,
            Self::Time => metrics.seconds_average(),
            Self::Bounces => metrics.bounce_permille(),
        }
    }
}

/// The parameters of a table: sort, search and page.
#[derive(Clone, Debug)]
pub struct TableQuery {
    /// The sort column.
    pub sort: Sort,
    /// True for ascending order.
    pub is_ascending: bool,
    /// A text that names of items must contain, in any letter case.
    pub search: String,
    /// The page.
    pub page: Page,
}

impl TableQuery {
    /// Returns the first `rows` items in the default order.
    pub fn top(dimension: &Dimension, rows: u32) -> Self {
        Self {
            sort: default_sort(dimension),
            is_ascending: is_ordered(dimension),
            search: String::new(),
            page: Page { number: 1, rows },
        }
    }

    /// Returns true if the order is opposite to the usual one: names from A to Z, metrics with the highest first.
    pub(in crate::reports) fn is_reversed(&self) -> bool {
        self.is_ascending != (self.sort == Sort::Title)
    }
}

/// Returns the default sort of a dimension's table.
pub fn default_sort(dimension: &Dimension) -> Sort {
    match dimension.value_kind {
        ValueKind::Visitor => Sort::Actions,
        ValueKind::ActionCount | ValueKind::TimeOnSite => Sort::Title,
        _ => Sort::Hits,
    }
}

/// Returns true if the items have a natural order.
pub(in crate::reports) fn is_ordered(dimension: &Dimension) -> bool {
    default_sort(dimension) == Sort::Title
}
