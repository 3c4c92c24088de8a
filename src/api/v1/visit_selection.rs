//! The selection of visits that a request is about: days, filters and a comparison.

use super::query::request::FilterRequest;
use super::read_context::ReadContext;
use super::resolved::{CompareJson, DaysJson, ResolvedQuery};
use crate::error::Result;
use crate::reports::comparison::Comparison;
use crate::reports::date_range::DateRange;
use crate::reports::filter::Filter;
use crate::reports::query::Query;

/// The visits that a request is about, resolved.
#[derive(Clone, Debug)]
pub struct VisitSelection {
    /// The days.
    pub range: DateRange,
    /// The comparison.
    pub comparison: Option<Comparison>,
    /// The filters, those of the segment first.
    pub filters: Vec<Filter>,
    /// The id of the segment.
    pub segment: Option<String>,
}

impl VisitSelection {
    /// Returns the query about these visits, with no part of an answer wanted yet.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Forbidden` for a filter on what the program may not see.
    pub fn query(&self, context: &ReadContext<'_>) -> Result<Query> {
        let visibility = context.site.visibility().clone();
        visibility.check(&self.filters)?;
        let query = Query::new(context.site.site.clone(), self.range, visibility);
        Ok(Query { filters: self.filters.clone(), comparison: self.comparison, ..query })
    }

    /// Returns the selection as replies repeat it; `path` is that of the screen that shows the same.
    pub fn resolved(&self, context: &ReadContext<'_>, path: &str) -> ResolvedQuery {
        let url = context.screens().screen(path, self.range, &self.filters, self.comparison);
        ResolvedQuery {
            date: DaysJson::new(self.range),
            compare: self.comparison.map(|comparison| CompareJson {
                kind: comparison.name(),
                days: DaysJson::new(comparison.period(self.range)),
            }),
            filters: self.filters.iter().map(FilterRequest::new).collect(),
            segment: self.segment.clone(),
            url,
            kept_since: None,
        }
    }
}
