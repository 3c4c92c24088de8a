//! Disabled accounts: they cannot sign in, and their sites keep counting.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::UserId;
use crate::store::users;
use rusqlite::Transaction;

/// Disables an account, which ends all its sign-ins.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn disable(tx: &Transaction<'_>, user: UserId, now: Timestamp) -> Result<()> {
    users::disable(tx, user, now)
}

/// Enables an account again.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn enable(tx: &Transaction<'_>, user: UserId) -> Result<()> {
    users::enable(tx, user)
}
