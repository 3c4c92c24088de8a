//! Alerts of a site and of its people: setting, changing, stopping and removing them.

use super::{description, rights};
use crate::access;
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::alert::{AlertKind, AlertSettings, GoalMode};
use crate::model::id::AlertId;
use crate::store::alerts::{self, AlertScope};
use crate::store::sites::Site;
use crate::store::unsubscribes::{self, LetterKind};
use crate::store::{goals, webhooks};
use rusqlite::{Connection, Transaction};

/// Adds an alert.
///
/// # Errors
///
/// Fails with `Error::Invalid` when a setting is not valid, when its owner may not see what it tells, or when there are too many
/// alerts, and when the data file cannot be written.
pub fn add(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    scope: AlertScope,
    settings: AlertSettings,
) -> Result<AlertId> {
    let settings = checked(tx, site, scope, settings)?;
    let others = alerts::list(tx, scope)?;
    if others.len() >= limits::ALERTS_PER_SITE_MAX {
        let most = limits::ALERTS_PER_SITE_MAX;
        return Err(Error::invalid("kind", format!("There's room for {most} alerts. Remove one first.")));
    }
    if others.iter().any(|other| other.settings == settings) {
        return Err(Error::invalid("kind", "There's an alert like this already."));
    }
    let id = alerts::create(tx, scope, &settings, actor.at)?;
    record(tx, actor, site, scope, AuditAction::AddAlert, &settings)?;
    Ok(id)
}

/// Changes the settings of an alert, which watches again from now on.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such alert, and otherwise as [`add`] does.
pub fn change(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    scope: AlertScope,
    id: AlertId,
    settings: AlertSettings,
) -> Result<()> {
    let before = alerts::get(tx, scope, id)?;
    let settings = checked(tx, site, scope, settings)?;
    if let Some(owner) = scope.owner.filter(|_| settings.by_mail) {
        unsubscribes::renew(tx, LetterKind::Alert, id.0, Some(owner))?;
    }
    if before.settings == settings && before.stopped.is_none() {
        return Ok(());
    }
    if alerts::list(tx, scope)?.iter().any(|other| other.id != id && other.settings == settings) {
        return Err(Error::invalid("kind", "There's an alert like this already."));
    }
    alerts::update(tx, scope, id, &settings)?;
    record(tx, actor, site, scope, AuditAction::ChangeAlert, &settings)
}

/// Removes an alert with its history.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such alert, and when the data file cannot be written.
pub fn remove(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    scope: AlertScope,
    id: AlertId,
) -> Result<()> {
    let alert = alerts::get(tx, scope, id)?;
    alerts::delete(tx, scope, id)?;
    unsubscribes::delete(tx, LetterKind::Alert, id.0)?;
    record(tx, actor, site, scope, AuditAction::RemoveAlert, &alert.settings)
}

/// Writes the line of the audit log. A person's own alerts are nobody else's business.
fn record(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    scope: AlertScope,
    act: AuditAction,
    settings: &AlertSettings,
) -> Result<()> {
    if scope.owner.is_some() {
        return Ok(());
    }
    actor.record(tx, site.id, act, &description::describe(tx, site, settings)?)
}

