//! An hour of the week as JSON.

use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

/// An hour of the week.
#[derive(Debug, Serialize, ToSchema)]
pub struct HourRow {
    /// The weekday.
    #[schema(example = "monday")]
    pub weekday: &'static str,
    /// The local hour, 0 to 23.
    pub hour: usize,
    /// The value of the metric over all such hours of the range.
    #[schema(value_type = f64)]
    pub value: Number,
    /// The value in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub before: Option<Number>,
}
