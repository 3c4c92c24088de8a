//! The parameters of tables and lists: sort column, direction, search and page.

use super::dimension::{Dimension, ValueKind};
use super::search::Search;
use crate::model::metrics::{Metric, Metrics};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A metric that is a column.
    Metric(Metric),
    /// The increase in occurrences over the comparison period.
    Change,
    /// The name.
    Title,
}

impl Sort {
    /// Parses the name in a URL.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "change" => Some(Self::Change),
            "title" => Some(Self::Title),
            _ => Metric::columns()
                .find(|(_, column)| column.name == text)
                .map(|(metric, _)| Self::Metric(metric)),
        }
    }

    /// Returns the name for a URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.column().map_or("hits", |column| column.name),
            Self::Change => "change",
            Self::Title => "title",
        }
    }

    /// Returns the metric by which rows are sorted; occurrences for changes and names.
    pub fn metric(self) -> Metric {
        match self {
            Self::Metric(metric) => metric,
            Self::Change | Self::Title => Metric::Hits,
        }
    }

    /// Returns the sort value of metrics.
    pub fn value(self, metrics: &Metrics) -> i64 {
        self.metric().value(metrics)
    }
}

/// The parameters of a table: sort, search and page.
#[derive(Clone, Debug)]
pub struct TableQuery {
    /// The sort column.
    pub sort: Sort,
    /// True for ascending order.
    pub is_ascending: bool,
    /// The search among the items; sums are those of all items all the same.
    pub search: Search,
    /// The page.
    pub page: Page,
}

impl TableQuery {
    /// Returns the first `rows` items in the default order.
    pub fn top(dimension: &Dimension, rows: u32) -> Self {
        Self {
            sort: default_sort(dimension),
            is_ascending: is_ordered(dimension),
            search: Search::Everything,
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
        ValueKind::Visitor => Sort::Metric(Metric::Actions),
        ValueKind::ActionCount | ValueKind::TimeOnSite => Sort::Title,
        _ => Sort::Metric(Metric::Hits),
    }
}

/// Returns true if the items have a natural order.
pub(in crate::reports) fn is_ordered(dimension: &Dimension) -> bool {
    default_sort(dimension) == Sort::Title
}
