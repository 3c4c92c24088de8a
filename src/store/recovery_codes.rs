//! Recovery codes: one-time substitutes for the code of the authenticator app. Of a code only the hash is stored.

use crate::error::Result;
use crate::model::id::UserId;
use rusqlite::{Connection, Transaction, named_params};

/// Replaces all recovery codes of a user.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn replace(transaction: &Transaction<'_>, user: UserId, hashes: &[[u8; 32]]) -> Result<()> {
    transaction.execute("delete from recovery_codes where user_id = :user", [user.0])?;
    for hash in hashes {
        transaction.execute(
            "insert into recovery_codes (user_id, code_hash) values (:user, :hash)",
            named_params! {":user": user.0, ":hash": hash},
        )?;
    }
    Ok(())
}

/// Returns the number of codes left.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count(connection: &Connection, user: UserId) -> Result<i64> {
    let sql = "select count(*) from recovery_codes where user_id = :user";
    Ok(connection.query_row(sql, [user.0], |row| row.get(0))?)
}

/// Uses up a code; returns false when there is no such code.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn consume(transaction: &Transaction<'_>, user: UserId, hash: &[u8; 32]) -> Result<bool> {
    let taken = transaction.execute(
        "delete from recovery_codes where user_id = :user and code_hash = :hash",
        named_params! {":user": user.0, ":hash": hash},
    )?;
    Ok(taken > 0)
}
