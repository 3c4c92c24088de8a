//! Known devices: browsers in which a user has signed in, recognised by the hash of a token that the browser keeps
//! after signing out. A known device gives no access; it only has sign-in attempts of its own, so that other people's
//! wrong guesses do not lock its user out.

use super::sign_ins::Browser;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{Token, UserId};
use rusqlite::{Connection, Transaction, named_params};

/// A known device, as its user sees it in a list.
#[derive(Clone, Debug)]
pub struct KnownDevice {
    /// The hash of its token, which identifies the device and gives no access.
    pub hash: [u8; 32],
    /// The time of the user's last sign-in there.
    pub seen_at: Timestamp,
    /// The `User-Agent` header of the last sign-in.
    pub agent: String,
    /// The IP address of the last sign-in.
    pub address: String,
}

/// Records the browser of a sign-in that has just succeeded, under a new token. The token that the browser had before
/// ends for every user who signs in there, so that a copy of it is worthless. Beyond the limit, a user's devices that
/// were unused for longest are deleted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn remember(
    transaction: &Transaction<'_>,
    user: UserId,
    held: Option<&Token>,
    token: &Token,
    browser: &Browser<'_>,
    at: Timestamp,
) -> Result<()> {
    delete_old(transaction, at)?;
    if let Some(held) = held {
        transaction.execute(
            "update devices set token_hash = :hash where token_hash = :held",
            named_params! {":hash": token.hash(), ":held": held.hash()},
        )?;
    }
    transaction.execute(
        "insert into devices (token_hash, user_id, seen_at, agent, address)
         values (:hash, :user, :at, :agent, :address)
         on conflict (token_hash, user_id)
         do update set seen_at = excluded.seen_at, agent = excluded.agent, address = excluded.address",
        named_params! {
            ":hash": token.hash(), ":user": user.0, ":at": at.0,
            ":agent": browser.agent, ":address": browser.address,
        },
    )?;
    transaction.execute(
        "delete from devices
         where user_id = :user and token_hash in (
           select token_hash
           from devices
           where user_id = :user
           order by seen_at desc, token_hash
           limit -1 offset :most
         )",
        named_params! {":user": user.0, ":most": limits::DEVICES_PER_USER_MAX},
    )?;
    Ok(())
}

/// Returns true if a token belongs to a device in which this user has signed in within the last year.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn is_known(connection: &Connection, token: &Token, user: UserId, now: Timestamp) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select 1 from devices where token_hash = :hash and user_id = :user and seen_at > :oldest",
    )?;
    let oldest = now.before(limits::DEVICE_LASTS).0;
    Ok(question.exists(named_params! {":hash": token.hash(), ":user": user.0, ":oldest": oldest})?)
}

/// Lists the known devices of a user, the last used first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, user: UserId, now: Timestamp) -> Result<Vec<KnownDevice>> {
    let mut question = connection.prepare_cached(
        "select token_hash, seen_at, agent, address
         from devices
         where user_id = :user and seen_at > :oldest
         order by seen_at desc, token_hash",
    )?;
    let bound = named_params! {":user": user.0, ":oldest": now.before(limits::DEVICE_LASTS).0};
    let rows = question.query_map(bound, |row| {
        Ok(KnownDevice {
            hash: row.get(0)?,
            seen_at: Timestamp(row.get(1)?),
            agent: row.get(2)?,
            address: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Deletes one device of a user.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_one(transaction: &Transaction<'_>, user: UserId, hash: &[u8; 32]) -> Result<()> {
    transaction.execute(
        "delete from devices where user_id = :user and token_hash = :hash",
        named_params! {":user": user.0, ":hash": hash},
    )?;
    Ok(())
}

/// Deletes every device of a user except the one with this token.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_others(transaction: &Transaction<'_>, user: UserId, kept: Option<&Token>) -> Result<()> {
    let Some(kept) = kept else { return delete_all(transaction, user) };
    transaction.execute(
        "delete from devices where user_id = :user and token_hash <> :kept",
        named_params! {":user": user.0, ":kept": kept.hash()},
    )?;
    Ok(())
}

/// Deletes every device of a user.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_all(transaction: &Transaction<'_>, user: UserId) -> Result<()> {
    transaction.execute("delete from devices where user_id = :user", [user.0])?;
    Ok(())
}

/// Deletes the devices without a sign-in for a year.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    transaction
        .execute("delete from devices where seen_at <= :oldest", [now.before(limits::DEVICE_LASTS).0])?;
    Ok(())
}
