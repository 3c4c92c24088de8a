//! Funnels of a site: adding, changing and removing them.

use super::definition::is_plain;
use super::funnel_text;
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::funnel::{Funnel, FunnelSettings, FunnelStep, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::{FunnelId, GoalId, SiteId};
use crate::reports::filters_naming_funnel;
use crate::store::funnels;
use crate::store::goals::{self, Goal};
use crate::store::sites::Site;
use rusqlite::{Connection, Transaction};

/// Adds a funnel.
///
/// # Errors
///
/// Fails with `Error::Invalid` when a setting is not valid, the name is taken, or the site has too many funnels, and when the
/// data file cannot be written.
pub fn add(tx: &Transaction<'_>, actor: &Actor, site: &Site, settings: FunnelSettings) -> Result<FunnelId> {
    let settings = checked(tx, site.id, settings)?;
    let others = funnels::list(tx, site.id)?;
    if others.len() >= limits::FUNNELS_PER_SITE_MAX {
        let most = limits::FUNNELS_PER_SITE_MAX;
        return Err(Error::invalid("name", format!("A site has room for {most} funnels. Remove one first.")));
    }
    check_name_is_free(&others, &settings.name, None)?;
    let id = funnels::create(tx, site.id, &settings, actor.at)?;
    actor.record(tx, site.id, AuditAction::AddFunnel, &describe(tx, site.id, &settings)?)?;
    Ok(id)
}

/// Changes the settings of a funnel. Stored filters that name it go on naming it when it is renamed.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such funnel, with `Error::Invalid` when a setting is not valid or the name is
/// taken, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    id: FunnelId,
    settings: FunnelSettings,
) -> Result<()> {
    let before = funnels::get(tx, site.id, id)?.settings;
    let settings = checked(tx, site.id, settings)?;
    if before == settings {
        return Ok(());
    }
    check_name_is_free(&funnels::list(tx, site.id)?, &settings.name, Some(id))?;
    if before.name != settings.name {
        filters_naming_funnel::keep(tx, site.id, id, &before.name)?;
    }
    funnels::update(tx, site.id, id, &settings)?;
    let about = describe(tx, site.id, &settings)?;
    let renamed =
        if before.name == settings.name { String::new() } else { format!("; before {}", before.name) };
    actor.record(tx, site.id, AuditAction::ChangeFunnel, &format!("{about}{renamed}"))
}

/// Removes a funnel. The visits and conversions that it counted stay.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such funnel, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, site: &Site, id: FunnelId) -> Result<()> {
    let funnel = funnels::get(tx, site.id, id)?;
    funnels::delete(tx, site.id, id)?;
    actor.record(tx, site.id, AuditAction::RemoveFunnel, &funnel.settings.name)
}

/// Returns the funnels of a site with a step that is a goal.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn using_goal(connection: &Connection, site: SiteId, goal: GoalId) -> Result<Vec<Funnel>> {
    let uses = |funnel: &Funnel| funnel.settings.steps.iter().any(|step| step.rule == StepRule::Goal(goal));
    Ok(funnels::list(connection, site)?.into_iter().filter(uses).collect())
}

/// Returns settings with trimmed names and patterns, if they are valid. Whether another funnel has the name is not checked.
///
/// # Errors
///
/// Fails with `Error::Invalid`, which holds every problem: those of `name`, `within`, `steps`, and of `step-1` and so on.
pub fn checked(connection: &Connection, site: SiteId, settings: FunnelSettings) -> Result<FunnelSettings> {
    let mut settings = settings;
    let name = settings.name.trim().to_owned();
    settings.name = name;
    settings.steps.iter_mut().for_each(trim);
    let mut problems = Vec::new();
    let mut wrong =
        |field: String, sentence: String| problems.push(Problem { field: field.into(), sentence });
    if let Some(sentence) = name_problem(&settings.name) {
        wrong("name".into(), sentence);
    }
    let most_days = limits::FUNNEL_WINDOW_DAYS_MAX;
    if settings.window_days.is_some_and(|days| !(1..=most_days).contains(&days)) {
        wrong("within".into(), format!("Give a whole number of days from 1 to {most_days}."));
    }
    let (least, most, count) = (limits::FUNNEL_STEPS_MIN, limits::FUNNEL_STEPS_MAX, settings.steps.len());
    if !(least..=most).contains(&count) {
        let steps = if count == 1 { "step" } else { "steps" };
        wrong("steps".into(), format!("A funnel has {least} to {most} steps. This one has {count} {steps}."));
    }
    let goals = goals::list_with_removed(connection, site)?;
    for (place, step) in settings.steps.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| &settings.steps[before]);
        if let Some(problem) = step_problem(step, before, &goals)? {
            let number = place + 1;
            wrong(format!("step-{number}"), format!("Step {number}: {problem}"));
        }
    }
    if problems.is_empty() { Ok(settings) } else { Err(Error::Invalid(problems)) }
}

