//! What was asked, as a reply repeats it: the days, filters and comparison that it was counted for.

use super::definitions::OperatorDefinition;
use super::query::request::FilterRequest;
use super::read_context::ReadContext;
use crate::error::Result;
use crate::reports::comparison::Comparison;
use crate::reports::date_range::DateRange;
use crate::reports::filter::Filter;
use crate::reports::query::Query;
use serde::Serialize;
use utoipa::ToSchema;

/// The days, filters and comparison of a request, resolved.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The days.
    pub range: DateRange,
    /// The comparison.
    pub comparison: Option<Comparison>,
    /// The filters, those of the segment first.
    pub filters: Vec<Filter>,
    /// The id of the segment.
    pub segment: Option<String>,
}

impl Asked {
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

    /// Returns what was asked, as replies repeat it; `path` is that of the screen that shows the same.
    pub fn resolved(&self, context: &ReadContext<'_>, path: &str) -> ResolvedQuery {
        let url = context.screens().screen(path, self.range, &self.filters, self.comparison);
        ResolvedQuery {
            date: DaysJson::new(self.range),
            compare: self.comparison.map(|comparison| CompareJson {
                kind: comparison.name(),
                days: DaysJson::new(comparison.period(self.range)),
            }),
            filters: self.filters.iter().map(described).collect(),
            segment: self.segment.clone(),
            url,
            kept_since: None,
        }
    }
}

/// Describes a filter.
pub fn described(filter: &Filter) -> FilterRequest {
    let operator = OperatorDefinition::name(filter.operator).to_owned();
    FilterRequest(operator, filter.dimension.filter.to_owned(), filter.values.clone())
}

/// What was asked, resolved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ResolvedQuery {
    /// The days.
    pub date: DaysJson,
    /// The comparison, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare: Option<CompareJson>,
    /// The filters, those of the segment first.
    pub filters: Vec<FilterRequest>,
    /// The id of the segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The screen that shows the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://stats.example.com/sites/1/reports/pages?date=2026-11-01%2C2026-11-30")]
    pub url: Option<String>,
    /// The first day that the reply counts, if older visits were deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-01-01")]
    pub kept_since: Option<String>,
}

/// A range of days, in the time zone of the site.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DaysJson {
    /// The first day.
    #[schema(example = "2026-11-01")]
    pub first: String,
    /// The last day.
    #[schema(example = "2026-11-30")]
    pub last: String,
}

impl DaysJson {
    /// Describes a range.
    pub fn new(range: DateRange) -> Self {
        Self { first: range.first.to_string(), last: range.last.to_string() }
    }
}

/// A comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompareJson {
    /// `before`, `weekdays` or `year`.
    #[schema(example = "before")]
    pub kind: &'static str,
    /// The days compared with.
    #[serde(flatten)]
    pub days: DaysJson,
}
