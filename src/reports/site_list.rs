//! What the list of sites says of each.

use super::range::Range;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::SiteId;
use crate::store::sites::Site;
use rusqlite::{Connection, named_params};

/// Visits that began today, in the site's zone.
pub fn visits_today(connection: &Connection, site: &Site, now: Timestamp) -> Result<i64> {
    let today = site.zone.day(now);
    let visits = Range { first: today, last: today }.visits(&site.zone);
    let mut question = connection.prepare_cached(
        "select count(*) from visits
         where site_id = :site and id >= :first and id < :end",
    )?;
    Ok(question.query_row(
        named_params! {":site": site.id.0, ":first": visits.start.0, ":end": visits.end.0},
        |row| row.get(0),
    )?)
}

/// Whether a site ever had a visit.
pub fn has_visits(connection: &Connection, site: SiteId) -> Result<bool> {
    let mut question =
        connection.prepare_cached("select exists (select 1 from visits where site_id = :site)")?;
    Ok(question.query_row([site.0], |row| row.get(0))?)
}
