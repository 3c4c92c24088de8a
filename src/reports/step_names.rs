//! The names of a funnel's steps: their own, or those of their goals and patterns.

use crate::error::Result;
use crate::model::funnel::{FunnelSettings, FunnelStep, StepRule};
use crate::model::id::SiteId;
use crate::store::goals::{self, Goal};
use rusqlite::Connection;

/// Returns the name of each step.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, funnel: &FunnelSettings) -> Result<Vec<String>> {
    let goals = goals::list_with_removed(connection, site)?;
    Ok(funnel.steps.iter().map(|step| name(step, &goals)).collect())
}

/// Returns the name of a step; `goals` are those of the site, removed ones too.
pub fn name(step: &FunnelStep, goals: &[Goal]) -> String {
    match &step.rule {
        _ if !step.name.is_empty() => step.name.clone(),
        StepRule::Goal(_) => find_goal(step, goals)
            .map_or_else(|| "(removed goal)".to_owned(), |goal| goal.settings.name.clone()),
        StepRule::Action(rule) => rule.pattern.clone(),
    }
}

/// Returns the goal of a step whose goal was removed, so that it counts nothing.
pub fn removed_goal<'a>(step: &FunnelStep, goals: &'a [Goal]) -> Option<&'a Goal> {
    find_goal(step, goals).filter(|goal| goal.removed_at.is_some())
}

/// Returns the goal of a step; `None` for an action.
pub fn find_goal<'a>(step: &FunnelStep, goals: &'a [Goal]) -> Option<&'a Goal> {
    match &step.rule {
        StepRule::Goal(id) => goals.iter().find(|goal| goal.id == *id),
        StepRule::Action(_) => None,
    }
}
