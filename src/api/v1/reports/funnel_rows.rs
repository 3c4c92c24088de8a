//! The rows of a funnel as JSON: its steps, or items with the counts of all steps.

use super::item_json::ItemJson;
use serde::Serialize;
use utoipa::ToSchema;

/// A step of a funnel. Visits are counted if its steps are taken within a visit, else visitors.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunnelStepRow {
    /// The number of the step, from 1.
    pub step: usize,
    /// Its name, or that of its goal or pattern.
    pub name: String,
    /// The counts.
    #[serde(flatten)]
    pub counts: StepCounts,
    /// The counts in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<StepCounts>,
    /// The pages that those who were lost viewed next, most frequent first; empty where pages may not be seen.
    pub next: Vec<NextPageJson>,
}

/// The counts of a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepCounts {
    /// Those who took the step, after all steps before it.
    pub reached: i64,
    /// Those of them who did not take the next step; 0 for the last one.
    pub lost: i64,
    /// The median of the milliseconds since the step before; null for the first one, and if nobody took the step.
    pub median_ms: Option<i64>,
}

/// The page that some viewed next.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextPageJson {
    /// The page; null for those who left the site.
    pub page: Option<ItemJson>,
    /// The number of those who viewed it next.
    pub count: i64,
}

/// An item within a funnel.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunnelItemRow {
    /// The item.
    #[serde(flatten)]
    pub item: ItemJson,
    /// Those who took each step.
    pub reached: Vec<i64>,
    /// Those in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<i64>>,
}
