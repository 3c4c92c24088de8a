//! Messages to webhooks: those that wait, and what became of the others.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{DeliveryId, WebhookId};
use rusqlite::{Connection, Row, Transaction, named_params};

/// A message to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The id.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// The id that the receiver sees, the same at every try.
    pub message_id: String,
    /// The event in one sentence.
    pub title: String,
    /// What happened, as JSON.
    pub event: String,
    /// The time at which it was written.
    pub created_at: Timestamp,
    /// The time of the next try; `None` if it was delivered or given up.
    pub due_at: Option<Timestamp>,
    /// The number of tries.
    pub tries: u32,
    /// The last try.
    pub last_try: Option<LastTry>,
    /// The time at which it was delivered.
    pub delivered_at: Option<Timestamp>,
    /// The time at which it was given up.
    pub given_up_at: Option<Timestamp>,
}

/// The last try of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastTry {
    /// The time at which it began.
    pub at: Timestamp,
    /// Its outcome; `None` while it is under way, or if the program stopped meanwhile.
    pub outcome: Option<Outcome>,
}

/// The outcome of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The duration in milliseconds.
    pub milliseconds: i64,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The beginning of the answer's body.
    pub answer: Option<String>,
    /// Why it failed; `None` after success.
    pub problem: Option<String>,
}

/// A new message.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery<'a> {
    /// The webhook.
    pub webhook: WebhookId,
    /// The id that the receiver sees.
    pub message_id: &'a str,
    /// The event in one sentence.
    pub title: &'a str,
    /// What happened, as JSON.
    pub event: &'a str,
}

const COLUMNS: &str = "id, webhook_id, message_id, title, event, created_at, due_at, tries, tried_at, milliseconds, status, \
                       answer, problem, delivered_at, given_up_at";

/// Inserts a message.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    new: NewDelivery<'_>,
    at: Timestamp,
    due: Timestamp,
) -> Result<DeliveryId> {
    transaction.execute(
        "insert into webhook_deliveries (webhook_id, message_id, title, event, created_at, due_at)
         values (:webhook, :message, :title, :event, :at, :due)",
        named_params! {
            ":webhook": new.webhook.0, ":message": new.message_id, ":title": new.title, ":event": new.event,
            ":at": at.0, ":due": due.0,
        },
    )?;
    Ok(DeliveryId(transaction.last_insert_rowid()))
}

/// Lists the newest messages to a webhook.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, webhook: WebhookId, count: usize) -> Result<Vec<Delivery>> {
    let sql = format!(
        "select {COLUMNS} from webhook_deliveries where webhook_id = :webhook order by id desc limit :count"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let bound = named_params! {":webhook": webhook.0, ":count": i64::try_from(count).unwrap_or(i64::MAX)};
    let rows = question.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists at most `count` messages that are due, at most one for each webhook: its oldest due one.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_due(connection: &Connection, now: Timestamp, count: usize) -> Result<Vec<Delivery>> {
    let sql = format!(
        "select {COLUMNS} from webhook_deliveries
         where id in (
           select min(id) from webhook_deliveries
           where due_at is not null and (due_at <= :now or due_at > :end)
           group by webhook_id
         )
         order by due_at, id limit :count"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let bound = named_params! {
        // No pause is that long, so the clock was ahead when the time was written.
        ":now": now.0, ":end": now.after(limits::WEBHOOK_PAUSE_MAX * 2).0,
        ":count": i64::try_from(count).unwrap_or(i64::MAX),
    };
    let rows = question.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Finds a message to a webhook.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, webhook: WebhookId, id: DeliveryId) -> Result<Delivery> {
    let sql = format!("select {COLUMNS} from webhook_deliveries where webhook_id = :webhook and id = :id");
    let mut question = connection.prepare_cached(&sql)?;
    let mut rows = question.query_map(named_params! {":webhook": webhook.0, ":id": id.0}, read)?;
    rows.next().transpose()?.ok_or(Error::Missing("delivery"))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let time = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp));
    let milliseconds: Option<i64> = row.get(9)?;
    let outcome = match milliseconds {
        Some(milliseconds) => {
            Some(Outcome { milliseconds, status: row.get(10)?, answer: row.get(11)?, problem: row.get(12)? })
        }
        None => None,
    };
    Ok(Delivery {
        id: DeliveryId(row.get(0)?),
        webhook: WebhookId(row.get(1)?),
        message_id: row.get(2)?,
        title: row.get(3)?,
        event: row.get(4)?,
        created_at: Timestamp(row.get(5)?),
        due_at: time(6)?,
        tries: row.get(7)?,
        last_try: time(8)?.map(|at| LastTry { at, outcome }),
        delivered_at: time(13)?,
        given_up_at: time(14)?,
    })
}

