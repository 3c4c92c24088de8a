//! The last moment at which the machine's clock was believed, and moments that it wrote down before, when it was ahead.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Moments from which it is told how long something holds or waits, and which can't be to come.
const MOMENTS: [(&str, &str); 13] = [
    ("sign_ins", "created_at"),
    ("sign_ins", "seen_at"),
    ("devices", "seen_at"),
    ("resets", "created_at"),
    ("proofs", "created_at"),
    ("invitations", "created_at"),
    ("link_passes", "created_at"),
    ("transfers", "created_at"),
    ("offer_letters", "at"),
    ("imports", "begun_at"),
    ("sites", "admin_key_used_at"),
    ("shares", "seen_at"),
    ("links", "opened_at"),
];

/// The last moment at which it was; none in a file that nobody has served yet.
pub fn find(connection: &Connection) -> Result<Option<Timestamp>> {
    let mut question = connection.prepare_cached("select trusted_at from trusted_clock where id = 1")?;
    Ok(question.query_row([], |row| row.get(0)).optional()?.map(Timestamp))
}

/// Writes it down.
pub fn set(transaction: &Transaction<'_>, at: Timestamp) -> Result<()> {
    transaction.execute("insert or replace into trusted_clock (id, trusted_at) values (1, :at)", [at.0])?;
    Ok(())
}

/// Takes what a clock wrote down that was ahead for something of now: else sign-ins and links would hold for longer than they
/// should. Visits stay where they are.
pub fn bring_back_moments(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    for (table, column) in MOMENTS {
        let sql = format!("update {table} set {column} = :now where {column} > :end");
        let bound = named_params! {":now": now.0, ":end": now.after(limits::CLOCK_AHEAD_MAX).0};
        transaction.prepare_cached(&sql)?.execute(bound)?;
    }
    Ok(())
}
