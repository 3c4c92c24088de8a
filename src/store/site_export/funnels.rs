//! Export and import of the funnels of a site.

use super::goal_records::{FunnelRecord, FunnelStepRecord};
use super::outcome::ImportOutcome;
use super::records::Record;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::funnel::{FunnelSettings, FunnelStep, GOAL, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::SiteId;
use crate::store::{funnels, goals};
use rusqlite::{Connection, Transaction};

/// Passes the funnels of a site on to `emit`; their steps name goals by code.
pub(super) fn read(
    connection: &Connection,
    site: SiteId,
    emit: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    for funnel in funnels::list(connection, site)? {
        let FunnelSettings { name, window_days, steps } = funnel.settings;
        let steps = steps.into_iter().map(|step| step_record(connection, step)).collect::<Result<_>>()?;
        let created_at = funnel.created_at.0;
        emit(&Record::Funnel(Box::new(FunnelRecord { name, window_days, created_at, steps })))?;
    }
    Ok(())
}

fn step_record(connection: &Connection, step: FunnelStep) -> Result<FunnelStepRecord> {
    let kind = step.rule.kind_name().to_owned();
    let (goal, rule) = match step.rule {
        StepRule::Goal(goal) => (goals::code_and_name(connection, goal)?.map(|(code, _)| code), None),
        StepRule::Action(rule) => (None, Some(rule)),
    };
    Ok(FunnelStepRecord {
        name: step.name,
        kind,
        goal,
        matching: rule.as_ref().map_or(MatchKind::Exact, |rule| rule.matching).name().to_owned(),
        pattern: rule.map(|rule| rule.pattern).unwrap_or_default(),
        is_direct: step.is_direct,
    })
}

/// Writes a funnel, unless there is one of its name.
pub(super) fn write(tx: &Transaction<'_>, site: SiteId, funnel: &FunnelRecord) -> Result<ImportOutcome> {
    let here = funnels::list(tx, site)?;
    if here.iter().any(|known| known.settings.name.to_lowercase() == funnel.name.to_lowercase()) {
        return Ok(ImportOutcome::Known);
    }
    if here.len() >= limits::FUNNELS_PER_SITE_MAX {
        return Ok(ImportOutcome::Full("the site has as many funnels as it may have"));
    }
    let mut steps = Vec::new();
    for step in &funnel.steps {
        let Some(rule) = rule(tx, site, step)? else {
            let is_full = goals::count_set_up(tx, site)? >= limits::GOALS_PER_SITE_MAX;
            return Ok(ImportOutcome::Full(if is_full {
                "the site has no room for the goal of a funnel"
            } else {
                "neither the file nor the site has the goal of a funnel"
            }));
        };
        steps.push(FunnelStep { name: step.name.clone(), rule, is_direct: step.is_direct });
    }
    let settings = FunnelSettings { name: funnel.name.clone(), window_days: funnel.window_days, steps };
    funnels::create(tx, site, &settings, Timestamp(funnel.created_at))?;
    Ok(ImportOutcome::Made)
}

/// Returns the rule of a step; `None` if the site does not have its goal.
fn rule(tx: &Transaction<'_>, site: SiteId, step: &FunnelStepRecord) -> Result<Option<StepRule>> {
    if step.kind == GOAL {
        let code = step.goal.as_deref().unwrap_or_default();
        return Ok(goals::find_of_code(tx, site, code)?.map(|goal| StepRule::Goal(goal.id)));
    }
    let kind = step.kind.parse::<RuleKind>().unwrap_or(RuleKind::Page);
    let matching = step.matching.parse().unwrap_or_default();
    Ok(Some(StepRule::Action(GoalRule { kind, matching, pattern: step.pattern.clone() })))
}
