//! Recent links and searches are found by an index, hits that were left out are kept as samples, and addresses may
//! have names.

use crate::error::Result;
use rusqlite::Transaction;

/// Brings a file of the version before to this one.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "create index visits_by_referrer on visits (site_id, referrer, id, medium) where referrer is not null;
         create index visits_by_search on visits (site_id, search_terms, id) where search_terms is not null;
         create table filtered_samples (
           site_id integer not null,
           day integer not null,
           reason text not null,
           number integer not null,
           at integer not null,
           page text,
           agent text,
           referrer text,
           primary key (site_id, day, reason, number)
         ) strict, without rowid;
         alter table visits add column hostname integer;",
    )?)
}
