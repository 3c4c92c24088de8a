//! The periods about which e-mail reports were sent: each one once.

use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::DigestId;
use crate::model::rhythm::Period;
use rusqlite::{Connection, Transaction, named_params};

/// Returns true if an e-mail report about a period was sent.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has(connection: &Connection, digest: DigestId, period: Period) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select 1 from digest_periods where digest_id = :digest and last_day = :last and first_day = :first",
    )?;
    let bound = named_params! {":digest": digest.0, ":last": period.last.0, ":first": period.first.0};
    Ok(question.exists(bound)?)
}

/// Finds the last period that was sent, with the time.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_last(connection: &Connection, digest: DigestId) -> Result<Option<(Period, Timestamp)>> {
    let mut question = connection.prepare_cached(
        "select first_day, last_day, sent_at from digest_periods where digest_id = :digest
         order by last_day desc, first_day desc limit 1",
    )?;
    let mut rows = question.query_map([digest.0], |row| {
        Ok((Period { first: Day(row.get(0)?), last: Day(row.get(1)?) }, Timestamp(row.get(2)?)))
    })?;
    Ok(rows.next().transpose()?)
}

/// Returns true if a period was sent later than [`limits::CLOCK_AHEAD_MAX`] from now: by a clock that was ahead.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has_future(connection: &Connection, now: Timestamp) -> Result<bool> {
    let mut question = connection.prepare_cached("select 1 from digest_periods where sent_at > :latest")?;
    Ok(question.exists([now.after(limits::CLOCK_AHEAD_MAX).0])?)
}

/// Forgets the periods that a clock sent that was ahead: some were not over, and come again.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_future(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let latest = now.after(limits::CLOCK_AHEAD_MAX);
    transaction.execute("delete from digest_periods where sent_at > :latest", [latest.0])?;
    Ok(())
}

/// Records that the letter about a period was written. Later periods are forgotten: a clock that was ahead wrote about
/// them, and they come again. So are old ones beyond [`limits::DIGEST_PERIODS_KEPT`].
///
/// # Errors
/// Fails when the data file cannot be written, also when the period was sent already.
pub fn create(transaction: &Transaction<'_>, digest: DigestId, period: Period, at: Timestamp) -> Result<()> {
    transaction.execute(
        "delete from digest_periods where digest_id = :digest and last_day > :last",
        named_params! {":digest": digest.0, ":last": period.last.0},
    )?;
    transaction.execute(
        "insert into digest_periods (digest_id, last_day, first_day, sent_at) values (:digest, :last, :first, :at)",
        named_params! {
            ":digest": digest.0, ":last": period.last.0, ":first": period.first.0, ":at": at.0,
        },
    )?;
    transaction.execute(
        "delete from digest_periods
         where digest_id = :digest and last_day < (
           select last_day from digest_periods where digest_id = :digest
           order by last_day desc limit 1 offset :kept)",
        named_params! {":digest": digest.0, ":kept": limits::DIGEST_PERIODS_KEPT},
    )?;
    Ok(())
}
