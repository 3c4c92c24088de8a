//! The keys of full IP addresses that are stored with visits, by which open visits are found again. Even without its
//! salt a key tells which visits of a day came from one address, so it is deleted with the salt. No report reads keys,
//! so deleting them leaves days sealed.

use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Returns true if visits of a site that began before `end` may have keys.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn is_due(connection: &Connection, site: SiteId, end: VisitId) -> Result<bool> {
    let Some(since) = since(connection, site)? else { return Ok(false) };
    let mut question = connection.prepare_cached(
        "select exists (select 1 from visits where site_id = :site and id >= :since and id < :end)",
    )?;
    let bound = named_params! {":site": site.0, ":since": since.0, ":end": end.0};
    // After the clock was set back, visits may begin again in the span that was already searched.
    Ok(since > end || question.query_row(bound, |row| row.get(0))?)
}

/// Returns the first visit of a site that may still have a key; `None` when the site is gone.
fn since(connection: &Connection, site: SiteId) -> Result<Option<VisitId>> {
    let mut question = connection.prepare_cached("select address_keys_since from sites where id = :site")?;
    Ok(question.query_row([site.0], |row| row.get(0)).optional()?.map(VisitId))
}

/// Deletes the keys of the oldest visits that may have some: of at most `visits_max` visits that began before `end`.
/// Returns the number of keys deleted, and true if visits are left.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn forget_slice(
    transaction: &Transaction<'_>,
    site: SiteId,
    end: VisitId,
    visits_max: usize,
) -> Result<(usize, bool)> {
    let Some(since) = since(transaction, site)? else { return Ok((0, false)) };
    let mut question = transaction.prepare_cached(
        "select id from visits where site_id = :site and id >= :since and id < :end order by id limit 1 offset :most",
    )?;
    let bound = named_params! {
        ":site": site.0, ":since": since.0, ":end": end.0,
        ":most": i64::try_from(visits_max).unwrap_or(i64::MAX),
    };
    let next: Option<i64> = question.query_row(bound, |row| row.get(0)).optional()?;
    let until = next.unwrap_or(end.0);
    let forgotten = transaction
        .prepare_cached(
            "update visits set address_key = null
             where site_id = :site and id >= :since and id < :until and address_key is not null",
        )?
        .execute(named_params! {":site": site.0, ":since": since.0, ":until": until})?;
    // The mark also moves back, after a clock that was ahead.
    transaction
        .prepare_cached("update sites set address_keys_since = :until where id = :site")?
        .execute(named_params! {":site": site.0, ":until": until})?;
    Ok((forgotten, next.is_some()))
}
