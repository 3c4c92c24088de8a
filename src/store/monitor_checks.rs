//! Checks of monitors: single ones of the last days, and their sums by hour.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{MonitorId, SiteId};
use crate::model::monitor::{Check, HourSums};
use rusqlite::{Connection, Transaction, named_params};

/// Inserts a check. A second one of the same millisecond replaces it.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, monitor: MonitorId, check: &Check) -> Result<()> {
    transaction
        .prepare_cached(
            "insert or replace into monitor_checks (monitor_id, at, milliseconds, status, problem)
             values (:monitor, :at, :milliseconds, :status, :problem)",
        )?
        .execute(named_params! {
            ":monitor": monitor.0, ":at": check.at.0, ":milliseconds": check.milliseconds,
            ":status": check.status, ":problem": check.problem,
        })?;
    Ok(())
}

/// Lists the last checks of a monitor, the newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, monitor: MonitorId, count: usize) -> Result<Vec<Check>> {
    let mut question = connection.prepare_cached(
        "select at, milliseconds, status, problem from monitor_checks where monitor_id = :monitor
         order by at desc limit :count",
    )?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let rows = question.query_map(named_params! {":monitor": monitor.0, ":count": count}, |row| {
        Ok(Check {
            at: Timestamp(row.get(0)?),
            milliseconds: row.get(1)?,
            status: row.get(2)?,
            problem: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds sums to an hour of a monitor.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn add_to_hour(
    transaction: &Transaction<'_>,
    monitor: MonitorId,
    hour: i64,
    sums: &HourSums,
) -> Result<()> {
    transaction
        .prepare_cached(
            "insert into monitor_hours
               (monitor_id, hour, checks, failures, answers, milliseconds, slowest, watched, down)
             values (:monitor, :hour, :checks, :failures, :answers, :milliseconds, :slowest, :watched, :down)
             on conflict do update set
               checks = checks + :checks, failures = failures + :failures, answers = answers + :answers,
               milliseconds = milliseconds + :milliseconds, slowest = max(slowest, :slowest),
               watched = watched + :watched, down = down + :down",
        )?
        .execute(named_params! {
            ":monitor": monitor.0, ":hour": hour, ":checks": sums.checks, ":failures": sums.failures,
            ":answers": sums.answers, ":milliseconds": sums.milliseconds, ":slowest": sums.slowest,
            ":watched": sums.watched, ":down": sums.down,
        })?;
    Ok(())
}

/// Lists the sums of a site's monitors by hour, of the hours from `begin` to before `end` since 1970.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_hours(
    connection: &Connection,
    site: SiteId,
    begin: i64,
    end: i64,
) -> Result<Vec<(MonitorId, i64, HourSums)>> {
    let mut question = connection.prepare_cached(
        "select h.monitor_id, h.hour, h.checks, h.failures, h.answers, h.milliseconds, h.slowest, h.watched, h.down
         from monitors m join monitor_hours h on h.monitor_id = m.id
         where m.site_id = :site and h.hour >= :begin and h.hour < :end
         order by h.monitor_id, h.hour",
    )?;
    let rows = question.query_map(named_params! {":site": site.0, ":begin": begin, ":end": end}, |row| {
        let sums = HourSums {
            checks: row.get(2)?,
            failures: row.get(3)?,
            answers: row.get(4)?,
            milliseconds: row.get(5)?,
            slowest: row.get(6)?,
            watched: row.get(7)?,
            down: row.get(8)?,
        };
        Ok((MonitorId(row.get(0)?), row.get(1)?, sums))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Deletes at most `count` checks before a time. Returns the number deleted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old_checks(transaction: &Transaction<'_>, before: Timestamp, count: usize) -> Result<usize> {
    delete(
        transaction,
        "delete from monitor_checks where (monitor_id, at) in
           (select c.monitor_id, c.at from monitors m join monitor_checks c on c.monitor_id = m.id
            where c.at < :before limit :count)",
        before.0,
        count,
    )
}

/// Deletes the sums of at most `count` hours before an hour since 1970. Returns the number deleted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old_hours(transaction: &Transaction<'_>, before: i64, count: usize) -> Result<usize> {
    delete(
        transaction,
        "delete from monitor_hours where (monitor_id, hour) in
           (select h.monitor_id, h.hour from monitors m join monitor_hours h on h.monitor_id = m.id
            where h.hour < :before limit :count)",
        before,
        count,
    )
}

fn delete(transaction: &Transaction<'_>, sql: &'static str, before: i64, count: usize) -> Result<usize> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Ok(transaction.execute(sql, named_params! {":before": before, ":count": count})?)
}
