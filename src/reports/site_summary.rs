//! The summary of a site in the list of sites.

use super::date_range::DateRange;
use super::engine::snapshot::Snapshot;
use super::engine::visits_by_day::visits_by_day;
use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId};
use crate::store::rollups;
use crate::store::sites::Site;
use rusqlite::Connection;

/// The number of days in a sparkline.
const SPARK_DAYS: i32 = 14;

/// Returns the visits of each of the last 14 days, today last.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn spark(reader: &Snapshot<'_>, site: &Site) -> Result<Vec<i64>> {
    let today = site.zone.day(reader.now);
    let range = DateRange { first: today.plus(1 - SPARK_DAYS), last: today };
    let visits = visits_by_day(reader, site, range)?;
    Ok(range.each().map(|day| visits.get(&day).copied().unwrap_or(0)).collect())
}

/// Returns the time at which a site's newest visit began.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_visit(connection: &Connection, site: SiteId) -> Result<Option<Timestamp>> {
    let mut question = connection.prepare_cached("select max(id) from visits where site_id = :site")?;
    let id: Option<i64> = question.query_row([site.0], |row| row.get(0))?;
    Ok(id.map(|id| VisitId(id).began()))
}

/// Returns true if a site ever had a visit, including pruned ones.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has_visits(connection: &Connection, site: SiteId) -> Result<bool> {
    if rollups::exist(connection, site)? {
        return Ok(true);
    }
    let mut question =
        connection.prepare_cached("select exists (select 1 from visits where site_id = :site)")?;
    Ok(question.query_row([site.0], |row| row.get(0))?)
}
