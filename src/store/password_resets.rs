//! Password reset links. Of a token only the hash is stored; each works once within an hour.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{Token, UserId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Creates a link, and deletes expired ones.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, user: UserId, token: &Token, at: Timestamp) -> Result<()> {
    delete_old(transaction, at)?;
    transaction.execute(
        "insert into password_resets (token_hash, user_id, created_at) values (:hash, :user, :at)",
        named_params! {":hash": token.hash(), ":user": user.0, ":at": at.0},
    )?;
    Ok(())
}

/// Returns true if a user has [`limits::RESETS_PER_USER_MAX`] valid links: another one must neither end the first,
/// which the user may be about to follow, nor fill the mailbox.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn are_enough(connection: &Connection, user: UserId, now: Timestamp) -> Result<bool> {
    let count: i64 = connection.query_row(
        "select count(*) from password_resets where user_id = :user and created_at > :oldest",
        named_params! {":user": user.0, ":oldest": now.before(limits::RESET_LASTS).0},
        |row| row.get(0),
    )?;
    Ok(count >= limits::RESETS_PER_USER_MAX)
}

/// Returns the user whose password a valid link sets; `None` for a disabled user.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<UserId>> {
    let mut question = connection.prepare_cached(
        "select password_resets.user_id
         from password_resets
         join users on users.id = password_resets.user_id
         where password_resets.token_hash = :hash and password_resets.created_at > :oldest and users.disabled_at is null",
    )?;
    let bound = named_params! {":hash": token.hash(), ":oldest": now.before(limits::RESET_LASTS).0};
    Ok(question.query_row(bound, |row| Ok(UserId(row.get(0)?))).optional()?)
}

/// Deletes every link of a user.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_all(transaction: &Transaction<'_>, user: UserId) -> Result<()> {
    transaction.execute("delete from password_resets where user_id = :user", [user.0])?;
    Ok(())
}

/// Deletes expired links.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    transaction.execute(
        "delete from password_resets where created_at <= :oldest",
        [now.before(limits::RESET_LASTS).0],
    )?;
    Ok(())
}
