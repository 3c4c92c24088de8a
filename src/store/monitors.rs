//! Monitors of sites, with the state after their last check.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{MonitorId, SiteId};
use crate::model::monitor::{self, Monitor, MonitorSettings, MonitorState, Statuses};
use rusqlite::{Connection, Params, Row, Transaction, named_params};

const COLUMNS: &str = "id, site_id, name, url, every_minutes, statuses, must_contain, must_not_contain,
    timeout_seconds, created_at, paused_at, due_at, checked_at, failures, failing_since, problem,
    certificate_expires_at";

/// Lists the monitors of a site, by age.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Monitor>> {
    select(connection, "where site_id = ? order by id", [site.0])
}

/// Lists the running monitors that are due, the longest due first; also those whose next check is further ahead than their
/// interval and `MONITOR_LATE`: the clock was ahead when it was stored.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_due(connection: &Connection, now: Timestamp, count: usize) -> Result<Vec<Monitor>> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let late = i64::try_from(limits::MONITOR_LATE.as_millis()).unwrap_or(i64::MAX);
    let rest = "where paused_at is null and (due_at <= ? or due_at > ? + every_minutes * 60000) order by due_at, id limit ?";
    select(connection, rest, [now.0, now.0.saturating_add(late), count])
}

/// Lists addresses of running monitors of any site that can say whether this server's network works: those of other domains than
/// `host` that succeeded once and aren't known to be down, the last one that succeeded first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_references(connection: &Connection, host: &str, count: usize) -> Result<Vec<String>> {
    let mut question = connection.prepare_cached(
        "select m.url from monitors m
         where m.paused_at is null and m.checked_at is not null
           and exists (select 1 from monitor_hours h where h.monitor_id = m.id and h.answers > 0)
           and not exists (select 1 from outages o
             where o.monitor_id = m.id and o.ended_at is null and o.network <> 'own')
         order by m.failures, m.checked_at desc",
    )?;
    let mut rows = question.query([])?;
    let mut found: Vec<String> = Vec::new();
    let mut hosts = vec![monitor::domain_of(host)];
    while found.len() < count
        && let Some(row) = rows.next()?
    {
        let url: String = row.get(0)?;
        let domain = monitor::host_of(&url).map(|host| monitor::domain_of(&host));
        let Some(domain) = domain.filter(|domain| !hosts.contains(domain)) else { continue };
        hosts.push(domain);
        found.push(url);
    }
    Ok(found)
}

/// Finds a monitor of a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, site: SiteId, id: MonitorId) -> Result<Monitor> {
    let found = select(connection, "where site_id = ? and id = ?", [site.0, id.0])?;
    found.into_iter().next().ok_or(Error::Missing("monitor"))
}

/// Finds a monitor of any site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, id: MonitorId) -> Result<Option<Monitor>> {
    Ok(select(connection, "where id = ?", [id.0])?.into_iter().next())
}

fn select(connection: &Connection, rest: &'static str, bound: impl Params) -> Result<Vec<Monitor>> {
    let mut question = connection.prepare_cached(&format!("select {COLUMNS} from monitors {rest}"))?;
    let rows = question.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Monitor> {
    let time = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp));
    let settings = MonitorSettings {
        name: row.get(2)?,
        url: row.get(3)?,
        every_minutes: row.get(4)?,
        statuses: Statuses::parse(&row.get::<_, String>(5)?).unwrap_or_default(),
        must_contain: row.get(6)?,
        must_not_contain: row.get(7)?,
        timeout_seconds: row.get(8)?,
    };
    let state = MonitorState {
        due_at: Timestamp(row.get(11)?),
        checked_at: time(12)?,
        failures: row.get(13)?,
        failing_since: time(14)?,
        problem: row.get(15)?,
        certificate_expires_at: time(16)?,
    };
    Ok(Monitor {
        id: MonitorId(row.get(0)?),
        site: SiteId(row.get(1)?),
        created_at: Timestamp(row.get(9)?),
        paused_at: time(10)?,
        settings,
        state,
    })
}

/// Inserts a monitor that is due at once.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    site: SiteId,
    settings: &MonitorSettings,
    at: Timestamp,
) -> Result<MonitorId> {
    transaction.execute(
        "insert into monitors (site_id, name, url, every_minutes, statuses, must_contain, must_not_contain,
           timeout_seconds, created_at, due_at)
         values (:site, :name, :url, :every, :statuses, :must, :must_not, :timeout, :at, :at)",
        named_params! {
            ":site": site.0, ":name": settings.name, ":url": settings.url, ":every": settings.every_minutes,
            ":statuses": settings.statuses.to_string(), ":must": settings.must_contain,
            ":must_not": settings.must_not_contain, ":timeout": settings.timeout_seconds, ":at": at.0,
        },
    )?;
    Ok(MonitorId(transaction.last_insert_rowid()))
}

/// Replaces the settings of a monitor.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn update(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: MonitorId,
    settings: &MonitorSettings,
) -> Result<()> {
    let changed = transaction.execute(
        "update monitors set name = :name, url = :url, every_minutes = :every, statuses = :statuses,
           must_contain = :must, must_not_contain = :must_not, timeout_seconds = :timeout
         where site_id = :site and id = :id",
        named_params! {
            ":site": site.0, ":id": id.0, ":name": settings.name, ":url": settings.url,
            ":every": settings.every_minutes, ":statuses": settings.statuses.to_string(),
            ":must": settings.must_contain, ":must_not": settings.must_not_contain,
            ":timeout": settings.timeout_seconds,
        },
    )?;
    if changed == 0 { Err(Error::Missing("monitor")) } else { Ok(()) }
}

/// Pauses a monitor, or lets it run again.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_paused(transaction: &Transaction<'_>, id: MonitorId, paused_at: Option<Timestamp>) -> Result<()> {
    transaction.execute(
        "update monitors set paused_at = :at where id = :id",
        named_params! {":id": id.0, ":at": paused_at.map(|at| at.0)},
    )?;
    Ok(())
}

/// Stores the state of a monitor.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_state(transaction: &Transaction<'_>, id: MonitorId, state: &MonitorState) -> Result<()> {
    transaction.execute(
        "update monitors set due_at = :due, checked_at = :checked, failures = :failures,
           failing_since = :since, problem = :problem, certificate_expires_at = :expires
         where id = :id",
        named_params! {
            ":id": id.0, ":due": state.due_at.0, ":checked": state.checked_at.map(|at| at.0),
            ":failures": state.failures, ":since": state.failing_since.map(|at| at.0),
            ":problem": state.problem, ":expires": state.certificate_expires_at.map(|at| at.0),
        },
    )?;
    Ok(())
}

/// Deletes a monitor with its checks and outages.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, id: MonitorId) -> Result<()> {
    let deleted = transaction.execute(
        "delete from monitors where site_id = :site and id = :id",
        named_params! {":site": site.0, ":id": id.0},
    )?;
    if deleted == 0 { Err(Error::Missing("monitor")) } else { Ok(()) }
}
