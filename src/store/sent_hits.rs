//! Hits that programs sent with an id of their own, so that one that is sent again counts once. What is stored is the hash of
//! the id and the outcome, not the hit: the newest ones in runs, as they arrived, the others in a table by their hashes.

use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::SiteId;
use rusqlite::{OptionalExtension, Transaction, named_params};

/// A hit that was sent with an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Finds the outcome of the hit that was sent with the same id, at most [`limits::SENT_IDS_KEPT`] ago, unless it is in a
/// run.
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

/// Lists the hits of all runs, the oldest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_runs(transaction: &Transaction<'_>) -> Result<Vec<(SentHit, SentOutcome)>> {
    let mut question = transaction.prepare_cached("select site_id, hits from sent_runs order by id")?;
    let runs = question.query_map([], |row| Ok((SiteId(row.get(0)?), row.get::<_, Vec<u8>>(1)?)))?;
    let mut hits = Vec::new();
    for run in runs {
        let (site, bytes) = run?;
        hits.extend(read_run(site, &bytes));
    }
    Ok(hits)
}

/// Stores hits of one site as a run.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_run(
    transaction: &Transaction<'_>,
    site: SiteId,
    hits: &[(SentHit, SentOutcome)],
) -> Result<()> {
    let newest = hits.iter().map(|(hit, _)| hit.at.0).max().unwrap_or(0);
    transaction
        .prepare_cached("insert into sent_runs (site_id, sent_at, hits) values (:site, :at, :hits)")?
        .execute(named_params! {":site": site.0, ":at": newest, ":hits": write_run(hits)})?;
    Ok(())
}

/// Moves the hits of all runs, which these are, to their table. They go there in its order, so that each of its pages is
/// written once for many of them.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn merge_runs(transaction: &Transaction<'_>, mut hits: Vec<(SentHit, SentOutcome)>) -> Result<()> {
    hits.sort_unstable_by_key(|(hit, _)| (hit.site, day(hit.at), hit.id_hash));
    let mut statement = transaction.prepare_cached(
        "insert or replace into sent_hits (site_id, day, id_hash, sent_at, dropped)
         values (:site, :day, :hash, :at, :dropped)",
    )?;
    for (hit, outcome) in hits {
        statement.execute(named_params! {
            ":site": hit.site.0, ":day": day(hit.at).0, ":hash": hit.id_hash, ":at": hit.at.0,
            ":dropped": outcome.dropped,
        })?;
    }
    transaction.execute("delete from sent_runs", [])?;
    Ok(())
}

/// Encodes hits: for each the hash, the time, and the length and bytes of the reason.
fn write_run(hits: &[(SentHit, SentOutcome)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hits.len() * 17);
    for (hit, outcome) in hits {
        let reason = outcome.dropped.as_deref().unwrap_or_default();
        bytes.extend(hit.id_hash.to_le_bytes());
        bytes.extend(hit.at.0.to_le_bytes());
        bytes.push(u8::try_from(reason.len()).unwrap_or(0));
        bytes.extend(reason.bytes().take(reason.len().min(255)));
    }
    bytes
}

/// Decodes the hits of a run, as far as they can be read.
fn read_run(site: SiteId, mut bytes: &[u8]) -> Vec<(SentHit, SentOutcome)> {
    let mut hits = Vec::new();
    while let Some((hash, rest)) = bytes.split_first_chunk::<8>()
        && let Some((at, rest)) = rest.split_first_chunk::<8>()
        && let Some((length, rest)) = rest.split_first()
        && let Some((reason, rest)) = rest.split_at_checked(usize::from(*length))
    {
        let reason = String::from_utf8_lossy(reason).into_owned();
        let (id_hash, at) = (i64::from_le_bytes(*hash), Timestamp(i64::from_le_bytes(*at)));
        let dropped = (!reason.is_empty()).then_some(reason);
        hits.push((SentHit { site, id_hash, at }, SentOutcome { dropped }));
        bytes = rest;
    }
    hits
}

/// Deletes a slice of the ids that are not needed any more, and of those from days that have not begun: the clock was ahead.
/// Returns true if there may be more.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<bool> {
    let since = now.before(limits::SENT_IDS_KEPT);
    transaction.execute(
        "delete from sent_runs where sent_at < :since or sent_at > :end",
        named_params! {":since": since.0, ":end": now.after(limits::SENT_IDS_KEPT).0},
    )?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_run_is_read_back_as_it_was_written(
            hits in prop::collection::vec((any::<i64>(), any::<i64>(), prop::option::of("[a-z-]{1,40}")), 0..20),
            cut in 0..20_usize,
        ) {
            let site = SiteId(7);
            let hits: Vec<_> = hits
                .into_iter()
                .map(|(id_hash, at, dropped)| {
                    (SentHit { site, id_hash, at: Timestamp(at) }, SentOutcome { dropped })
                })
                .collect();
            let bytes = write_run(&hits);
            prop_assert_eq!(&read_run(site, &bytes), &hits);
            let whole = read_run(site, &bytes[..bytes.len().saturating_sub(cut)]);
            prop_assert_eq!(&whole[..], &hits[..whole.len()], "a cut run is read as far as it goes");
        }
    }
}
