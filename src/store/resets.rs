//! Links that set a new password. A token itself is never stored, only its hash; each holds for an hour and once.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{Token, UserId};
use crate::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Keeps a new link. Those of the same person that are one too many, and all that ran out, go.
pub fn create(transaction: &Transaction<'_>, user: UserId, token: &Token, at: Timestamp) -> Result<()> {
    delete_old(transaction, at)?;
    transaction.execute(
        "delete from resets
         where user_id = :user and token_hash not in (
           select token_hash from resets where user_id = :user order by created_at desc limit :others)",
        named_params! {":user": user.0, ":others": limits::RESETS_PER_USER_MAX - 1},
    )?;
    transaction.execute(
        "insert into resets (token_hash, user_id, created_at) values (:hash, :user, :at)",
        named_params! {":hash": token.hash(), ":user": user.0, ":at": at.0},
    )?;
    Ok(())
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
