//! Visits by the time at which they began, for those who look often and at little: read from the rows, without columns of days.

use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::{SiteId, VisitId};
use crate::store::rollups;
use crate::store::sites::Site;
use rusqlite::{Connection, named_params};
use std::time::Duration;

/// Returns the number of visits of a site that began between two times, the second one excluded.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_begun(connection: &Connection, site: SiteId, from: Timestamp, until: Timestamp) -> Result<i64> {
    let mut statement = connection.prepare_cached(
        "select count(*) from visits where site_id = :site and id >= :from and id < :until",
    )?;
    let bound = named_params! {
        ":site": site.0, ":from": VisitId::first_at(from).0, ":until": VisitId::first_at(until).0,
    };
    Ok(statement.query_row(bound, |row| row.get(0))?)
}

/// Returns the time of a site's last hit, as far as it matters whether that is `quiet_for` ago: of a site with a newer visit, the
/// time at which its newest visit began. `None` for a site without visits.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn last_hit(
    connection: &Connection,
    site: SiteId,
    now: Timestamp,
    quiet_for: Duration,
) -> Result<Option<Timestamp>> {
    // A clock that was ahead may have left later visits.
    let end = VisitId::first_at(now.after(limits::CLOCK_AHEAD_MAX)).0;
    let mut newest =
        connection.prepare_cached("select max(id) from visits where site_id = :site and id < :end")?;
    let newest: Option<i64> =
        newest.query_row(named_params! {":site": site.0, ":end": end}, |row| row.get(0))?;
    let Some(newest) = newest.map(|id| VisitId(id).began()) else { return Ok(None) };
    if now.since(newest) < quiet_for {
        return Ok(Some(newest));
    }
    let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
    let mut last = connection.prepare_cached(
        "select max((id >> 20) + stay) from visits where site_id = :site and id >= :from and id < :end",
    )?;
    let from = VisitId::first_at(newest.before(longest)).0;
    let last: Option<i64> =
        last.query_row(named_params! {":site": site.0, ":from": from, ":end": end}, |row| row.get(0))?;
    Ok(last.map(Timestamp))
}

/// Returns the first day on which a site was measured, in its time zone; `None` for a site without visits.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn first_day(connection: &Connection, site: &Site) -> Result<Option<Day>> {
    let mut statement = connection.prepare_cached("select min(id) from visits where site_id = :site")?;
    let oldest: Option<i64> = statement.query_row([site.id.0], |row| row.get(0))?;
    let kept = oldest.map(|id| site.zone.day(VisitId(id).began()));
    let pruned = rollups::first_day(connection, site.id)?;
    Ok([kept, pruned].into_iter().flatten().min_by_key(|day| day.0))
}
