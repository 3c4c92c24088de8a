//! The retention of a site's visits: how long they are kept, and what pruning would delete.

use super::date_range::DateRange;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::SiteId;
use crate::store::imports;
use crate::store::retention::{self, Sums};
use crate::store::sites::Site;
use rusqlite::Connection;

/// Parses a retention in days; an empty text means no limit.
///
/// # Errors
/// Fails with [`Error::Invalid`] for another text, and outside 1 to [`limits::VISITS_KEPT_DAYS_MAX`].
pub fn parse_days(typed: &str) -> Result<Option<i64>> {
    let most = limits::VISITS_KEPT_DAYS_MAX;
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let days = typed.parse().ok().filter(|days| (1..=most).contains(days));
    days.map(Some).ok_or_else(|| {
        Error::invalid("days", format!("Enter a number of days from 1 to {most}, such as 365 for a year."))
    })
}

/// Returns a retention in words.
pub fn describe(days: Option<i64>) -> String {
    match days {
        None => "for good".into(),
        Some(1) => "for 1 day".into(),
        Some(days) => format!("for {days} days"),
    }
}

/// Returns the first day whose visits stay.
pub fn first_kept(site: &Site, kept_days: i64, now: Timestamp) -> Day {
    site.zone.day(now).plus(-i32::try_from(kept_days).unwrap_or(i32::MAX))
}

/// Returns the first day with visits before `first_kept` and the number of visits that would be pruned; `None` when
/// there are none.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn preview(connection: &Connection, site: &Site, first_kept: Day) -> Result<Option<(Day, i64)>> {
    let Some(oldest) = retention::oldest_visit(connection, site.id)? else { return Ok(None) };
    let first = site.zone.day(oldest.began());
    if first >= first_kept {
        return Ok(None);
    }
    let range = DateRange { first, last: first_kept.plus(-1) }.visits(&site.zone);
    Ok(Some((first, Sums::count(connection, site.id, &range)?.visits())))
}

/// Returns true if pruning must wait: an interrupted import of the site may still bring more visits of a day, which
/// could not be told from pruned ones.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn waits(connection: &Connection, site: SiteId, now: Timestamp) -> Result<bool> {
    let import = imports::find_unfinished_site(connection, site)?;
    Ok(import.is_some_and(|import| !now.has_passed(limits::IMPORT_WITHIN, import.begun_at)))
}