/// Counts a try before it is made, with the time of the next one: should its outcome never be recorded, the message is not
/// sent again and again. Returns false if another try began meanwhile, or the message no longer waits.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn begin_try(
    transaction: &Transaction<'_>,
    delivery: &Delivery,
    at: Timestamp,
    next_at: Timestamp,
) -> Result<bool> {
    let changed = transaction.execute(
        "update webhook_deliveries
         set tries = tries + 1, tried_at = :at, due_at = :next, milliseconds = null, status = null, answer = null, problem = null
         where id = :id and tries = :tries and due_at is :due",
        named_params! {
            ":id": delivery.id.0, ":at": at.0, ":next": next_at.0, ":tries": delivery.tries,
            ":due": delivery.due_at.map(|at| at.0),
        },
    )?;
    Ok(changed > 0)
}

/// Records the outcome of a try. After success the message is delivered; after failure it waits for its next try, or is given up
/// if there is none. A message that was given up meanwhile stays so.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn finish_try(
    transaction: &Transaction<'_>,
    id: DeliveryId,
    outcome: &Outcome,
    at: Timestamp,
    next_at: Option<Timestamp>,
) -> Result<()> {
    let is_delivered = outcome.problem.is_none();
    transaction.execute(
        "update webhook_deliveries
         set milliseconds = :milliseconds, status = :status, answer = :answer, problem = :problem,
           delivered_at = iif(:delivered, :at, delivered_at),
           given_up_at = iif(:given_up, :at, null),
           due_at = iif(:delivered or :given_up, null, :next)
         where id = :id and due_at is not null",
        named_params! {
            ":id": id.0, ":milliseconds": outcome.milliseconds, ":status": outcome.status,
            ":answer": outcome.answer, ":problem": outcome.problem, ":at": at.0,
            ":delivered": is_delivered, ":given_up": !is_delivered && next_at.is_none(), ":next": next_at.map(|at| at.0),
        },
    )?;
    Ok(())
}

/// Gives up the messages that wait for a webhook, since it is paused.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn give_up_waiting(transaction: &Transaction<'_>, webhook: WebhookId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update webhook_deliveries set due_at = null, given_up_at = :at, problem = 'The webhook was paused.'
         where webhook_id = :webhook and due_at is not null",
        named_params! {":webhook": webhook.0, ":at": at.0},
    )?;
    Ok(())
}

/// Makes a message due at a time, with all its tries again.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn retry(transaction: &Transaction<'_>, webhook: WebhookId, id: DeliveryId, at: Timestamp) -> Result<()> {
    let changed = transaction.execute(
        "update webhook_deliveries set due_at = :at, tries = 0, given_up_at = null
         where webhook_id = :webhook and id = :id",
        named_params! {":webhook": webhook.0, ":id": id.0, ":at": at.0},
    )?;
    if changed == 0 { Err(Error::Missing("delivery")) } else { Ok(()) }
}

/// Deletes finished messages written before a time, and those beyond the newest `most` of a webhook.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, before: Timestamp, most: usize) -> Result<()> {
    transaction.execute(
        "delete from webhook_deliveries where due_at is null and (created_at < :before or id in (
           select id from (
             select id, row_number() over (partition by webhook_id order by id desc) as place from webhook_deliveries
           ) where place > :most
         ))",
        named_params! {":before": before.0, ":most": i64::try_from(most).unwrap_or(i64::MAX)},
    )?;
    Ok(())
}
