//! Hits that were refused or left out, counted by site, day and reason.

use crate::clock::Day;
use crate::error::Result;
use crate::id::SiteId;
use rusqlite::{Transaction, named_params};

/// Adds to a counter.
pub fn add(transaction: &Transaction<'_>, site: SiteId, day: Day, reason: &str, count: i64) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into filtered (site_id, day, reason, count)
         values (:site, :day, :reason, :count)
         on conflict do update set count = count + excluded.count",
    )?;
    statement.execute(named_params! {":site": site.0, ":day": day.0, ":reason": reason, ":count": count})?;
    Ok(())
}
