//! Ranked items, from which pages are made.

use super::group::Group;
use super::ranked_item::RankedItem;
use crate::error::{Error, Result};
use crate::reports::comparison::Compared;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::results::table::bar_value;
use crate::reports::table_query::{Sort, TableQuery};

/// The ranked items of a report, from which its pages are made.
#[derive(Debug, Default)]
pub struct Ranking {
    pub(in crate::reports::engine) order: Order,
    /// The number of items.
    pub count: usize,
    /// The sum over all items, including those that a search excludes.
    pub sum: i64,
    /// The highest value of the items.
    pub highest: i64,
    /// The sum over all items of the comparison period.
    pub sum_before: Option<i64>,
}

#[derive(Debug)]
pub(in crate::reports::engine) enum Order {
    /// One item a line, and the rank of the first item.
    Items(Vec<RankedItem>, usize),
    /// Several items a line.
    Groups(Vec<Group>),
}

impl Default for Order {
    fn default() -> Self {
        Self::Groups(Vec::new())
    }
}

/// Checks that a search or sort by name concerns at most so many visitors.
pub fn check_names(
    dimension: &Dimension,
    parts: &[&TableQuery],
    counted: &GroupBy,
    most: usize,
) -> Result<()> {
    let needs_names = |part: &&TableQuery| !part.search.is_unrestricted() || part.sort == Sort::Title;
    let is_refused = dimension.value_kind == ValueKind::Visitor
        && parts.iter().any(needs_names)
        && counted.are_more_than(most);
    if !is_refused {
        return Ok(());
    }
    let sentence = format!(
        "More than {most} visitors are too many to look through their names. Choose a shorter range or add a filter."
    );
    Err(Error::invalid("find", sentence))
}

/// Adds the values of the items of the comparison period to a sum.
pub fn add_before(dimension: &Dimension, items: &Compared<GroupBy>, sum: &mut Option<i64>) {
    let Some(before) = &items.before else { return };
    let shown = before.each().filter(|(key, _)| *key != 0 || dimension.shows_unknown);
    let more: i64 = shown.map(|(_, metrics)| bar_value(dimension, &metrics)).sum();
    *sum = Some(sum.unwrap_or(0) + more);
}
