//! The step to version 8: sealed columns are found by an index.

use crate::error::Result;
use rusqlite::Transaction;

/// Brings a file from the previous version to this one. The columns themselves stay as they are.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "create table blocks_8 (
           site_id integer not null,
           part integer not null,
           first_day integer not null,
           seal integer not null,
           data blob not null,
           primary key (site_id, part, first_day, seal)
         ) strict;
         insert into blocks_8 (site_id, part, first_day, seal, data)
         select site_id, part, first_day, seal, data from blocks order by site_id, part, first_day, seal;
         drop table blocks;
         alter table blocks_8 rename to blocks;",
    )?)
}
