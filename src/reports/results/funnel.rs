//! The counts of a funnel: how many took each step, how many were lost after it, and where those went. The visits of a step are
//! those of [`funnel_filter::filter`](crate::reports::funnel_filter::filter) if steps are taken within a visit; its steps are
//! named by [`step_names`](crate::reports::step_names).

use super::item_name::ItemName;
use crate::reports::comparison::Compared;

/// The counts of a funnel. Visits are counted if its steps are taken within a visit, else visitors.
#[derive(Debug, Default)]
pub struct FunnelResult {
    /// The steps, in their order.
    pub steps: Vec<StepResult>,
    /// The items of the dimension by which it is broken down, those with most entries first.
    pub rows: Vec<FunnelRow>,
    /// All visits of the range, whether they took a step or not.
    pub visits: Compared<i64>,
    /// Those of visitors who are recognized for longer than a day; `None` if steps are taken within a visit.
    pub recognized: Option<i64>,
}

/// The counts of a step.
#[derive(Debug, Default)]
pub struct StepResult {
    /// Those who took the step, after all steps before it.
    pub reached: Compared<i64>,
    /// Those of them who did not take the next step; 0 for the last one.
    pub lost: Compared<i64>,
    /// The median of the milliseconds since the step before; `None` for the first one, and if nobody took the step.
    pub median_ms: Compared<Option<i64>>,
    /// The pages that those who were lost viewed next, most frequent first, and those who left. Further pages are left out. Empty
    /// where pages are hidden.
    pub next: Vec<NextPage>,
}

/// The page that some viewed next.
#[derive(Debug)]
pub struct NextPage {
    /// The page; `None` for those who left the site.
    pub page: Option<ItemName>,
    /// The number of those who viewed it next.
    pub count: i64,
}

/// The counts of an item.
#[derive(Debug)]
pub struct FunnelRow {
    /// The item.
    pub item: ItemName,
    /// Those who took each step.
    pub reached: Vec<Compared<i64>>,
}
