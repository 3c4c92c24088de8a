//! Visitors online: visits with an action or ping in the last five minutes.

use super::visible_visits::VisibleVisits;
use crate::error::Result;
use crate::ingest::page_url;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::id::VisitId;
use crate::reports::columns::block::Block;
use crate::reports::columns::packed_ints::of_any_width;
use crate::reports::columns::{ColumnId, ColumnPart};
use crate::reports::date_range::DateRange;
use crate::reports::dimension::Property;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::results::reading::Reading;
use crate::reports::visibility::Visibility;
use crate::store::labels;
use crate::store::sites::Site;
use rusqlite::named_params;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

const LONGEST_VISIT: Duration = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());

/// Calls `see` with each visible visit that is online, in blocks with these parts.
fn each(shown: &VisibleVisits<'_>, parts: &[ColumnPart], mut see: impl FnMut(&Block, usize)) -> Result<()> {
    let (reader, site) = (shown.reader, shown.site);
    let now = reader.now;
    let days = DateRange { first: site.zone.day(now.before(LONGEST_VISIT)), last: site.zone.day(now) };
    let Some(days) = reader.known(site, days)? else { return Ok(()) };
    let since = now.before(limits::ONLINE).0;
    let end = end(reader);
    let parts = [parts, &[ColumnPart::Ids, ColumnPart::Seconds]].concat();
    for day in days.each() {
        let (stretch, rows) = reader.day(site, day, &parts)?;
        for row in alive_since(&stretch, rows, since) {
            let visit = stretch.ids().get(row);
            if visit < end && shown.has(visit)? {
                see(&stretch, row);
            }
        }
    }
    Ok(())
}

/// Returns the rows of the visits whose last action or ping came after a time.
fn alive_since(stretch: &Block, rows: std::ops::Range<usize>, since: i64) -> Vec<usize> {
    let ids = stretch.ids();
    let (stays, unit) = match stretch.numbers(ColumnPart::Stays) {
        stays if stays.len() > 0 => (stays, 1),
        _ => (stretch.numbers(ColumnPart::Seconds), 1_000),
    };
    // Of possibly a million rows only a few match.
    of_any_width!(&ids.began, |began| of_any_width!(stays, |stay| {
        let is_alive = |row: &usize| ids.base + (began(*row) + stay(*row) * unit).cast_signed() > since;
        rows.filter(is_alive).collect()
    }))
}

/// Returns the first visit id too far in the future to be online, as left by a clock that was ahead.
fn end(reader: &Snapshot<'_>) -> VisitId {
    VisitId::first_at(reader.now.after(limits::CLOCK_AHEAD_MAX))
}

/// Returns the number of all visits of a site that are online. Without cached columns of the day the rows are queried,
/// which is faster than building them.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_all(reader: &Snapshot<'_>, site: &Site) -> Result<i64> {
    if reader.loader.live.find(site, site.zone.day(reader.now))?.is_none() {
        let mut question = reader.connection.prepare_cached(
            "select count(*) from visits
             where site_id = :site and id >= :first and id < :end and (id >> 20) + stay > :since",
        )?;
        let bound = named_params! {
            ":site": site.id.0,
            ":first": VisitId::first_at(reader.now.before(LONGEST_VISIT)).0,
            ":end": end(reader).0, ":since": reader.now.before(limits::ONLINE).0,
        };
        return Ok(question.query_row(bound, |row| row.get(0))?);
    }
    let everything = Visibility::everything();
    count(&VisibleVisits::new(reader, site, &everything, &[])?)
}

/// Returns the number of visible visits that are online.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn count(shown: &VisibleVisits<'_>) -> Result<i64> {
    let mut count = 0;
    each(shown, &[], |_, _| count += 1)?;
    Ok(count)
}

/// Returns the ten pages with most visits online, each with their number.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn pages(shown: &VisibleVisits<'_>) -> Result<Vec<(String, i64)>> {
    let pages = by(shown, Property::Exit)?;
    let named = pages.into_iter().filter(|(page, _)| *page != 0).map(|(page, count)| {
        Ok((labels::text(shown.connection(), page.cast_signed())?.unwrap_or_default(), count))
    });
    let mut pages = named.collect::<Result<Vec<_>>>()?;
    let reading = |page: &String| Reading::parse(page_url::shown(page, &shown.site.domain), page);
    pages.sort_by_cached_key(|(page, count)| (Reverse(*count), reading(page)));
    pages.truncate(10);
    Ok(pages)
}

/// Returns the channels of visits online by their codes, each with the number of visits, the highest first.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn sources(shown: &VisibleVisits<'_>) -> Result<Vec<(i64, i64)>> {
    let sources = by(shown, Property::Medium)?.into_iter();
    let mut sources: Vec<_> = sources.map(|(medium, count)| (medium.cast_signed(), count)).collect();
    sources.sort_by_key(|(medium, count)| (Reverse(*count), Channel::from_code(*medium).map(Channel::title)));
    Ok(sources)
}

fn by(shown: &VisibleVisits<'_>, property: Property) -> Result<HashMap<u64, i64>> {
    let mut found: HashMap<u64, i64> = HashMap::new();
    let of = ColumnId::Property(property);
    each(shown, &[ColumnPart::Head(of), ColumnPart::Codes(of)], |stretch, row| {
        *found.entry(stretch.head(of).keys.get(stretch.codes(of).place(row))).or_default() += 1;
    })?;
    Ok(found)
}
