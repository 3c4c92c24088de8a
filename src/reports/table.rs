//! The answer of a report that counts by something: its items with names and measures, searched, sorted and cut to a
//! page.

use super::columns::Key;
use super::dimension::{Dimension, Naming};
use super::measures::Measures;
use super::naming::Name;
use super::visits::Page;

/// What a table is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// How often the item occurs.
    Hits,
    /// Visits.
    Visits,
    /// Unique visitors.
    Uniques,
    /// New visitors.
    New,
    /// Actions.
    Actions,
    /// Time of a visit.
    Time,
    /// Bounce rate.
    Bounces,
    /// How much more often the item occurs than in the days that are compared.
    Change,
    /// The name.
    Title,
}

impl Sort {
    /// All of them, with their names in addresses.
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

    /// From an address.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(sort, _)| *sort)
    }

    /// For an address.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(sort, _)| *sort == self).map_or("hits", |(_, name)| name)
    }

    /// What a measure sorts by.
    pub fn value(self, measures: &Measures) -> i64 {
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

/// Which part of a table is asked for.
#[derive(Clone, Debug)]
pub struct Part {
    /// The order.
    pub sort: Sort,
    /// Smallest first.
    pub is_ascending: bool,
    /// Only items whose name contains this; case does not matter.
    pub search: String,
    /// The page.
    pub page: Page,
}

impl Part {
    /// The first items by their natural order.
    pub fn top(dimension: &Dimension, rows: u32) -> Self {
        Self {
            sort: natural_sort(dimension),
            is_ascending: is_ordered(dimension),
            search: String::new(),
            page: Page { number: 1, rows },
        }
    }

    /// Whether the order is not the usual one: names from A to Z, measures with the highest first.
    pub(super) fn is_reversed(&self) -> bool {
        self.is_ascending != (self.sort == Sort::Title)
    }
}

/// What a table of this dimension is sorted by unless somebody says otherwise.
pub fn natural_sort(dimension: &Dimension) -> Sort {
    match dimension.naming {
        Naming::Visitor => Sort::Actions,
        Naming::ActionCount | Naming::TimeOnSite => Sort::Title,
        _ => Sort::Hits,
    }
}

/// Whether the items have an order of their own.
pub(super) fn is_ordered(dimension: &Dimension) -> bool {
    natural_sort(dimension) == Sort::Title
}

/// One line of a table.
#[derive(Clone, Debug)]
pub struct Line {
    /// What the item is called.
    pub name: Name,
    /// The keys that it stands for.
    pub keys: Vec<Key>,
    /// Its measures.
    pub measures: Measures,
    /// The same in the days that are compared, when that was asked for.
    pub before: Option<Measures>,
}

/// One page of a report, and what all of it adds up to.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The lines of the page.
    pub lines: Vec<Line>,
    /// How many lines there are, on all pages.
    pub count: usize,
    /// The sum over all items, also those that a search left out.
    pub sum: i64,
    /// The highest value of the sorted measure, for bars.
    pub highest: i64,
    /// The sum over all items of the days that are compared, also those that do not occur in the range.
    pub sum_before: Option<i64>,
}

impl Table {
    /// Whether its lines say what they were in the days that are compared.
    pub fn is_compared(&self) -> bool {
        self.lines.iter().any(|line| line.before.is_some())
    }
}

/// What a line is sorted by.
pub(super) fn sort_value(
    dimension: &Dimension,
    sort: Sort,
    measures: &Measures,
    before: Option<&Measures>,
) -> i64 {
    match (sort, before) {
        (Sort::Change, Some(before)) => bar_value(dimension, measures) - bar_value(dimension, before),
        (sort, _) => sort.value(measures),
    }
}

/// What a line's bar shows.
pub fn bar_value(dimension: &Dimension, measures: &Measures) -> i64 {
    if dimension.naming == Naming::Visitor { measures.actions } else { measures.hits }
}
