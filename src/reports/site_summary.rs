//! The summary of a site in the list of sites.

use super::data_reader::DataReader;
use super::date_range::DateRange;
use super::query::{Query, Wants};
use super::visibility::Visibility;
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
pub fn spark(reader: &DataReader<'_>, site: &Site) -> Result<Vec<i64>> {
    let today = site.zone.day(reader.now);
    let range = DateRange { first: today.plus(1 - SPARK_DAYS), last: today };
    let query = Query::new(site.clone(), range, Visibility::everything());
    let visits = reader.run(&query.with(Wants { visits_by_day: true, ..Wants::default() }))?.visits_by_day;
    Ok(range.each().map(|day| visits.get(&day).copied().unwrap_or(0)).collect())
}

/// Returns the number of all visitors of a site that are online.
///
/// # Errors
/// Fails when the data cannot be read.
pub fn online(reader: &DataReader<'_>, site: &Site) -> Result<i64> {
    let query = Query::today(site.clone(), reader.now, Visibility::everything());
    Ok(reader.run(&query.with(Wants { online: true, ..Wants::default() }))?.online.unwrap_or(0))
}

/// Returns the time at which a site's newest visit began.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_visit(connection: &Connection, site: SiteId) -> Result<Option<Timestamp>> {
    let mut statement = connection.prepare_cached("select max(id) from visits where site_id = :site")?;
    let id: Option<i64> = statement.query_row([site.0], |row| row.get(0))?;
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
    let mut statement =
        connection.prepare_cached("select exists (select 1 from visits where site_id = :site)")?;
    Ok(statement.query_row([site.0], |row| row.get(0))?)
}
