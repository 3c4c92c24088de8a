//! The funnels that filters and parameters name, by their id or their name.

use super::catalogue;
use super::dimension::ValueKind;
use super::filter::{Filter, Operator};
use super::funnel_step::FunnelStepValue;
use crate::error::{Error, Result};
use crate::model::funnel::{Funnel, StepRule};
use crate::model::id::{FunnelId, GoalId, SiteId};
use crate::store::{funnels, goals};
use rusqlite::Connection;
use std::ops::Range;

/// The funnel that the value of a filter names.
#[derive(Debug)]
pub enum FilterFunnel {
    /// The funnel with its step.
    Found {
        /// The funnel.
        funnel: Funnel,
        /// The step.
        step: FunnelStepValue,
    },
    /// A sentence that says why visits cannot be found.
    Missing(String),
}

/// The name of the filter in addresses.
pub const FILTER: &str = "funnel-step";

/// Finds the funnel that the value of a filter names, by its id or its name.
///
/// # Errors
/// Fails with [`Error::Invalid`] for a text that names no step, and when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, value: &str) -> Result<FilterFunnel> {
    let step = FunnelStepValue::parse(value)?;
    let mut all = funnels::list(connection, site)?;
    let Some(place) = place(&all, &step.funnel) else {
        let sentence = format!("There's no funnel “{}” on this site. It may have been removed.", step.funnel);
        return Ok(FilterFunnel::Missing(sentence));
    };
    let funnel = all.swap_remove(place);
    let (name, steps) = (&funnel.settings.name, funnel.settings.steps.len());
    let asked = steps_asked(&funnel, &step);
    if let Some(number) = uncounted(connection, site, &funnel, asked)? {
        return Ok(FilterFunnel::Missing(format!(
            "Step {number} of the funnel “{name}” counts nothing, since its goal was removed."
        )));
    }
    Ok(if step.number > steps {
        FilterFunnel::Missing(format!("The funnel “{name}” has no step {}.", step.number))
    } else if step.is_lost && step.number == steps {
        FilterFunnel::Missing(format!("Step {steps} is the last one of the funnel “{name}”."))
    } else if step.is_lost && funnel.settings.window_days.is_some() {
        FilterFunnel::Missing(format!(
            "The funnel “{name}” goes across visits, so a single visit can't tell who went no further."
        ))
    } else {
        FilterFunnel::Found { funnel, step }
    })
}

/// Returns the places of the steps on which it depends whether a visit matches.
fn steps_asked(funnel: &Funnel, step: &FunnelStepValue) -> Range<usize> {
    let first = if funnel.settings.window_days.is_some() { step.number.saturating_sub(1) } else { 0 };
    first..(step.number + usize::from(step.is_lost)).min(funnel.settings.steps.len())
}

/// Returns the number of the first of these steps that no visit can take: its goal was removed, or its pattern cannot be compiled.
fn uncounted(
    connection: &Connection,
    site: SiteId,
    funnel: &Funnel,
    places: Range<usize>,
) -> Result<Option<usize>> {
    let goals = goals::list_with_removed(connection, site)?;
    let is_there = |id: GoalId| goals.iter().any(|goal| goal.id == id && goal.removed_at.is_none());
    for (place, step) in funnel.settings.steps.iter().enumerate().filter(|(place, _)| places.contains(place))
    {
        let counts = match &step.rule {
            StepRule::Goal(goal) => is_there(*goal),
            rule @ StepRule::Action(_) => rule.compile().is_ok(),
        };
        if !counts {
            return Ok(Some(place + 1));
        }
    }
    Ok(None)
}

/// Returns true if the value of a filter by steps depends on a goal.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn depends_on_goal(connection: &Connection, site: SiteId, value: &str, goal: GoalId) -> Result<bool> {
    let Ok(step) = FunnelStepValue::parse(value) else { return Ok(false) };
    let all = funnels::list(connection, site)?;
    let Some(place) = place(&all, &step.funnel) else { return Ok(false) };
    let asked = steps_asked(&all[place], &step);
    let steps = all[place].settings.steps.get(asked).unwrap_or_default();
    Ok(steps.iter().any(|step| step.rule == StepRule::Goal(goal)))
}

/// Returns true if the value of a filter by steps names a funnel by its id or its name.
pub fn names(value: &str, funnel: &Funnel) -> bool {
    let named = FunnelStepValue::parse(value).ok().map(|step| step.funnel);
    named.is_some_and(|named| named == funnel.id.0.to_string() || named == funnel.settings.name)
}

/// Returns the filter by a step of a funnel, from 1, or by those who took it and not the next one.
///
/// # Errors
/// Fails when filters by steps are not known.
pub fn filter(funnel: FunnelId, number: usize, is_lost: bool) -> Result<Filter> {
    let dimension = catalogue::dimension_of_filter(FILTER).ok_or(Error::Missing("filter"))?;
    let value = FunnelStepValue { funnel: funnel.0.to_string(), number, is_lost };
    Filter::new(dimension, Operator::Is, vec![value.text()])
}

/// Finds the funnel that a parameter names by its id or its name; the first one of the site without a parameter. `None` if the
/// site has no funnel.
///
/// # Errors
/// Fails with [`Error::Invalid`] when there is no such funnel, and when the data file cannot be read.
pub fn choose(connection: &Connection, site: SiteId, named: Option<&str>) -> Result<Option<Funnel>> {
    let mut all = funnels::list(connection, site)?.into_iter();
    let Some(named) = named.filter(|named| !named.is_empty()) else { return Ok(all.next()) };
    let found = place(all.as_slice(), named).and_then(|place| all.nth(place));
    let missing = || Error::invalid("funnel", format!("There's no funnel “{named}”. Choose another one."));
    found.map(Some).ok_or_else(missing)
}

/// Returns the place of the funnel with an id or a name.
fn place(all: &[Funnel], named: &str) -> Option<usize> {
    let by_id = all.iter().position(|funnel| funnel.id.0.to_string() == named);
    by_id.or_else(|| all.iter().position(|funnel| funnel.settings.name == named))
}

/// Returns filters with the name of each funnel in the place of its id, for people and for other data files, in which it has
/// another id.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn named(connection: &Connection, site: SiteId, filters: &[Filter]) -> Result<Vec<Filter>> {
    let mut named = filters.to_vec();
    let mut of_steps =
        named.iter_mut().filter(|one| one.dimension.value_kind == ValueKind::FunnelStep).peekable();
    if of_steps.peek().is_none() {
        return Ok(named);
    }
    let all = funnels::list(connection, site)?;
    for value in of_steps.flat_map(|filter| &mut filter.values) {
        let Ok(step) = FunnelStepValue::parse(value) else { continue };
        if let Some(place) = place(&all, &step.funnel) {
            *value = FunnelStepValue { funnel: all[place].settings.name.clone(), ..step }.text();
        }
    }
    Ok(named)
}

/// Returns true if a filter names steps of a funnel that are taken in several visits: visits are found by the step alone, whether or
/// not those before it were taken.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn is_across_visits(connection: &Connection, site: SiteId, filter: &Filter) -> Result<bool> {
    if filter.dimension.value_kind != ValueKind::FunnelStep {
        return Ok(false);
    }
    let all = funnels::list(connection, site)?;
    let is_across = |value: &String| {
        let step = FunnelStepValue::parse(value).ok();
        let place = step.and_then(|step| place(&all, &step.funnel));
        place.is_some_and(|place| all[place].settings.window_days.is_some())
    };
    Ok(filter.values.iter().any(is_across))
}
