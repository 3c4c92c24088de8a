//! Links that set a new password. A token itself is never stored, only its hash; each holds for an hour and once.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{Token, UserId};
use crate::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Keeps a new link, and drops those that ran out.
pub fn create(transaction: &Transaction<'_>, user: UserId, token: &Token, at: Timestamp) -> Result<()> {
    delete_old(transaction, at)?;
    transaction.execute(
        "insert into resets (token_hash, user_id, created_at) values (:hash, :user, :at)",
        named_params! {":hash": token.hash(), ":user": user.0, ":at": at.0},
    )?;
    Ok(())
}

/// Whether a person has as many links that hold as they may have: a further one must neither end the first, which they
/// may be about to follow, nor fill their mailbox.
pub fn are_enough(connection: &Connection, user: UserId, now: Timestamp) -> Result<bool> {
    let count: i64 = connection.query_row(
        "select count(*) from resets where user_id = :user and created_at > :oldest",
        named_params! {":user": user.0, ":oldest": now.before(limits::RESET_LASTS).0},
        |row| row.get(0),
    )?;
    Ok(count >= limits::RESETS_PER_USER_MAX)
}

/// Whose password a link sets, as long as it holds.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<UserId>> {
    let mut question = connection.prepare_cached(
        "select resets.user_id
         from resets
         join users on users.id = resets.user_id
         where resets.token_hash = :hash and resets.created_at > :oldest and users.disabled_at is null",
    )?;
    let bound = named_params! {":hash": token.hash(), ":oldest": now.before(limits::RESET_LASTS).0};
    Ok(question.query_row(bound, |row| Ok(UserId(row.get(0)?))).optional()?)
}

/// Ends every link of a person.
pub fn delete_all(transaction: &Transaction<'_>, user: UserId) -> Result<()> {
    transaction.execute("delete from resets where user_id = :user", [user.0])?;
    Ok(())
}

/// Drops links that ran out.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    transaction
        .execute("delete from resets where created_at <= :oldest", [now.before(limits::RESET_LASTS).0])?;
    Ok(())
}
