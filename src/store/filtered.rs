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

/// What is kept of a hit that was left out: nothing that tells of a person.
pub struct Sample {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The path of the page, without its query.
    pub page: Option<String>,
    /// The robot's name, or browser and system.
    pub agent: String,
    /// The domain that it claims to come from.
    pub referrer: Option<String>,
}

/// Keeps a sample unless its day has `most` of this reason already; says whether there was room. Samples that are
/// older than `days` go.
pub fn add_sample(
    tx: &Transaction<'_>,
    (site, day, reason): (SiteId, Day, &str),
    sample: &Sample,
    (most, days): (usize, i32),
) -> Result<bool> {
    let mut statement = tx.prepare_cached(
        "insert into filtered_samples (site_id, day, reason, number, at, page, agent, referrer)
         select :site, :day, :reason, coalesce(max(number), 0) + 1, :at, :page, :agent, :referrer
         from filtered_samples
         where site_id = :site and day = :day and reason = :reason
         having count(*) < :most",
    )?;
    let kept = statement.execute(named_params! {
        ":site": site.0, ":day": day.0, ":reason": reason, ":at": sample.at, ":page": sample.page,
        ":agent": sample.agent, ":referrer": sample.referrer,
        ":most": i64::try_from(most).unwrap_or(i64::MAX),
    })?;
    tx.prepare_cached("delete from filtered_samples where site_id = :site and day < :oldest")?
        .execute(named_params! {":site": site.0, ":oldest": day.plus(-days).0})?;
    Ok(kept > 0)
}
