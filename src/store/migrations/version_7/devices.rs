//! The table of known devices: browsers in which users have signed in.

use crate::error::Result;
use rusqlite::Transaction;

/// Makes the table of known devices; a signed-in browser becomes one at the next sign-in.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "create table devices (
           token_hash blob not null,
           user_id integer not null references users (id) on delete cascade,
           seen_at integer not null,
           agent text not null,
           address text not null,
           primary key (token_hash, user_id)
         ) strict, without rowid;
         create index devices_by_user on devices (user_id);",
    )?)
}
