//! Acts on monitors: adding, changing, pausing, resuming and removing them.

use super::definition::MonitorForm;
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{MonitorId, SiteId};
use crate::model::monitor::{Monitor, MonitorSettings, MonitorState};
use crate::store::{monitors, outages};
use rusqlite::Transaction;

/// Adds a monitor, which is checked at once.
///
/// # Errors
///
/// Fails with `Error::Invalid` when a setting is not valid, another monitor has the name, or the site has too many monitors,
/// and when the data file cannot be written.
pub fn add(tx: &Transaction<'_>, actor: &Actor, site: SiteId, form: &MonitorForm) -> Result<MonitorId> {
    let settings = form.checked()?;
    let others = monitors::list(tx, site)?;
    if others.len() >= limits::MONITORS_PER_SITE_MAX {
        let most = limits::MONITORS_PER_SITE_MAX;
        return Err(Error::invalid("url", format!("A site has room for {most} monitors. Remove one first.")));
    }
    check_is_free(&others, &settings, None)?;
    let id = monitors::create(tx, site, &settings, actor.at)?;
    actor.record(tx, site, AuditAction::AddMonitor, &describe(&settings))?;
    Ok(id)
}

/// Changes the settings of a monitor. With another address, an outage that goes on ends, and the monitor is checked at once.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such monitor, with `Error::Invalid` when a setting is not valid or another
/// monitor has the name, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    id: MonitorId,
    form: &MonitorForm,
) -> Result<()> {
    let before = monitors::get(tx, site, id)?;
    let settings = form.checked()?;
    if before.settings == settings {
        return Ok(());
    }
    check_is_free(&monitors::list(tx, site)?, &settings, Some(id))?;
    monitors::update(tx, site, id, &settings)?;
    let is_renamed =
        MonitorSettings { name: before.settings.name.clone(), ..settings.clone() } == before.settings;
    if !is_renamed {
        start_afresh(tx, id, actor.at, before.settings.url == settings.url, &before)?;
    }
    actor.record(tx, site, AuditAction::ChangeMonitor, &describe(&settings))
}

/// Pauses a monitor, or lets it run again. An outage that goes on ends.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such monitor, and when the data file cannot be written.
pub fn pause(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    id: MonitorId,
    is_paused: bool,
) -> Result<()> {
    let monitor = monitors::get(tx, site, id)?;
    if monitor.paused_at.is_some() == is_paused {
        return Ok(());
    }
    start_afresh(tx, id, actor.at, true, &monitor)?;
    monitors::set_paused(tx, id, is_paused.then_some(actor.at))?;
    let act = if is_paused { AuditAction::PauseMonitor } else { AuditAction::ResumeMonitor };
    actor.record(tx, site, act, monitor.label())
}

/// Removes a monitor with its checks and outages.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such monitor, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, site: SiteId, id: MonitorId) -> Result<()> {
    let monitor = monitors::get(tx, site, id)?;
    monitors::delete(tx, site, id)?;
    actor.record(tx, site, AuditAction::RemoveMonitor, monitor.label())
}

/// Ends the outage that goes on, and makes a monitor due as if it had not been checked.
fn start_afresh(
    tx: &Transaction<'_>,
    id: MonitorId,
    at: Timestamp,
    is_same_address: bool,
    before: &Monitor,
) -> Result<()> {
    outages::cut_open(tx, id, at)?;
    let certificate_expires_at = before.state.certificate_expires_at.filter(|_| is_same_address);
    let state = MonitorState {
        due_at: at,
        checked_at: None,
        failures: 0,
        failing_since: None,
        problem: None,
        certificate_expires_at,
    };
    monitors::set_state(tx, id, &state)
}

/// Checks that no other monitor is called the same: two lines of a report would look alike.
fn check_is_free(others: &[Monitor], settings: &MonitorSettings, id: Option<MonitorId>) -> Result<()> {
    let label = settings.label().to_lowercase();
    let other = others.iter().find(|other| Some(other.id) != id && other.label().to_lowercase() == label);
    match other {
        Some(_) if settings.name.is_empty() => Err(Error::invalid(
            "name",
            "There's a monitor of this address already. Give this one a name to tell them apart.",
        )),
        Some(_) => {
            Err(Error::invalid("name", "There's a monitor of that name already. Choose another name."))
        }
        None => Ok(()),
    }
}

/// Returns the line of the audit log for a monitor.
fn describe(settings: &MonitorSettings) -> String {
    let every = settings.every_minutes;
    if settings.name.is_empty() {
        format!("{}, every {every} min", settings.url)
    } else {
        format!("{}: {}, every {every} min", settings.name, settings.url)
    }
}
