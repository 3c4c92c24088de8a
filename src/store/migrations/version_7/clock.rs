//! The trusted clock, and the deletion of address keys with their salts: keys that are in the file from
//! before are looked for in the background, since a site may have tens of millions of visits.

use crate::error::Result;
use rusqlite::Transaction;

/// Brings a file from the previous version to this one.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "create table trusted_clock (
           id integer primary key check (id = 1),
           trusted_at integer not null
         ) strict;
         insert into trusted_clock (id, trusted_at)
         select 1, max(ran_at) from jobs having max(ran_at) is not null;
         alter table sites add column address_keys_since integer not null default 0;",
    )?)
}
