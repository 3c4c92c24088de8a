//! Who is on a site right now: visits with a sign of life in the last five minutes.

use super::columns::{DayColumns, Property};
use super::days::Reader;
use super::range::Range;
use crate::error::Result;
use crate::id::VisitId;
use crate::limits;
use crate::store::labels;
use crate::store::sites::Site;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

const LONGEST_VISIT: Duration = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());

/// Runs through the visits that are online.
fn each(reader: &Reader<'_>, site: &Site, mut see: impl FnMut(&DayColumns, usize)) -> Result<()> {
    let now = reader.now;
    let days = Range { first: site.zone.day(now.before(LONGEST_VISIT)), last: site.zone.day(now) };
    let Some(days) = reader.known(site, days)? else { return Ok(()) };
    let since = now.before(limits::ONLINE).0;
    for day in days.each() {
        let day: Arc<DayColumns> = reader.day(site, day)?;
        for row in 0..day.visits.len() {
            let last_seen = VisitId(day.visits.ids[row]).began().0 + i64::from(day.visits.stays[row]);
            if last_seen > since {
                see(&day, row);
            }
        }
    }
    Ok(())
}

/// How many are online.
pub fn count(reader: &Reader<'_>, site: &Site) -> Result<i64> {
    let mut count = 0;
    each(reader, site, |_, _| count += 1)?;
    Ok(count)
}

/// The pages that most of those online see.
pub fn pages(reader: &Reader<'_>, site: &Site) -> Result<Vec<(String, i64)>> {
    let mut pages = by(reader, site, Property::Exit)?;
    pages.retain(|(page, _)| *page != 0);
    pages.truncate(10);
    let named = pages.into_iter().map(|(page, count)| {
        Ok((labels::text(reader.connection, page.cast_signed())?.unwrap_or_default(), count))
    });
    named.collect()
}

/// How those online came, by the code of the medium; most first.
pub fn sources(reader: &Reader<'_>, site: &Site) -> Result<Vec<(i64, i64)>> {
    let sources = by(reader, site, Property::Medium)?;
    Ok(sources.into_iter().map(|(medium, count)| (medium.cast_signed(), count)).collect())
}

fn by(reader: &Reader<'_>, site: &Site, property: Property) -> Result<Vec<(u64, i64)>> {
    let mut found: HashMap<u64, i64> = HashMap::new();
    each(reader, site, |day, row| *found.entry(day.visits.column(property).key(row)).or_default() += 1)?;
    let mut found: Vec<(u64, i64)> = found.into_iter().collect();
    found.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
    Ok(found)
}
