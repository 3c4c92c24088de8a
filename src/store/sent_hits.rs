//! Hits that programs sent with an id of their own, so that one that is sent again counts once. A row holds the hash of the
//! id and the outcome, not the hit.

use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::SiteId;
use rusqlite::{OptionalExtension, Transaction, named_params};

/// A hit that was sent with an id.
#[derive(Clone, Copy, Debug)]
pub struct SentHit {
    /// The site.
    pub site: SiteId,
    /// The keyed hash of the id.
    pub id_hash: i64,
    /// The time of arrival.
    pub at: Timestamp,
}

/// The outcome of a hit that was sent before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentOutcome {
    /// The name of the reason why it was dropped; `None` if it was recorded.
    pub dropped: Option<String>,
}

/// Finds the outcome of the hit that was sent with the same id, at most [`limits::SENT_IDS_KEPT`] ago.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(transaction: &Transaction<'_>, hit: SentHit) -> Result<Option<SentOutcome>> {
    let mut question = transaction.prepare_cached(
        "select dropped from sent_hits
         where site_id = :site and day in (:today, :before) and id_hash = :hash and sent_at >= :since
         limit 1",
    )?;
    let today = day(hit.at);
    let bound = named_params! {
        ":site": hit.site.0, ":today": today.0, ":before": today.plus(-1).0, ":hash": hit.id_hash,
        ":since": hit.at.before(limits::SENT_IDS_KEPT).0,
    };
    Ok(question.query_row(bound, |row| Ok(SentOutcome { dropped: row.get(0)? })).optional()?)
}

/// Stores the outcome of a hit; `dropped` is the name of the reason if it was dropped.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, hit: SentHit, dropped: Option<&str>) -> Result<()> {
    transaction
        .prepare_cached(
            "insert or replace into sent_hits (site_id, day, id_hash, sent_at, dropped)
             values (:site, :day, :hash, :at, :dropped)",
        )?
        .execute(named_params! {
            ":site": hit.site.0, ":day": day(hit.at).0, ":hash": hit.id_hash, ":at": hit.at.0,
            ":dropped": dropped,
        })?;
    Ok(())
}

/// Deletes a slice of the ids that are not needed any more, and of those from days that have not begun: the clock was ahead.
/// Returns true if there may be more.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<bool> {
    // By site, since the day is the second part of the key.
    let mut sites = transaction.prepare_cached(
        "with recursive senders (site_id) as (
           select min(site_id) from sent_hits
           union all
           select (select min(site_id) from sent_hits where sent_hits.site_id > senders.site_id) from senders
           where senders.site_id is not null
         )
         select site_id from senders where site_id is not null",
    )?;
    let sites = sites.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    let today = day(now);
    for site in sites {
        for (days, end) in [("day <", today.plus(-1)), ("day >", today.plus(1))] {
            let sql = format!(
                "delete from sent_hits
                 where (site_id, day, id_hash) in (
                   select site_id, day, id_hash from sent_hits where site_id = :site and {days} :end limit {}
                 )",
                limits::DELETE_ROWS_PER_SLICE
            );
            let bound = named_params! {":site": site, ":end": end.0};
            if transaction.prepare_cached(&sql)?.execute(bound)? > 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn day(at: Timestamp) -> Day {
    Zone::utc().day(at)
}
