//! Filtered hits: their numbers by site, day and reason, and samples of them.

use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use rusqlite::{Connection, Transaction, named_params};

/// Adds to the number of hits of a reason.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn add(transaction: &Transaction<'_>, site: SiteId, day: Day, reason: &str, count: i64) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into filtered (site_id, day, reason, count)
         values (:site, :day, :reason, :count)
         on conflict do update set count = count + excluded.count",
    )?;
    statement.execute(named_params! {":site": site.0, ":day": day.0, ":reason": reason, ":count": count})?;
    Ok(())
}

/// A sample of a filtered hit, without personal data.
pub struct FilteredSample {
    /// The time, in milliseconds since 1970.
    pub at: i64,
    /// The path of the page, without its query.
    pub page: Option<String>,
    /// The name of the bot, or the browser and system.
    pub agent: String,
    /// The domain of the referrer.
    pub referrer: Option<String>,
}

/// Stores a sample, unless its day has `most` samples of this reason already. Returns true if it was stored.
///
/// # Errors
/// Fails when the data file cannot be written.
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

/// Returns true if a site has samples of days before this one.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has_samples_before(connection: &Connection, site: SiteId, day: Day) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select exists (select 1 from filtered_samples where site_id = :site and day < :day)",
    )?;
    Ok(question.query_row(named_params! {":site": site.0, ":day": day.0}, |row| row.get(0))?)
}

/// Deletes the samples of a site's days before this one.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_samples_before(tx: &Transaction<'_>, site: SiteId, day: Day) -> Result<()> {
    tx.prepare_cached("delete from filtered_samples where site_id = :site and day < :day")?
        .execute(named_params! {":site": site.0, ":day": day.0})?;
    Ok(())
}