/// Returns settings without those that their kind doesn't have, if they are valid.
///
/// # Errors
///
/// Fails with `Error::Invalid`, which holds every problem: those of `kind`, `threshold`, `percent`, `goal`, `segment` and
/// `webhooks`.
pub fn checked(
    connection: &Connection,
    site: &Site,
    scope: AlertScope,
    settings: AlertSettings,
) -> Result<AlertSettings> {
    let settings = without_foreign(settings);
    let mut problems = Vec::new();
    let mut wrong =
        |field: &'static str, sentence: String| problems.push(Problem { field: field.into(), sentence });
    if let Some(sentence) = threshold_problem(&settings) {
        wrong("threshold", sentence);
    }
    if let Some(sentence) = percent_problem(&settings) {
        wrong("percent", sentence);
    }
    let present = |id| goals::get(connection, site.id, id).is_ok_and(|goal| goal.removed_at.is_none());
    match settings.goal {
        None if settings.kind == AlertKind::Goal => wrong("goal", "Choose a goal.".into()),
        Some(id) if !present(id) => wrong("goal", "Choose one of the site's goals.".into()),
        _ => {}
    }
    let known: Vec<_> = webhooks::list(connection, site.id)?.into_iter().map(|webhook| webhook.id).collect();
    if settings.webhooks.iter().any(|id| !known.contains(id)) {
        wrong("webhooks", "One of these webhooks was removed. Choose again.".into());
    }
    match rights::filters(&settings) {
        None => wrong("segment", "These filters can't be read. Choose a segment again.".into()),
        Some(filters) => {
            if let Err(error) = crate::reports::filter::check(&filters) {
                wrong("segment", error.to_string());
            }
        }
    }
    if let Some(owner) = scope.owner {
        let grant = access::grant(connection, owner, site)?;
        if !rights::shows_kind(&grant.view, settings.kind) {
            wrong(
                "kind",
                "The owner of the site doesn't show you what this alert tells. Choose another one.".into(),
            );
        } else if !rights::may_have(&grant, &settings) {
            wrong("segment", "The owner of the site doesn't show you what these filters are on.".into());
        }
    }
    if problems.is_empty() { Ok(settings) } else { Err(Error::Invalid(problems)) }
}

/// Returns settings without those that their kind doesn't have.
fn without_foreign(settings: AlertSettings) -> AlertSettings {
    let kind = settings.kind;
    let has_mode = kind == AlertKind::Goal;
    let mode = if has_mode { settings.mode } else { GoalMode::default() };
    let has_threshold = kind.threshold_label().is_some() && (!has_mode || mode == GoalMode::Over);
    AlertSettings {
        kind,
        threshold: if has_threshold { settings.threshold } else { 0 },
        percent: if kind.default_percent().is_some() { settings.percent } else { 0 },
        goal: settings.goal.filter(|_| matches!(kind, AlertKind::Goal | AlertKind::Revenue)),
        mode,
        segment: if kind.takes_segment() { settings.segment } else { String::new() },
        tells_end: settings.tells_end && kind.can_end(),
        by_mail: settings.by_mail,
        webhooks: settings.webhooks,
    }
}

/// Returns what is wrong with the threshold of settings, if anything.
pub fn threshold_problem(settings: &AlertSettings) -> Option<String> {
    let (least, most) = match settings.kind {
        AlertKind::Outage => return None,
        AlertKind::Goal if settings.mode != GoalMode::Over => return None,
        AlertKind::Spike | AlertKind::Drop => (10, limits::ALERT_THRESHOLD_MAX),
        AlertKind::Silence => (1, limits::ALERT_HOURS_MAX),
        AlertKind::Certificate => (1, limits::ALERT_CERTIFICATE_DAYS_MAX),
        AlertKind::Revenue => (0, limits::REVENUE_MAX),
        _ => (0, limits::ALERT_THRESHOLD_MAX),
    };
    let is_valid = (least..=most).contains(&settings.threshold);
    (!is_valid).then(|| match settings.kind {
        AlertKind::Revenue => "Enter an amount, such as 1000 or 49.90.".to_owned(),
        _ => format!("Enter a whole number from {least} to {most}."),
    })
}

/// Returns what is wrong with the percentage of settings, if anything.
pub fn percent_problem(settings: &AlertSettings) -> Option<String> {
    let most = match settings.kind {
        AlertKind::Spike => limits::ALERT_PERCENT_MAX,
        AlertKind::Drop => 100,
        _ => return None,
    };
    let is_valid = (20..=most).contains(&settings.percent);
    (!is_valid).then(|| format!("Enter a whole number from 20 to {most}."))
}
