//! The selection of visits that a request is about: days, filters and a comparison.

use super::query::request::FilterRequest;
use super::read_context::ReadContext;
use super::resolved::{CompareJson, DaysJson, ResolvedQuery};
use crate::error::{Error, Result};
use crate::reports::comparison::Comparison;
use crate::reports::date_range::DateRange;
use crate::reports::filter::Filter;
use crate::reports::funnel_filter;
use crate::reports::missing_names;
use crate::reports::query::Query;
use crate::store::goals::Goal;

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
    /// The goal whose conversions are counted alone.
    pub goal: Option<Goal>,
}

impl VisitSelection {
    /// Returns the query about these visits, with no part of an answer wanted yet.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Forbidden` for a filter on what the program may not see, with `Error::Invalid` for one on a goal that
    /// is not there, and when the data file cannot be read.
    pub fn query(&self, context: &ReadContext<'_>) -> Result<Query> {
        let visibility = context.site.visibility().clone();
        visibility.check(&self.filters)?;
        let missing = missing_names::list(context.reader.connection, context.site.site.id, &self.filters)?;
        if !missing.is_empty() {
            let sentence = missing_names::describe(&missing);
            return Err(if missing.has_goals() {
                Error::invalid("goal", format!("{sentence} GET …/goals lists those that are there."))
            } else {
                Error::invalid(funnel_filter::FILTER, sentence)
            });
        }
        let query = Query::new(context.site.site.clone(), self.range, visibility);
        let goal = self.goal.as_ref().map(|goal| goal.id);
        Ok(Query { filters: self.filters.clone(), comparison: self.comparison, goal, ..query })
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
            conversions_of: self.goal.as_ref().map(|goal| goal.code.clone()),
            currency: context.currency().code(),
            url,
            kept_since: None,
        }
    }
}
