//! Letters that wait to be sent. A letter is written in the transaction of its cause, so that there is neither one
//! without the other, and is gone once a mail server has taken it.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::limits;
use rusqlite::{Connection, Transaction, named_params};

/// A letter as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// An e-mail address.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// For programs that show plain text.
    pub text: String,
    /// For all others.
    pub html: String,
}

/// A letter that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its number, which is never given again.
    pub id: i64,
    /// What it says.
    pub letter: Letter,
    /// When it was written.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
}

/// Puts a letter into the outbox; it is tried for a day.
pub fn create(transaction: &Transaction<'_>, letter: &Letter, at: Timestamp) -> Result<()> {
    create_until(transaction, letter, (at, at.after(limits::LETTER_LASTS)))
}

/// Puts a letter into the outbox in place of one to the same mailbox about the same that still waits there.
pub fn replace(transaction: &Transaction<'_>, letter: &Letter, at: Timestamp) -> Result<()> {
    transaction.execute(
        "delete from outbox where recipient = :recipient and subject = :subject and given_up_at is null",
        named_params! {":recipient": letter.recipient, ":subject": letter.subject},
    )?;
    create(transaction, letter, at)
}

/// Puts a letter into the outbox that is of no use after a moment.
pub fn create_until(
    transaction: &Transaction<'_>,
    letter: &Letter,
    (at, until): (Timestamp, Timestamp),
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

/// Lists the letters that are due and still of use, the oldest first.
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
        // No pause is as long: the clock was ahead when it was written down.
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

/// A mail server has taken it.
pub fn delete(transaction: &Transaction<'_>, id: i64) -> Result<()> {
    transaction.execute("delete from outbox where id = :id", [id])?;
    Ok(())
}

/// Counts a try before it is made, with the time of the next: should the try's end never be written down, the letter is
/// not sent again and again.
pub fn begin_try(transaction: &Transaction<'_>, id: i64, next_at: Timestamp) -> Result<()> {
    transaction.execute(
        "update outbox set tries = tries + 1, due_at = :next where id = :id",
        named_params! {":next": next_at.0, ":id": id},
    )?;
    Ok(())
}

/// Writes down why a try failed.
pub fn update_problem(transaction: &Transaction<'_>, id: i64, problem: &str) -> Result<()> {
    transaction.execute(
        "update outbox set problem = :problem where id = :id",
        named_params! {":problem": problem, ":id": id},
    )?;
    Ok(())
}

/// Gives a letter up. What it said goes with it: there may be a secret in it.
pub fn give_up(transaction: &Transaction<'_>, id: i64, at: Timestamp, problem: &str) -> Result<()> {
    transaction.execute(
        "update outbox
         set given_up_at = :at, problem = :problem, text = '', html = ''
         where id = :id",
        named_params! {":at": at.0, ":problem": problem, ":id": id},
    )?;
    Ok(())
}

/// How the letters stand.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// How many wait.
    pub waiting: i64,
    /// How many were given up in the last month.
    pub given_up: i64,
    /// What the last failed try of one of them ended with.
    pub problem: Option<String>,
}

/// How the letters stand.
pub fn state(connection: &Connection) -> Result<State> {
    let (waiting, given_up) = connection.query_row(
        "select count(*) - count(given_up_at), count(given_up_at) from outbox",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut question = connection
        .prepare_cached("select problem from outbox where problem is not null order by id desc limit 1")?;
    let mut rows = question.query([])?;
    let problem = rows.next()?.map(|row| row.get(0)).transpose()?;
    Ok(State { waiting, given_up, problem })
}

/// Whether letters wait that are of no use any more.
pub fn has_expired(connection: &Connection, now: Timestamp) -> Result<bool> {
    let sql = format!("select exists (select 1 from outbox where {EXPIRED})");
    let bound = named_params! {":now": now.0, ":oldest": now.before(limits::LETTER_LASTS).0};
    Ok(connection.query_row(&sql, bound, |row| row.get(0))?)
}

/// Gives letters up that are of no use any more, with what they said.
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

/// Letters of earlier versions have no end of their own.
const EXPIRED: &str =
    "given_up_at is null and iif(expires_at is null, created_at <= :oldest, expires_at <= :now)";

/// Forgets letters that were given up before a moment.
pub fn delete_given_up(transaction: &Transaction<'_>, before: Timestamp) -> Result<()> {
    transaction.execute("delete from outbox where given_up_at < :before", [before.0])?;
    Ok(())
}
