//! Retention of a site's visits and the deletion of older ones: a day in slices once its totals are stored. Data derived
//! from them (sealed days, caches) is deleted too.

use super::site_deletion::deleting_for_good;
use super::visit_erasure::note_unswept;
use super::visit_tables::{VISIT_TABLES, VisitTable};
use super::{annotations, blocks};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Connection, Transaction, named_params};
use std::ops::Range;

/// Returns the number of days for which a site keeps its visits; `None` for no limit, which also stands for a value out
/// of range.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn kept_days(connection: &Connection, site: SiteId) -> Result<Option<i64>> {
    let mut question = connection.prepare_cached("select visits_kept_days from sites where id = :site")?;
    let mut rows = question.query([site.0])?;
    let days: Option<i64> = rows.next()?.ok_or(Error::Missing("site"))?.get(0)?;
    Ok(days.filter(|days| (1..=limits::VISITS_KEPT_DAYS_MAX).contains(days)))
}

/// Sets the number of days for which a site keeps its visits.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn set_kept_days(transaction: &Transaction<'_>, site: SiteId, days: Option<i64>) -> Result<()> {
    let changed = transaction.execute(
        "update sites set visits_kept_days = :days where id = :site",
        named_params! {":days": days, ":site": site.0},
    )?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}

/// The state of a site's deletions that affects its readers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetentionState {
    /// The site's edition, which grows whenever visits are deleted.
    pub edition: i64,
    /// The range of visits that are being deleted. Their totals are stored, so their rows no longer count.
    pub dropping: Option<Range<VisitId>>,
}

/// Returns the state of a site's deletions.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn state(connection: &Connection, site: SiteId) -> Result<RetentionState> {
    let mut question = connection
        .prepare_cached("select generation, dropping_begins, dropping_ends from sites where id = :site")?;
    let mut rows = question.query([site.0])?;
    let Some(row) = rows.next()? else { return Ok(RetentionState::default()) };
    let edges = row.get::<_, Option<i64>>(1)?.zip(row.get(2)?);
    let dropping = edges.map(|(begins, ends)| VisitId(begins)..VisitId(ends));
    Ok(RetentionState { edition: row.get(0)?, dropping })
}

/// Returns a site's oldest visit outside the range that is being deleted.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn oldest_visit(connection: &Connection, site: SiteId) -> Result<Option<VisitId>> {
    let mut question = connection.prepare_cached(
        "select visits.id
         from visits
         join sites on sites.id = visits.site_id
         where visits.site_id = :site
           and (sites.dropping_ends is null or visits.id < sites.dropping_begins or visits.id >= sites.dropping_ends)
         order by visits.id
         limit 1",
    )?;
    let mut rows = question.query([site.0])?;
    Ok(rows.next()?.map(|row| row.get(0).map(VisitId)).transpose()?)
}

/// A fingerprint of a range of visits, compared to notice changes since they were counted: their number, highest id,
/// total stay and actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums([i64; 4]);

impl Sums {
    /// Computes the fingerprint of a range of visits.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn count(connection: &Connection, site: SiteId, visits: &Range<VisitId>) -> Result<Self> {
        let mut question = connection.prepare_cached(
            "select count(*), ifnull(max(id), 0), ifnull(sum(stay), 0), ifnull(sum(actions), 0)
             from visits
             where site_id = :site and id >= :first and id < :end",
        )?;
        let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
        let sums = question
            .query_row(bound, |row| Ok(Self([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])))?;
        Ok(sums)
    }

    /// Returns the number of visits.
    pub fn visits(self) -> i64 {
        self.0[0]
    }
}

/// Starts the deletion of a range of visits, which no longer count; their totals must be written in the same
/// transaction.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn begin_dropping(tx: &Transaction<'_>, site: SiteId, visits: &Range<VisitId>) -> Result<()> {
    tx.execute(
        "update sites set dropping_begins = :first, dropping_ends = :end where id = :site",
        named_params! {":first": visits.start.0, ":end": visits.end.0, ":site": site.0},
    )?;
    blocks::unseal(tx, site, visits)?;
    note_unswept(tx, site)
}

/// Deletes one slice of at most `rows_max` rows of the visits that are being deleted; returns false when none is left.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn drop_slice(tx: &Transaction<'_>, site: SiteId, rows_max: usize) -> Result<bool> {
    let Some(visits) = state(tx, site)?.dropping else { return Ok(false) };
    let deleted = deleting_for_good(tx, || {
        let mut deleted = 0;
        for VisitTable { name: table, visit_id: visit, key, .. } in VISIT_TABLES {
            let sql = format!(
                "delete from {table}
                 where ({key}) in (select {key} from {table}
                                   where site_id = :site and {visit} >= :first and {visit} < :end
                                   limit :rows)"
            );
            let bound = named_params! {
                ":site": site.0, ":first": visits.start.0, ":end": visits.end.0,
                ":rows": i64::try_from(rows_max - deleted).unwrap_or(i64::MAX),
            };
            deleted += tx.prepare_cached(&sql)?.execute(bound)?;
            if deleted >= rows_max {
                break;
            }
        }
        Ok(deleted)
    })?;
    if deleted >= rows_max {
        return Ok(true);
    }
    deleting_for_good(tx, || annotations::delete_of_absent_visitors(tx, site))?;
    tx.execute("update sites set dropping_begins = null, dropping_ends = null where id = :site", [site.0])?;
    // A sweep that ran meanwhile saw the visits that were still there.
    note_unswept(tx, site)?;
    Ok(false)
}
