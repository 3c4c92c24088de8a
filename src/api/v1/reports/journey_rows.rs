//! The steps of a journey as JSON.

use crate::reports::results::journey::{JOURNEY_STEPS, Journey};
use serde::Serialize;
use utoipa::ToSchema;

/// A step of a journey.
#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyStepRow {
    /// The position: -3 to -1 before the page, goal or event, 0 for itself, 1 to 3 after it.
    #[schema(example = -1)]
    position: i64,
    /// The kind of step: `page`, `other_pages`, `source` (how visits came that began with the next step), `left` or `middle`.
    #[schema(example = "page")]
    step: &'static str,
    /// The page or source as screens show it; left out for other steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    /// Its value for a filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// The address of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The number of visits.
    visits: i64,
    /// The steps that follow it.
    next: Vec<NextStep>,
}

/// A step that follows another one.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextStep {
    /// The kind of step.
    #[schema(example = "page")]
    step: &'static str,
    /// The value of the page or source for a filter; left out for other steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// The number of visits that went there.
    visits: i64,
}

/// The place of the middle among the columns.
#[expect(clippy::cast_possible_wrap, reason = "steps are few")]
const MIDDLE: i64 = JOURNEY_STEPS as i64;

/// Describes the steps of a journey.
pub fn rows(journey: &Journey) -> Vec<JourneyStepRow> {
    let mut rows = Vec::new();
    for (column, nodes) in journey.columns.iter().enumerate() {
        let position = i64::try_from(column).unwrap_or(0) - MIDDLE;
        let later = journey.columns.get(column + 1);
        for (place, node) in nodes.iter().enumerate() {
            let links = journey.links.get(column).into_iter().flatten().filter(|link| link.from == place);
            let next = links.filter_map(|link| {
                let step = &later?.get(link.to)?.step;
                let value = step.item_name().map(|name| name.filter.clone());
                Some(NextStep { step: step.name(), value, visits: link.visits })
            });
            rows.push(JourneyStepRow {
                position,
                step: node.step.name(),
                item: node.step.item_name().map(|name| name.title.clone()),
                value: node.step.item_name().map(|name| name.filter.clone()),
                url: node.step.item_name().and_then(|name| name.address.clone()),
                visits: node.visits,
                next: next.collect(),
            });
        }
    }
    rows
}
