//! Outgoing mail. A letter is written in the transaction of its cause, so that neither exists without the other, and is
//! deleted once a mail server has accepted it.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::UserId;
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
    /// The user who sees that it could not be delivered; `None` if only the operator does.
    pub told_user: Option<UserId>,
    /// The address that ends letters of its kind with one click (RFC 8058); `None` for a letter that nobody subscribes to.
    pub unsubscribe: Option<String>,
    /// The name of the sender, of a white-labelled letter; `None` for the operator's.
    pub sender: Option<String>,
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
        "insert into outbox
           (recipient, subject, text, html, created_at, due_at, expires_at, told_user_id, unsubscribe, sender)
         values (:recipient, :subject, :text, :html, :at, :at, :until, :told_user, :unsubscribe, :sender)",
        named_params! {
            ":recipient": letter.recipient, ":subject": letter.subject, ":text": letter.text,
            ":html": letter.html, ":at": at.0, ":until": until.0,
            ":told_user": letter.told_user.map(|user| user.0), ":unsubscribe": letter.unsubscribe,
            ":sender": letter.sender,
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
        "select id, recipient, subject, text, html, created_at, tries, told_user_id, unsubscribe, sender
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
        let letter = Letter {
            recipient: row.get(1)?,
            subject: row.get(2)?,
            text: row.get(3)?,
            html: row.get(4)?,
            told_user: row.get::<_, Option<i64>>(7)?.map(UserId),
            unsubscribe: row.get(8)?,
            sender: row.get(9)?,
        };
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

/// Gives up a letter and erases its contents: they may hold a secret, or numbers that their receiver may not see any more.
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

/// Gives up expired letters, as [`give_up`] does.
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

/// A letter in the outbox, as the operator sees it.
#[derive(Clone, Debug)]
pub struct ListedLetter {
    /// The id.
    pub id: i64,
    /// The recipient's e-mail address.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The time at which it was written.
    pub created_at: Timestamp,
    /// The number of tries.
    pub tries: u32,
    /// The time of the next try.
    pub due_at: Timestamp,
    /// The error of the last try.
    pub problem: Option<String>,
    /// The time at which it was given up; `None` while it waits.
    pub given_up_at: Option<Timestamp>,
}

/// Lists all letters in the outbox, the newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection) -> Result<Vec<ListedLetter>> {
    let mut question = connection.prepare_cached(
        "select id, recipient, subject, created_at, tries, due_at, problem, given_up_at
         from outbox order by id desc",
    )?;
    let rows = question.query_map([], |row| {
        Ok(ListedLetter {
            id: row.get(0)?,
            recipient: row.get(1)?,
            subject: row.get(2)?,
            created_at: Timestamp(row.get(3)?),
            tries: row.get(4)?,
            due_at: Timestamp(row.get(5)?),
            problem: row.get(6)?,
            given_up_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes a letter that waits due at once.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn retry(transaction: &Transaction<'_>, id: i64, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update outbox set due_at = :at, tries = 0 where id = :id and given_up_at is null",
        named_params! {":id": id, ":at": at.0},
    )?;
    Ok(())
}

/// The newest letter that could not be delivered, as the person concerned sees it.
#[derive(Clone, Debug)]
pub struct Undelivered {
    /// The recipient's e-mail address.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// Why it was given up.
    pub problem: String,
    /// The number of such letters that the person has not seen yet.
    pub count: i64,
}

/// Finds the newest letter that was given up and that a person has not seen yet.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_undelivered(connection: &Connection, user: UserId) -> Result<Option<Undelivered>> {
    let mut question = connection.prepare_cached(
        "select recipient, subject, ifnull(problem, ''), count(*) over ()
         from outbox where told_user_id = :user and given_up_at is not null order by id desc limit 1",
    )?;
    let mut rows = question.query_map([user.0], |row| {
        Ok(Undelivered {
            recipient: row.get(0)?,
            subject: row.get(1)?,
            problem: row.get(2)?,
            count: row.get(3)?,
        })
    })?;
    Ok(rows.next().transpose()?)
}

/// Records that a person has seen which letters could not be delivered. The operator still sees them.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_seen(transaction: &Transaction<'_>, user: UserId) -> Result<()> {
    transaction.execute(
        "update outbox set told_user_id = null where told_user_id = :user and given_up_at is not null",
        [user.0],
    )?;
    Ok(())
}
