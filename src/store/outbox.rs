//! Outgoing mail. A letter is written in the transaction of its cause, so that neither exists without the other, and is
//! deleted once a mail server has accepted it.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use rusqlite::{Connection, Transaction, named_params};

/// A letter to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The recipient's e-mail address.
    pub recipient: String,
    /// The subject, one line.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
}

/// A letter that waits in the outbox.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The id, which is never used again.
    pub id: i64,
    /// The contents.
    pub letter: Letter,
    /// The time at which it was written.
    pub created_at: Timestamp,
    /// The number of attempts to send it.
    pub tries: u32,
}

/// Adds a letter to the outbox that is retried for [`limits::LETTER_LASTS`].
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, letter: &Letter, at: Timestamp) -> Result<()> {
    create_until(transaction, letter, at, at.after(limits::LETTER_LASTS))
}

/// Adds a letter to the outbox in place of waiting letters to the same recipient with the same subject.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn replace(transaction: &Transaction<'_>, letter: &Letter, at: Timestamp) -> Result<()> {
    transaction.execute(
        "delete from outbox where recipient = :recipient and subject = :subject and given_up_at is null",
        named_params! {":recipient": letter.recipient, ":subject": letter.subject},
    )?;
    create(transaction, letter, at)
}

/// Adds a letter to the outbox that is useless after `until`.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_until(
    transaction: &Transaction<'_>,
    letter: &Letter,
    at: Timestamp,
    until: Timestamp,
) -> Result<()> {
    transaction.execute(
        "insert into outbox (recipient, subject, text, html, created_at, due_at, expires_at)
         values (:recipient, :subject, :text, :html, :at, :at, :until)",
        named_params! {
            ":recipient": letter.recipient, ":subject": letter.subject, ":text": letter.text,
            ":html": letter.html, ":at": at.0, ":until": until.0,
        },
    )?;
    Ok(())
}

/// Lists at most `count` letters that are due and not expired, the oldest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_due(connection: &Connection, now: Timestamp, count: usize) -> Result<Vec<Waiting>> {
    let sql = format!(
        "select id, recipient, subject, text, html, created_at, tries
         from outbox
         where given_up_at is null and (due_at <= :now or due_at > :end) and not ({EXPIRED})
         order by due_at, id
         limit :count"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let bound = named_params! {
        // No pause is that long, so the clock was ahead when the time was written.
        ":now": now.0, ":end": now.after(limits::LETTER_PAUSE_MAX * 2).0,
        ":oldest": now.before(limits::LETTER_LASTS).0, ":count": i64::try_from(count).unwrap_or(i64::MAX),
    };
    let rows = question.query_map(bound, |row| {
        let letter =
            Letter { recipient: row.get(1)?, subject: row.get(2)?, text: row.get(3)?, html: row.get(4)? };
        Ok(Waiting { id: row.get(0)?, letter, created_at: Timestamp(row.get(5)?), tries: row.get(6)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Deletes a letter that a mail server has accepted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, id: i64) -> Result<()> {
    transaction.execute("delete from outbox where id = :id", [id])?;
    Ok(())
}

/// Counts an attempt before it is made, with the time of the next one: should its outcome never be recorded, the letter
/// is not sent again and again.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn begin_try(transaction: &Transaction<'_>, id: i64, next_at: Timestamp) -> Result<()> {
    transaction.execute(
        "update outbox set tries = tries + 1, due_at = :next where id = :id",
        named_params! {":next": next_at.0, ":id": id},
    )?;
    Ok(())
}

/// Records why an attempt failed.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_problem(transaction: &Transaction<'_>, id: i64, problem: &str) -> Result<()> {
    transaction.execute(
        "update outbox set problem = :problem where id = :id",
        named_params! {":problem": problem, ":id": id},
    )?;
    Ok(())
}

/// Gives up a letter and erases its contents, which may hold a secret.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn give_up(transaction: &Transaction<'_>, id: i64, at: Timestamp, problem: &str) -> Result<()> {
    transaction.execute(
        "update outbox
         set given_up_at = :at, problem = :problem, text = '', html = ''
         where id = :id",
        named_params! {":at": at.0, ":problem": problem, ":id": id},
    )?;
    Ok(())
}

/// The state of the outbox.
#[derive(Clone, Debug, Default)]
pub struct OutboxState {
    /// The number of waiting letters.
    pub waiting: i64,
    /// The number of letters given up in the last month.
    pub given_up: i64,
    /// The error of the newest letter's last failed attempt.
    pub problem: Option<String>,
}

/// Returns the state of the outbox.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn state(connection: &Connection) -> Result<OutboxState> {
    let (waiting, given_up) = connection.query_row(
        "select count(*) - count(given_up_at), count(given_up_at) from outbox",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut question = connection
        .prepare_cached("select problem from outbox where problem is not null order by id desc limit 1")?;
    let mut rows = question.query([])?;
    let problem = rows.next()?.map(|row| row.get(0)).transpose()?;
    Ok(OutboxState { waiting, given_up, problem })
}

/// Returns true if waiting letters have expired.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has_expired(connection: &Connection, now: Timestamp) -> Result<bool> {
    let sql = format!("select exists (select 1 from outbox where {EXPIRED})");
    let bound = named_params! {":now": now.0, ":oldest": now.before(limits::LETTER_LASTS).0};
    Ok(connection.query_row(&sql, bound, |row| row.get(0))?)
}

/// Gives up expired letters and erases their contents.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn give_up_expired(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let sql = format!(
        "update outbox
         set given_up_at = :now, text = '', html = '',
           problem = 'It was not sent in time.' || ifnull(' The last try: ' || problem, '')
         where {EXPIRED}"
    );
    transaction
        .execute(&sql, named_params! {":now": now.0, ":oldest": now.before(limits::LETTER_LASTS).0})?;
    Ok(())
}

/// The SQL condition for expired letters; letters of earlier versions have no `expires_at`.
const EXPIRED: &str =
    "given_up_at is null and iif(expires_at is null, created_at <= :oldest, expires_at <= :now)";

/// Deletes letters that were given up before a time.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_given_up(transaction: &Transaction<'_>, before: Timestamp) -> Result<()> {
    transaction.execute("delete from outbox where given_up_at < :before", [before.0])?;
    Ok(())
}
