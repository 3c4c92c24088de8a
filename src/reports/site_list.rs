//! What the list of sites says of each.

use super::days::Reader;
use super::filter::Filter;
use super::questions::ByDay;
use super::range::Range;
use crate::error::Result;
use crate::id::SiteId;
use crate::store::sites::Site;
use rusqlite::Connection;

/// Days that a spark line shows.
const SPARK_DAYS: i32 = 14;

/// Visits of the last two weeks, day by day, today last.
pub fn spark(reader: &Reader<'_>, site: &Site) -> Result<Vec<i64>> {
    let today = site.zone.day(reader.now);
    let range = Range { first: today.plus(1 - SPARK_DAYS), last: today };
    let mut days = ByDay::default();
    reader.ask(site, range, &Filter::everything(), &mut [&mut days])?;
    Ok(range.each().map(|day| days.0.get(&day).map_or(0, |measures| measures.visits)).collect())
}

/// Whether a site ever had a visit.
pub fn has_visits(connection: &Connection, site: SiteId) -> Result<bool> {
    let mut question =
        connection.prepare_cached("select exists (select 1 from visits where site_id = :site)")?;
    Ok(question.query_row([site.0], |row| row.get(0))?)
}
