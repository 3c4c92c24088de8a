//! A round of checks: which monitors are due, and how a check is written down.

use super::advance::{advance, would_confirm};
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::monitor::{self, Check, Monitor, Network};
use crate::store::{monitor_checks, monitors, outages};
use rusqlite::{Connection, Transaction};

/// A monitor to be checked now.
#[derive(Clone, Debug)]
pub struct DueCheck {
    /// The monitor.
    pub monitor: Monitor,
    /// The addresses to ask, in their order, if it fails without an answer; `None` if its failure is none that counts yet.
    pub references: Option<Vec<String>>,
}

/// A check that was made.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The monitor, as it was before.
    pub monitor: Monitor,
    /// The check.
    pub check: Check,
    /// The expiry of the certificate.
    pub certificate_expires_at: Option<Timestamp>,
    /// The state of this server's own network, if it was asked.
    pub network: Network,
}

/// Lists the monitors that are due, the longest due first.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn due(connection: &Connection, now: Timestamp) -> Result<Vec<DueCheck>> {
    let monitors = monitors::list_due(connection, now, limits::MONITOR_CHECKS_WAITING_MAX)?;
    monitors.into_iter().map(|monitor| prepare(connection, monitor, now)).collect()
}

/// Returns the check of a monitor, with the addresses to ask if it fails.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn prepare(connection: &Connection, monitor: Monitor, now: Timestamp) -> Result<DueCheck> {
    let open = outages::find_open(connection, monitor.id)?;
    let references = if would_confirm(&monitor, open.as_ref(), now) {
        let host = monitor::host_of(&monitor.settings.url).unwrap_or_default();
        Some(monitors::list_references(connection, &host, limits::MONITOR_REFERENCES_LISTED)?)
    } else {
        None
    };
    Ok(DueCheck { monitor, references })
}

/// Writes a check down, with the outage that it begins or ends. A monitor that was changed, paused, removed or checked
/// meanwhile stays as it is.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn record(tx: &Transaction<'_>, checked: &Checked) -> Result<()> {
    let before = &checked.monitor;
    let Some(monitor) = monitors::find(tx, before.id)? else { return Ok(()) };
    let is_same = monitor.settings == before.settings
        && monitor.state.checked_at == before.state.checked_at
        && monitor.paused_at.is_none();
    if !is_same {
        return Ok(());
    }
    let open = outages::find_open(tx, monitor.id)?;
    let step =
        advance(&monitor, open.as_ref(), &checked.check, checked.certificate_expires_at, checked.network);
    monitors::set_state(tx, monitor.id, &step.state)?;
    monitor_checks::create(tx, monitor.id, &checked.check)?;
    for (hour, sums) in &step.hours {
        monitor_checks::add_to_hour(tx, monitor.id, *hour, sums)?;
    }
    let at = checked.check.at;
    if step.ends_outage {
        outages::end_open(tx, monitor.id, at)?;
    }
    if let Some(begins) = step.begins {
        outages::create(tx, monitor.id, begins.began_at, at, &begins.cause, begins.network)?;
    }
    Ok(())
}
