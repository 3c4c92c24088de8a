//! Export and import of the monitors of a site, with their sums by hour and their outages. Single checks of the last days stay where
//! they were made. A monitor is named by its label, of which a site has no two.

use super::alert_records::{MonitorHoursRecord, MonitorRecord, OutageRecord};
use super::outcome::ImportOutcome;
use super::records::{Record, each};
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{MonitorId, SiteId};
use crate::model::monitor::Monitor;
use crate::store::monitors;
use rusqlite::{Connection, Row, Transaction, named_params};

/// The numbers of an hour in a record.
const HOUR_COLUMNS: &str = "hour, checks, failures, answers, milliseconds, slowest, watched, down";

/// Passes the monitors of a site on to `emit`, each before its hours and outages.
pub(super) fn read(
    connection: &Connection,
    site: SiteId,
    emit: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    for monitor in monitors::list(connection, site)? {
        let (id, label) = (monitor.id, monitor.label().to_owned());
        emit(&Record::Monitor(Box::new(record(monitor))))?;
        read_hours(connection, id, &label, emit)?;
        let sql = "select began_at, confirmed_at, ended_at, is_cut, cause, network from outages where monitor_id = ? order by id";
        each(connection, id.0, sql, |row| emit(&Record::Outage(outage(row, &label)?)))?;
    }
    Ok(())
}

fn record(monitor: Monitor) -> MonitorRecord {
    let Monitor { created_at, settings, state, .. } = monitor;
    MonitorRecord {
        name: settings.name,
        url: settings.url,
        every_minutes: settings.every_minutes,
        statuses: settings.statuses.to_string(),
        must_contain: settings.must_contain,
        must_not_contain: settings.must_not_contain,
        timeout_seconds: settings.timeout_seconds,
        created_at: created_at.0,
        checked_at: state.checked_at.map(|at| at.0),
        certificate_expires_at: state.certificate_expires_at.map(|at| at.0),
    }
}

fn read_hours(
    connection: &Connection,
    monitor: MonitorId,
    label: &str,
    emit: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    let sql = format!("select {HOUR_COLUMNS} from monitor_hours where monitor_id = ? order by hour");
    let mut hours = Vec::new();
    let mut give = |hours: Vec<[i64; 8]>| {
        emit(&Record::MonitorHours(MonitorHoursRecord { monitor: label.to_owned(), hours }))
    };
    each(connection, monitor.0, &sql, |row| {
        let mut numbers = [0; 8];
        for (place, number) in numbers.iter_mut().enumerate() {
            *number = row.get(place)?;
        }
        hours.push(numbers);
        if hours.len() < limits::MONITOR_HOURS_PER_LINE { Ok(()) } else { give(std::mem::take(&mut hours)) }
    })?;
    if hours.is_empty() { Ok(()) } else { give(hours) }
}

fn outage(row: &Row<'_>, label: &str) -> rusqlite::Result<OutageRecord> {
    Ok(OutageRecord {
        monitor: label.to_owned(),
        began_at: row.get(0)?,
        confirmed_at: row.get(1)?,
        ended_at: row.get(2)?,
        is_cut: row.get(3)?,
        cause: row.get(4)?,
        network: row.get(5)?,
    })
}

/// Finds a monitor of a site by its label.
fn find(tx: &Transaction<'_>, site: SiteId, label: &str) -> Result<Option<Monitor>> {
    let mut here = monitors::list(tx, site)?.into_iter();
    Ok(here.find(|monitor| monitor.label().to_lowercase() == label.to_lowercase()))
}

/// The reason why there is no room for a monitor, and for what belongs to it.
const FULL: ImportOutcome = ImportOutcome::Full("the site has as many monitors as it may have");

/// Writes a monitor, unless there is one of its name. It is paused: this server checks nothing that nobody here chose.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    monitor: &MonitorRecord,
    now: Timestamp,
) -> Result<ImportOutcome> {
    let Some(settings) = monitor.settings() else { return Ok(FULL) };
    if find(tx, site, settings.label())?.is_some() {
        return Ok(ImportOutcome::Known);
    }
    if monitors::list(tx, site)?.len() >= limits::MONITORS_PER_SITE_MAX {
        return Ok(FULL);
    }
    let id = monitors::create(tx, site, &settings, Timestamp(monitor.created_at))?;
    let mut state = monitors::get(tx, site, id)?.state;
    state.checked_at = monitor.checked_at.map(Timestamp);
    state.certificate_expires_at = monitor.certificate_expires_at.map(Timestamp);
    monitors::set_state(tx, id, &state)?;
    monitors::set_paused(tx, id, Some(now))?;
    Ok(ImportOutcome::Made)
}

/// Writes hours of a monitor; of an hour that is there already, the sums of more checks count.
pub(super) fn write_hours(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &MonitorHoursRecord,
) -> Result<ImportOutcome> {
    let Some(monitor) = find(tx, site, &record.monitor)? else { return Ok(FULL) };
    let mut insertion = tx.prepare_cached(&format!(
        "insert into monitor_hours (monitor_id, {HOUR_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
         on conflict do update set
           checks = excluded.checks, failures = excluded.failures, answers = excluded.answers,
           milliseconds = excluded.milliseconds, slowest = excluded.slowest, watched = excluded.watched, down = excluded.down
         where excluded.checks > checks"
    ))?;
    let mut changed = 0;
    for [hour, checks, failures, answers, milliseconds, slowest, watched, down] in &record.hours {
        let id = monitor.id.0;
        changed +=
            insertion.execute((id, hour, checks, failures, answers, milliseconds, slowest, watched, down))?;
    }
    Ok(if changed > 0 { ImportOutcome::Made } else { ImportOutcome::Known })
}

/// Writes an outage, unless the monitor has one that began at that time. One that goes on ends with the last check: nobody knows more.
pub(super) fn write_outage(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &OutageRecord,
) -> Result<ImportOutcome> {
    let Some(monitor) = find(tx, site, &record.monitor)? else { return Ok(FULL) };
    let mut known = tx.prepare_cached("select 1 from outages where monitor_id = ? and began_at = ?")?;
    if known.exists([monitor.id.0, record.began_at])? {
        return Ok(ImportOutcome::Known);
    }
    let checked_at = monitor.state.checked_at.map_or(record.confirmed_at, |at| at.0);
    let ended_at = record.ended_at.unwrap_or_else(|| checked_at.max(record.confirmed_at));
    tx.prepare_cached(
        "insert into outages (monitor_id, began_at, confirmed_at, ended_at, is_cut, cause, network)
         values (:monitor, :began, :confirmed, :ended, :cut, :cause, :network)",
    )?
    .execute(named_params! {
        ":monitor": monitor.id.0, ":began": record.began_at, ":confirmed": record.confirmed_at, ":ended": ended_at,
        ":cut": record.is_cut || record.ended_at.is_none(), ":cause": record.cause, ":network": record.network,
    })?;
    Ok(ImportOutcome::Made)
}
