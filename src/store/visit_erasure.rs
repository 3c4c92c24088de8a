//! Erasure of visits with everything that belongs to them, and the sweep of the labels that deleted visits leave.

use super::site_deletion::deleting_for_good;
use super::visit_tables;
use super::{annotations, blocks};
use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Connection, Transaction, named_params};
use std::ops::Range;

/// Deletes visits of a site with everything that belongs to them, and the annotations of visitors who have none left.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn erase(tx: &Transaction<'_>, site: SiteId, visits: &[VisitId]) -> Result<()> {
    let ranges: Vec<Range<VisitId>> = visits.iter().map(|visit| *visit..VisitId(visit.0 + 1)).collect();
    deleting_for_good(tx, || {
        visit_tables::delete_visits(tx, site, visits)?;
        annotations::delete_of_absent_visitors(tx, site)?;
        ranges.iter().try_for_each(|visits| blocks::unseal(tx, site, visits))?;
        note_unswept(tx, site)
    })
}

/// Marks a site's current edition as unswept: deleted visits may have left labels without use.
pub(super) fn note_unswept(tx: &Transaction<'_>, site: SiteId) -> Result<()> {
    tx.prepare_cached("update sites set swept = min(swept, generation - 1) where id = :site")?
        .execute([site.0])?;
    Ok(())
}

/// Lists the sites with deleted visits whose labels were not swept yet, each with its edition.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_unswept(connection: &Connection) -> Result<Vec<(SiteId, i64)>> {
    let mut question =
        connection.prepare_cached("select id, generation from sites where swept < generation")?;
    let rows = question.query_map([], |row| Ok((SiteId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns true if nothing of the deleted visits is left, neither labels nor log frames.
///
/// # Errors
/// Fails when there is no such site or the data file cannot be read.
pub fn is_swept(connection: &Connection, site: SiteId) -> Result<bool> {
    let mut question = connection.prepare_cached("select swept >= generation from sites where id = :site")?;
    Ok(question.query_row([site.0], |row| row.get(0))?)
}

/// Records that labels left over by these editions are deleted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_swept(tx: &Transaction<'_>, editions: &[(SiteId, i64)]) -> Result<()> {
    let mut statement =
        tx.prepare_cached("update sites set swept = :edition where id = :site and swept < :edition")?;
    for (site, edition) in editions {
        statement.execute(named_params! {":edition": edition, ":site": site.0})?;
    }
    Ok(())
}
