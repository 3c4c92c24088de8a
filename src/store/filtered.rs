//! Hits that were refused or left out, counted by site, day and reason.

use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use rusqlite::{Connection, Transaction, named_params};

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
pub struct FilteredSample {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The path of the page, without its query.
    pub page: Option<String>,
    /// The robot's name, or browser and system.
    pub agent: String,
    /// The domain that it claims to come from.
    pub referrer: Option<String>,
}

/// Stores a sample unless its day has `most` of this reason already; false if there was no room.
pub fn add_sample(
    tx: &Transaction<'_>,
    site: SiteId,
    day: Day,
    reason: &str,
    sample: &FilteredSample,
    most: usize,
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
    Ok(kept > 0)
}

/// True if a site has samples of days before this one.
pub fn has_samples_before(connection: &Connection, site: SiteId, day: Day) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select exists (select 1 from filtered_samples where site_id = :site and day < :day)",
    )?;
    Ok(question.query_row(named_params! {":site": site.0, ":day": day.0}, |row| row.get(0))?)
}

/// Deletes the samples of a site's days before this one.
pub fn delete_samples_before(tx: &Transaction<'_>, site: SiteId, day: Day) -> Result<()> {
    tx.prepare_cached("delete from filtered_samples where site_id = :site and day < :day")?
        .execute(named_params! {":site": site.0, ":day": day.0})?;
    Ok(())
}
