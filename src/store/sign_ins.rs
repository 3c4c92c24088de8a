//! Browsers that are signed in. A token itself is never stored, only its hash.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{Token, UserId};
use crate::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Whose sign-in it is.
    pub user: UserId,
    /// The person's name.
    pub username: String,
    /// When the sign-in was last used, as far as it was written down.
    pub seen_at: Timestamp,
}

/// Where a sign-in comes from, for the person to recognise it by.
pub struct Browser<'a> {
    /// The user agent.
    pub agent: &'a str,
    /// The address.
    pub address: &'a str,
}

/// Keeps a new sign-in, and drops those of the same person that ran out.
pub fn create(
    transaction: &Transaction<'_>,
    user: UserId,
    token: &Token,
    browser: &Browser<'_>,
    at: Timestamp,
) -> Result<()> {
    delete_unused(transaction, at)?;
    transaction.execute(
        "insert into sign_ins (token_hash, user_id, created_at, seen_at, agent, address)
         values (:hash, :user, :at, :at, :agent, :address)",
        named_params! {
            ":hash": token.hash(), ":user": user.0, ":at": at.0,
            ":agent": browser.agent, ":address": browser.address,
        },
    )?;
    transaction.execute(
        "update users set signed_in_at = :at where id = :user",
        named_params! {":at": at.0, ":user": user.0},
    )?;
    Ok(())
}

/// Who holds this token, unless it ran out or the person is disabled.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<SignedIn>> {
    let mut question = connection.prepare_cached(
        "select users.id, users.username, sign_ins.seen_at
         from sign_ins
         join users on users.id = sign_ins.user_id
         where sign_ins.token_hash = :hash and users.disabled_at is null and sign_ins.seen_at > :oldest",
    )?;
    let oldest = now.before(limits::SIGN_IN_IDLE);
    let found = question.query_row(named_params! {":hash": token.hash(), ":oldest": oldest.0}, |row| {
        Ok(SignedIn { user: UserId(row.get(0)?), username: row.get(1)?, seen_at: Timestamp(row.get(2)?) })
    });
    Ok(found.optional()?)
}

/// Writes down that a sign-in is in use.
pub fn touch(transaction: &Transaction<'_>, token: &Token, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update sign_ins set seen_at = max(seen_at, :at) where token_hash = :hash",
        named_params! {":at": at.0, ":hash": token.hash()},
    )?;
    Ok(())
}

/// Ends one sign-in.
pub fn delete(transaction: &Transaction<'_>, token: &Token) -> Result<()> {
    transaction.execute("delete from sign_ins where token_hash = :hash", [token.hash()])?;
    Ok(())
}

/// Ends every sign-in of a person.
pub fn delete_all(transaction: &Transaction<'_>, user: UserId) -> Result<()> {
    transaction.execute("delete from sign_ins where user_id = :user", [user.0])?;
    Ok(())
}

/// Drops sign-ins that were not used for too long.
pub fn delete_unused(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let oldest = now.before(limits::SIGN_IN_IDLE);
    transaction.execute("delete from sign_ins where seen_at <= :oldest", [oldest.0])?;
    Ok(())
}
