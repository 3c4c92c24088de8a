//! Queries.

use super::comparison::Comparison;
use super::date_range::DateRange;
use super::filter::Filter;
use super::visibility::Visibility;

/// The parameters of a query, before the file is at hand.
#[derive(Clone, Debug)]
pub struct Query {
    /// The days queried.
    pub range: DateRange,
    /// The filters.
    pub wanted: Vec<Filter>,
    /// The comparison, if any.
    pub comparison: Option<Comparison>,
    /// The visibility for the person who asks.
    pub view: Visibility,
    /// True for queries that need single visits: days of which only totals are left are passed over.
    pub visits_alone: bool,
}

impl Query {
    /// Returns true if visits are restricted, by filters or by the visibility.
    pub fn is_filtered(&self) -> bool {
        !self.wanted.is_empty() || !self.view.is_unrestricted()
    }
}
