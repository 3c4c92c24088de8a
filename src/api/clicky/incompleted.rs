//! The visits that entered a funnel and did not reach the goal at its end.

use crate::error::Result;
use crate::model::funnel::StepRule;
use crate::reports::data_reader::DataReader;
use crate::reports::query::{FunnelWant, Query, Wants};
use crate::store::{funnels, goals};
use std::collections::HashMap;

/// Returns for each goal that is the last step of funnels, by its code, those who entered them and did not finish: visits, or
/// visitors of funnels across visits. None where funnels may not be seen.
///
/// # Errors
/// Fails when the request is cancelled, and when the data file cannot be read.
pub fn by_goal(reader: &DataReader<'_>, query: &Query) -> Result<HashMap<String, i64>> {
    let mut counts: HashMap<String, i64> = HashMap::new();
    if !query.visibility.shows_funnels() {
        return Ok(counts);
    }
    for funnel in funnels::list(reader.connection, query.site.id)? {
        let last = funnel.settings.steps.last().map(|step| &step.rule);
        let Some(StepRule::Goal(goal)) = last else { continue };
        let Some((code, _)) = goals::code_and_name(reader.connection, *goal)? else { continue };
        let want = FunnelWant { funnel: funnel.settings, by: None, next_pages: 0 };
        let query =
            Query { comparison: None, ..query.with(Wants { funnel: Some(want), ..Wants::default() }) };
        let steps = reader.run(&query)?.funnel.unwrap_or_default().steps;
        let entered = steps.first().map_or(0, |step| step.reached.now);
        let finished = steps.last().map_or(0, |step| step.reached.now);
        *counts.entry(code).or_default() += entered - finished;
    }
    Ok(counts)
}
