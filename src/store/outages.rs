//! Outages of monitors.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{MonitorId, OutageId, SiteId};
use crate::model::monitor::{Network, Outage};
use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, named_params};

const SELECT: &str = "select o.id, o.monitor_id, o.began_at, o.confirmed_at, o.ended_at, o.cause, o.network
    from outages o join monitors m on m.id = o.monitor_id";

/// Lists the outages of a site's monitors that lie, at least in part, between two times (the second one excluded), the
/// newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(
    connection: &Connection,
    site: SiteId,
    begin: Timestamp,
    end: Timestamp,
    count: usize,
) -> Result<Vec<Outage>> {
    let rest = "where m.site_id = ? and o.began_at < ? and (o.ended_at is null or o.ended_at > ?)
         order by o.began_at desc, o.id desc limit ?";
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    select(connection, rest, [site.0, end.0, begin.0, count])
}

/// Lists the outages of a site that were confirmed after a time, the oldest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_confirmed_after(connection: &Connection, site: SiteId, after: Timestamp) -> Result<Vec<Outage>> {
    let rest = "where m.site_id = ? and o.confirmed_at > ? order by o.confirmed_at, o.id";
    select(connection, rest, [site.0, after.0])
}

/// Lists the outages of a site that ended after a time because the page is up again, the oldest first; not those that were cut
/// short (`is_cut`).
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_ended_after(connection: &Connection, site: SiteId, after: Timestamp) -> Result<Vec<Outage>> {
    let rest = "where m.site_id = ? and o.ended_at > ? and o.is_cut = 0 order by o.ended_at, o.id";
    select(connection, rest, [site.0, after.0])
}

/// Finds the outage of a monitor that goes on.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_open(connection: &Connection, monitor: MonitorId) -> Result<Option<Outage>> {
    let sql = format!("{SELECT} where o.monitor_id = ? and o.ended_at is null order by o.id desc limit 1");
    Ok(connection.prepare_cached(&sql)?.query_row([monitor.0], read).optional()?)
}

fn select(connection: &Connection, rest: &'static str, bound: impl Params) -> Result<Vec<Outage>> {
    let mut question = connection.prepare_cached(&format!("{SELECT} {rest}"))?;
    let rows = question.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Outage> {
    Ok(Outage {
        id: OutageId(row.get(0)?),
        monitor: MonitorId(row.get(1)?),
        began_at: Timestamp(row.get(2)?),
        confirmed_at: Timestamp(row.get(3)?),
        ended_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        cause: row.get(5)?,
        network: Network::from_name(&row.get::<_, String>(6)?),
    })
}

/// Inserts an outage that goes on.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    monitor: MonitorId,
    began_at: Timestamp,
    confirmed_at: Timestamp,
    cause: &str,
    network: Network,
) -> Result<OutageId> {
    transaction.execute(
        "insert into outages (monitor_id, began_at, confirmed_at, cause, network)
         values (:monitor, :began, :confirmed, :cause, :network)",
        named_params! {
            ":monitor": monitor.0, ":began": began_at.0, ":confirmed": confirmed_at.0, ":cause": cause,
            ":network": network.name(),
        },
    )?;
    Ok(OutageId(transaction.last_insert_rowid()))
}

/// Ends the outage of a monitor that goes on, if there is one.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn end_open(transaction: &Transaction<'_>, monitor: MonitorId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update outages set ended_at = max(:at, began_at) where monitor_id = :monitor and ended_at is null",
        named_params! {":monitor": monitor.0, ":at": at.0},
    )?;
    Ok(())
}

/// Ends the outage of a monitor that goes on, if there is one, because the monitor was paused or changed: nobody knows whether the
/// page is up.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn cut_open(transaction: &Transaction<'_>, monitor: MonitorId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update outages set ended_at = max(:at, began_at), is_cut = 1 where monitor_id = :monitor and ended_at is null",
        named_params! {":monitor": monitor.0, ":at": at.0},
    )?;
    Ok(())
}

/// Deletes at most `count` outages that ended before a time. Returns the number deleted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, before: Timestamp, count: usize) -> Result<usize> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Ok(transaction.execute(
        "delete from outages where id in (select id from outages where ended_at < :before limit :count)",
        named_params! {":before": before.0, ":count": count},
    )?)
}
