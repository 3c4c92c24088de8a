//! The reply to a query.

use crate::api::v1::resolved::ResolvedQuery;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

/// The reply to a query.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryReply {
    /// The results.
    pub results: Vec<QueryResult>,
    /// The facts about the results as a whole.
    pub meta: QueryMeta,
    /// The query, resolved.
    pub query: ResolvedRequest,
    /// The cursor of the next page; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A result: a value for each dimension, and one for each metric.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryResult {
    /// The values of the dimensions, in their order: those that filters take, or days and times.
    #[schema(example = json!(["DE"]))]
    pub dimensions: Vec<String>,
    /// The values of the metrics, in their order; null for what was not measured.
    #[schema(example = json!([12, 37.9]), value_type = Vec<Option<f64>>)]
    pub metrics: Vec<Option<Number>>,
    /// The values of the metrics in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Option<f64>>>)]
    pub before: Option<Vec<Option<Number>>>,
    /// The titles of items that have another title than their value, in the order of the dimensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["Germany"]))]
    pub titles: Option<Vec<String>>,
}

/// The facts about the results as a whole.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct QueryMeta {
    /// The number of results on all pages, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_rows: Option<usize>,
}

/// A query, resolved.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResolvedRequest {
    /// The metrics.
    pub metrics: Vec<String>,
    /// The dimensions, by their names here.
    pub dimensions: Vec<String>,
    /// Days, filters and comparison.
    #[serde(flatten)]
    pub selection: ResolvedQuery,
}
