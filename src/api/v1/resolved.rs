//! The query of a reply: the days, filters and comparison for which it was counted.

use super::query::request::FilterRequest;
use crate::reports::date_range::DateRange;
use serde::Serialize;
use utoipa::ToSchema;

/// The query that a reply answers, resolved.
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
    /// The goal whose conversions and revenue are counted alone, by the name that pages send.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order")]
    pub conversions_of: Option<String>,
    /// The currency of revenue and costs.
    #[schema(example = "EUR")]
    pub currency: &'static str,
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
#[schema(as = Days)]
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
#[schema(as = ComparedDays)]
pub struct CompareJson {
    /// `before`, `weekdays` or `year`.
    #[schema(example = "before")]
    pub kind: &'static str,
    /// The days compared with.
    #[serde(flatten)]
    pub days: DaysJson,
}
