//! A cohort in replies: the visitors of a week or month, and those who came back.

use crate::api::v1::resolved::DaysJson;
use serde::Serialize;
use utoipa::ToSchema;

/// The visitors who came for the first time in a week or month.
#[derive(Debug, Serialize, ToSchema)]
pub struct CohortRow {
    /// The days of the week or month, the last one up to the end of the range.
    pub days: DaysJson,
    /// The number of these visitors.
    pub visitors: i64,
    /// Those of them who came back, in each later week or month.
    pub returned: Vec<ReturnedJson>,
}

/// The visitors of a cohort who came back in a later week or month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Returned)]
pub struct ReturnedJson {
    /// The number of weeks or months after the first one.
    pub after: usize,
    /// The number of visitors.
    pub visitors: i64,
    /// Their share of the cohort in percent; left out for a cohort without visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// False for the current week or month, which is not over.
    pub is_over: bool,
}