fn trim(step: &mut FunnelStep) {
    step.name = step.name.trim().to_owned();
    if let StepRule::Action(rule) = &mut step.rule {
        rule.pattern = rule.pattern.trim().to_owned();
    }
}

/// Returns the sentence on a trimmed name that no funnel can have.
fn name_problem(name: &str) -> Option<String> {
    let most = limits::FUNNEL_NAME_CHARS_MAX;
    if name.is_empty() || !is_step_name(name) {
        return Some(format!("Give the funnel a name of 1 to {most} characters, such as Checkout."));
    }
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| "Give the funnel a name with a letter: numbers alone are IDs.".into())
}

/// Returns true for a name that a funnel can have, as [`checked`] leaves it.
pub fn is_name(name: &str) -> bool {
    is_step_name(name) && name_problem(name).is_none()
}

/// Returns true for a name that a step can have, as [`checked`] leaves it; it may be empty.
pub fn is_step_name(name: &str) -> bool {
    name.trim() == name && is_plain(name) && name.chars().count() <= limits::FUNNEL_NAME_CHARS_MAX
}

/// Returns true for a step that views the very page of the one before it, so that a reload would take it.
pub fn repeats_page(rule: &StepRule, before: &StepRule) -> bool {
    let is_page = |rule: &GoalRule| rule.kind == RuleKind::Page && rule.matching == MatchKind::Exact;
    rule == before && matches!(rule, StepRule::Action(rule) if is_page(rule))
}

/// Returns the sentence on a step that is not valid; `before` is the step before it, `None` for the first one.
fn step_problem(step: &FunnelStep, before: Option<&FunnelStep>, goals: &[Goal]) -> Result<Option<String>> {
    if !is_step_name(&step.name) {
        let most = limits::FUNNEL_NAME_CHARS_MAX;
        return Ok(Some(format!("Give it a name of {most} characters at most, or none.")));
    }
    if step.is_direct && before.is_none() {
        return Ok(Some("Nothing comes before it, so it can't follow directly.".into()));
    }
    let goal = match &step.rule {
        StepRule::Goal(id) => Some(goals.iter().find(|goal| goal.id == *id)),
        StepRule::Action(_) => None,
    };
    match goal {
        Some(None) => return Ok(Some("Choose one of the site's goals.".into())),
        Some(Some(goal)) if goal.removed_at.is_some() => {
            let name = &goal.settings.name;
            return Ok(Some(format!(
                "The goal “{name}” was removed. Choose another one, or bring it back first."
            )));
        }
        _ => {}
    }
    if let Err(error) = step.rule.compile() {
        let sentences: Vec<String> = error.problems()?.into_iter().map(|problem| problem.sentence).collect();
        return Ok(Some(sentences.join(" ")));
    }
    let is_same = before.is_some_and(|before| before.rule == step.rule);
    Ok(match (&step.rule, goal.flatten()) {
        (StepRule::Goal(_), Some(goal)) if is_same && !goal.settings.is_every_time => Some(
            "It's the same goal as the step before, which counts once per visit. Choose another step.".into(),
        ),
        _ if before.is_some_and(|before| repeats_page(&step.rule, &before.rule)) => {
            let sentence =
                "It's the same page as the step before, so reloading it would count. Choose another step.";
            Some(sentence.into())
        }
        _ => None,
    })
}

/// Checks that no other funnel has a name.
fn check_name_is_free(others: &[Funnel], name: &str, id: Option<FunnelId>) -> Result<()> {
    let is_taken = others
        .iter()
        .any(|other| Some(other.id) != id && other.settings.name.to_lowercase() == name.to_lowercase());
    if is_taken {
        let sentence = "There's a funnel of that name already. Choose another name.";
        return Err(Error::invalid("name", sentence));
    }
    Ok(())
}

/// Returns the line of the audit log for a funnel.
fn describe(connection: &Connection, site: SiteId, settings: &FunnelSettings) -> Result<String> {
    let goals = goals::list_with_removed(connection, site)?;
    let steps: Vec<String> =
        settings.steps.iter().map(|step| funnel_text::write_step(step, &goals)).collect();
    let within = settings.window_days.map(|days| format!(", within {days}d")).unwrap_or_default();
    Ok(format!("{}: {}{within}", settings.name, steps.join(" > ")))
}
