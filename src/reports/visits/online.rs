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
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::results::reading::Reading;
use crate::reports::visibility::Visibility;
use crate::store::labels;
use crate::store::sites::Site;
use crate::store::visit_attribute::VisitAttribute;
use rusqlite::named_params;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

const LONGEST_VISIT: Duration = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());

/// Calls `count` with each visible visit that is online, in blocks with these parts.
fn each(
    visible: &VisibleVisits<'_>,
    parts: &[ColumnPart],
    mut count: impl FnMut(&Block, usize),
) -> Result<()> {
    let (snapshot, site) = (visible.snapshot, visible.site);
    let now = snapshot.now;
    let days = DateRange { first: site.zone.day(now.before(LONGEST_VISIT)), last: site.zone.day(now) };
    let Some(days) = snapshot.known(site, days)? else { return Ok(()) };
    let since = now.before(limits::ONLINE).0;
    let end = end(snapshot);
    let parts = [parts, &[ColumnPart::Ids, ColumnPart::SECONDS]].concat();
    for day in days.each() {
        let (block, rows) = snapshot.day(site, day, &parts)?;
        for row in alive_since(&block, rows, since) {
            let visit = block.ids().get(row);
            if visit < end && visible.has(visit)? {
                count(&block, row);
            }
        }
    }
    Ok(())
}

/// Returns the rows of the visits whose last action or ping came after a time.
fn alive_since(block: &Block, rows: std::ops::Range<usize>, since: i64) -> Vec<usize> {
    let ids = block.ids();
    let (stays, unit) = match block.numbers(ColumnPart::Durations) {
        stays if stays.len() > 0 => (stays, 1),
        _ => (block.numbers(ColumnPart::SECONDS), 1_000),
    };
    // Of possibly a million rows only a few match.
    of_any_width!(&ids.began, |began| of_any_width!(stays, |stay| {
        let is_alive = |row: &usize| ids.base + (began(*row) + stay(*row) * unit).cast_signed() > since;
        rows.filter(is_alive).collect()
    }))
}

/// Returns the first visit id too far in the future to be online, as left by a clock that was ahead.
fn end(snapshot: &Snapshot<'_>) -> VisitId {
    VisitId::first_at(snapshot.now.after(limits::CLOCK_AHEAD_MAX))
}

/// Returns the number of all visits of a site that are online. Without cached columns of the day the rows are queried,
/// which is faster than building them.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_all(snapshot: &Snapshot<'_>, site: &Site) -> Result<i64> {
    if snapshot.loader.live.find(site, site.zone.day(snapshot.now))?.is_none() {
        let mut statement = snapshot.connection.prepare_cached(
            "select count(*) from visits
             where site_id = :site and id >= :first and id < :end and (id >> 20) + stay > :since",
        )?;
        let bound = named_params! {
            ":site": site.id.0,
            ":first": VisitId::first_at(snapshot.now.before(LONGEST_VISIT)).0,
            ":end": end(snapshot).0, ":since": snapshot.now.before(limits::ONLINE).0,
        };
        return Ok(statement.query_row(bound, |row| row.get(0))?);
    }
    let everything = Visibility::everything();
    count(&VisibleVisits::new(snapshot, site, &everything, &[])?)
}

/// Returns the number of visible visits that are online.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn count(visible: &VisibleVisits<'_>) -> Result<i64> {
    let mut count = 0;
    each(visible, &[], |_, _| count += 1)?;
    Ok(count)
}

/// Returns the ten pages with most visits online, each with their number.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn pages(visible: &VisibleVisits<'_>) -> Result<Vec<(String, i64)>> {
    let pages = by(visible, VisitAttribute::Exit)?;
    let named = pages.into_iter().filter(|(page, _)| *page != 0).map(|(page, count)| {
        Ok((labels::text(visible.connection(), page.cast_signed())?.unwrap_or_default(), count))
    });
    let mut pages = named.collect::<Result<Vec<_>>>()?;
    let reading = |page: &String| Reading::parse(page_url::shown(page, &visible.site.domain), page);
    pages.sort_by_cached_key(|(page, count)| (Reverse(*count), reading(page)));
    pages.truncate(10);
    Ok(pages)
}

/// Returns the channels of visits online by their codes, each with the number of visits, the highest first.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn sources(visible: &VisibleVisits<'_>) -> Result<Vec<(i64, i64)>> {
    let sources = by(visible, VisitAttribute::Channel)?.into_iter();
    let mut sources: Vec<_> = sources.map(|(medium, count)| (medium.cast_signed(), count)).collect();
    sources.sort_by_key(|(medium, count)| (Reverse(*count), Channel::from_code(*medium).map(Channel::title)));
    Ok(sources)
}

fn by(visible: &VisibleVisits<'_>, property: VisitAttribute) -> Result<HashMap<u64, i64>> {
    let mut found: HashMap<u64, i64> = HashMap::new();
    let column = ColumnId::Property(property);
    each(visible, &[ColumnPart::Dictionary(column), ColumnPart::Codes(column)], |block, row| {
        *found.entry(block.dictionary(column).keys.get(block.codes(column).place(row))).or_default() += 1;
    })?;
    Ok(found)
}
