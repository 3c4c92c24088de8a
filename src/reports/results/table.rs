//! Tables: items of a dimension with names and metrics, searched, sorted and cut to a page.

use super::item_name::ItemName;
use crate::reports::columns::DictKey;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::metrics::Metrics;
use crate::reports::visits::visit::Page;

/// The sort column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// All sort columns with their names in URLs.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Hits, "hits"),
        (Self::Visits, "visits"),
        (Self::Uniques, "uniques"),
        (Self::New, "new"),
        (Self::Actions, "actions"),
        (Self::Time, "time"),
        (Self::Bounces, "bounces"),
        (Self::Change, "change"),
        (Self::Title, "title"),
    ];

    /// Parses the name in a URL.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(sort, _)| *sort)
    }

    /// Returns the name for a URL.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(sort, _)| *sort == self).map_or("hits", |(_, name)| name)
    }

    /// Returns the sort value of metrics.
    pub fn value(self, measures: &Metrics) -> i64 {
        match self {
            Self::Hits | Self::Change | Self::Title => measures.hits,
            Self::Visits => measures.visits,
            Self::Uniques => measures.uniques,
            Self::New => measures.new,
            Self::Actions => measures.actions,
            Self::Time => measures.seconds_average(),
            Self::Bounces => measures.bounce_permille(),
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
    match dimension.naming {
        ValueKind::Visitor => Sort::Actions,
        ValueKind::ActionCount | ValueKind::TimeOnSite => Sort::Title,
        _ => Sort::Hits,
    }
}

/// Returns true if the items have a natural order.
pub(in crate::reports) fn is_ordered(dimension: &Dimension) -> bool {
    default_sort(dimension) == Sort::Title
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// The name of the item.
    pub name: ItemName,
    /// The keys that the item comprises.
    pub keys: Vec<DictKey>,
    /// The metrics of the item.
    pub measures: Metrics,
    /// The metrics in the comparison period; `None` without a comparison.
    pub before: Option<Metrics>,
}

/// One page of a table, with sums over all pages.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The rows of the page.
    pub lines: Vec<TableRow>,
    /// The number of rows on all pages.
    pub count: usize,
    /// The sum over all items, including those that a search excludes.
    pub sum: i64,
    /// The highest value shown by a bar.
    pub highest: i64,
    /// The sum over all items of the comparison period, including those that do not occur in the range.
    pub sum_before: Option<i64>,
}

impl Table {
    /// Returns true if its rows have metrics of a comparison period.
    pub fn is_compared(&self) -> bool {
        self.lines.iter().any(|line| line.before.is_some())
    }
}

/// Returns the value by which a row is sorted.
pub(in crate::reports) fn sort_value(
    dimension: &Dimension,
    sort: Sort,
    measures: &Metrics,
    before: Option<&Metrics>,
) -> i64 {
    match (sort, before) {
        (Sort::Change, Some(before)) => bar_value(dimension, measures) - bar_value(dimension, before),
        (sort, _) => sort.value(measures),
    }
}

/// Returns the value shown by a row's bar.
pub fn bar_value(dimension: &Dimension, measures: &Metrics) -> i64 {
    if dimension.naming == ValueKind::Visitor { measures.actions } else { measures.hits }
}
