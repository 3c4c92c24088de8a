//! Events of alerts, and the people who were told of them.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{AlertId, SiteId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// An event of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertEvent {
    /// The id.
    pub id: i64,
    /// The alert.
    pub alert: AlertId,
    /// The key, which no other event of the alert has.
    pub key: String,
    /// The time at which it was told.
    pub fired_at: Timestamp,
    /// The time at which things were back to normal.
    pub ended_at: Option<Timestamp>,
    /// The sentence that was told.
    pub title: String,
    /// The numbers that made it, as JSON.
    pub numbers: String,
    /// The path of the screen that shows it.
    pub link: String,
}

/// A new event.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// The key.
    pub key: &'a str,
    /// The sentence.
    pub title: &'a str,
    /// The numbers, as JSON.
    pub numbers: &'a str,
    /// The path of the screen that shows it.
    pub link: &'a str,
}

const COLUMNS: &str = "alert_events.id, alert_id, key, fired_at, ended_at, title, numbers, link";

fn read(row: &Row<'_>) -> rusqlite::Result<AlertEvent> {
    Ok(AlertEvent {
        id: row.get(0)?,
        alert: AlertId(row.get(1)?),
        key: row.get(2)?,
        fired_at: Timestamp(row.get(3)?),
        ended_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        title: row.get(5)?,
        numbers: row.get(6)?,
        link: row.get(7)?,
    })
}

/// Inserts an event; `None` if the alert has told it before.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    alert: AlertId,
    event: &NewEvent<'_>,
    at: Timestamp,
) -> Result<Option<i64>> {
    let inserted = transaction.execute(
        "insert into alert_events (alert_id, key, fired_at, title, numbers, link)
         values (:alert, :key, :at, :title, :numbers, :link)
         on conflict do nothing",
        named_params! {
            ":alert": alert.0, ":key": event.key, ":at": at.0, ":title": event.title, ":numbers": event.numbers,
            ":link": event.link,
        },
    )?;
    Ok((inserted > 0).then(|| transaction.last_insert_rowid()))
}

/// Ends an event that goes on; returns it if it did.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn end(
    transaction: &Transaction<'_>,
    alert: AlertId,
    key: &str,
    at: Timestamp,
) -> Result<Option<AlertEvent>> {
    let ended = transaction.execute(
        "update alert_events set ended_at = :at where alert_id = :alert and key = :key and ended_at is null",
        named_params! {":alert": alert.0, ":key": key, ":at": at.0},
    )?;
    if ended == 0 { Ok(None) } else { find(transaction, alert, key) }
}

/// Finds an event of an alert by its key.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, alert: AlertId, key: &str) -> Result<Option<AlertEvent>> {
    let sql = format!("select {COLUMNS} from alert_events where alert_id = :alert and key = :key");
    let bound = named_params! {":alert": alert.0, ":key": key};
    Ok(connection.prepare_cached(&sql)?.query_row(bound, read).optional()?)
}

/// Lists the newest events of an alert, the newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, alert: AlertId, count: usize) -> Result<Vec<AlertEvent>> {
    let sql = format!(
        "select {COLUMNS} from alert_events where alert_id = :alert order by fired_at desc, id desc limit :count"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let bound = named_params! {":alert": alert.0, ":count": i64::try_from(count).unwrap_or(i64::MAX)};
    let rows = question.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An event of which a person was told.
#[derive(Clone, Debug)]
pub struct ReceivedEvent {
    /// The event.
    pub event: AlertEvent,
    /// The site.
    pub site: SiteId,
    /// True if the person has seen it in their list.
    pub is_seen: bool,
}

/// Lists the newest events of which a person was told, the newest first; those unseen alone if `unseen_only`.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_received(
    connection: &Connection,
    user: UserId,
    unseen_only: bool,
    count: usize,
) -> Result<Vec<ReceivedEvent>> {
    let sql = format!(
        "select {COLUMNS}, alerts.site_id, seen_at
         from alert_receipts
         join alert_events on alert_events.id = event_id
         join alerts on alerts.id = alert_id
         where alert_receipts.user_id = :user and (not :unseen_only or seen_at is null)
         order by event_id desc
         limit :count"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let bound = named_params! {
        ":user": user.0, ":unseen_only": unseen_only, ":count": i64::try_from(count).unwrap_or(i64::MAX),
    };
    let rows = question.query_map(bound, |row| {
        let is_seen = row.get::<_, Option<i64>>(9)?.is_some();
        Ok(ReceivedEvent { event: read(row)?, site: SiteId(row.get(8)?), is_seen })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds an event to a person's list.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn deliver(transaction: &Transaction<'_>, event: i64, user: UserId) -> Result<()> {
    transaction
        .prepare_cached("insert or ignore into alert_receipts (user_id, event_id) values (:user, :event)")?
        .execute(named_params! {":user": user.0, ":event": event})?;
    Ok(())
}

/// Returns the number of events of which letters told a person since a time.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_mailed_since(connection: &Connection, user: UserId, since: Timestamp) -> Result<i64> {
    let mut question = connection
        .prepare_cached("select count(*) from alert_receipts where user_id = :user and mailed_at > :since")?;
    Ok(question.query_row(named_params! {":user": user.0, ":since": since.0}, |row| row.get(0))?)
}

/// Marks an event as told by a letter, or as held back for the next one.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn mark_mailed(
    transaction: &Transaction<'_>,
    event: i64,
    user: UserId,
    mailed_at: Option<Timestamp>,
) -> Result<()> {
    transaction
        .prepare_cached(
            "update alert_receipts set mailed_at = ifnull(:at, mailed_at), is_held_back = :at is null
             where user_id = :user and event_id = :event",
        )?
        .execute(named_params! {":at": mailed_at.map(|at| at.0), ":user": user.0, ":event": event})?;
    Ok(())
}

/// Returns the number of events that were held back from a person's letters, and releases them.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn take_held_back(transaction: &Transaction<'_>, user: UserId) -> Result<usize> {
    Ok(transaction.execute(
        "update alert_receipts set is_held_back = 0 where user_id = :user and is_held_back = 1",
        [user.0],
    )?)
}

/// Marks the events of a person up to one of them as seen.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn mark_seen(transaction: &Transaction<'_>, user: UserId, up_to: i64, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update alert_receipts set seen_at = :at where user_id = :user and event_id <= :up_to and seen_at is null",
        named_params! {":at": at.0, ":user": user.0, ":up_to": up_to},
    )?;
    Ok(())
}

/// Deletes the events that were told before a time.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_before(transaction: &Transaction<'_>, before: Timestamp) -> Result<()> {
    transaction.execute("delete from alert_events where fired_at < :before", [before.0])?;
    Ok(())
}
