//! The trusted clock: the last time at which the machine's clock was believed, and the correction of stored times that
//! lie in the future because the clock was ahead.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// The columns with times that begin a validity or a wait, and so cannot lie in the future.
const MOMENTS: [(&str, &str); 17] = [
    ("sign_ins", "created_at"),
    ("sign_ins", "seen_at"),
    ("devices", "seen_at"),
    ("password_resets", "created_at"),
    ("email_confirmations", "created_at"),
    ("invitations", "created_at"),
    ("link_passes", "created_at"),
    ("transfers", "created_at"),
    ("offer_letters", "at"),
    ("imports", "begun_at"),
    ("imported_lines", "seen_at"),
    ("sites", "admin_key_used_at"),
    ("key_uses", "used_at"),
    ("tokens", "created_at"),
    ("tokens", "used_at"),
    ("shares", "seen_at"),
    ("links", "opened_at"),
];

/// Returns the last time at which the clock was believed; `None` for a file that was never served.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection) -> Result<Option<Timestamp>> {
    let mut question = connection.prepare_cached("select trusted_at from trusted_clock where id = 1")?;
    Ok(question.query_row([], |row| row.get(0)).optional()?.map(Timestamp))
}

/// Stores the last time at which the clock was believed.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set(transaction: &Transaction<'_>, at: Timestamp) -> Result<()> {
    transaction.execute("insert or replace into trusted_clock (id, trusted_at) values (1, :at)", [at.0])?;
    Ok(())
}

/// Sets stored times in the future to now: otherwise sign-ins and links would stay valid for longer than they should.
/// Visits are left unchanged.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn bring_back_moments(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    for (table, column) in MOMENTS {
        let sql = format!("update {table} set {column} = :now where {column} > :end");
        let bound = named_params! {":now": now.0, ":end": now.after(limits::CLOCK_AHEAD_MAX).0};
        transaction.prepare_cached(&sql)?.execute(bound)?;
    }
    Ok(())
}
