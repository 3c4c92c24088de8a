//! The number of visits on each day of a range.

use super::aggregate::totals::ByDay;
use super::block_cache::VisitsPerDay;
use super::loader::BlockSource;
use super::predicate::Predicate;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::model::metrics::Measure;
use crate::reports::date_range::DateRange;
use crate::store::blocks;
use crate::store::sites::Site;
use rusqlite::named_params;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Returns the number of visits on each day of a range that has any. Reads no columns, and counts again only after
/// a visit came or went.
///
/// # Errors
/// Fails when there is no such site or the data file cannot be read.
pub fn visits_by_day(snapshot: &Snapshot<'_>, site: &Site, range: DateRange) -> Result<BTreeMap<Day, i64>> {
    // After a clock was ahead, the newest id stays the same while new visits have lower ids.
    let mut statement = snapshot.connection.prepare_cached(
        "select generation, ifnull((select max(id) from visits where site_id = sites.id), 0),
           ifnull((select max(id) from visits where site_id = sites.id and id < :end), 0)
         from sites where id = :site",
    )?;
    let end = VisitId::first_at(snapshot.now.after(Duration::from_millis(1)));
    let newest = statement.query_row(named_params! {":site": site.id.0, ":end": end.0}, |row| {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?])
    })?;
    let is_same = |known: &Arc<VisitsPerDay>| {
        known.range == range && known.newest == newest && known.zone == site.zone.name()
    };
    if let Some(known) = snapshot.loader.cache.visits_per_day.get(&site.id).filter(is_same) {
        return Ok(known.visits.clone());
    }
    let visits = count_by_day(snapshot, site, range)?;
    let counts = VisitsPerDay { range, zone: site.zone.name().to_owned(), newest, visits: visits.clone() };
    snapshot.loader.cache.visits_per_day.insert(site.id, Arc::new(counts));
    Ok(visits)
}

fn count_by_day(snapshot: &Snapshot<'_>, site: &Site, range: DateRange) -> Result<BTreeMap<Day, i64>> {
    let mut days = ByDay::default();
    snapshot.run_rollups(site, range, &Predicate::everything(), &mut [&mut days])?;
    let mut visits: BTreeMap<Day, i64> =
        days.0.into_iter().map(|(day, metrics)| (day, metrics[Measure::Visits])).collect();
    let Some(known) = snapshot.known(site, range)? else { return Ok(visits) };
    let dropping = snapshot.dropping(site)?;
    for source in snapshot.loader.sources(site, known)? {
        let found: Vec<(Day, i64)> = match &source {
            BlockSource::Sealed(_, days) => {
                days.iter().map(|sums| (sums.day, sums.metrics[Measure::Visits])).collect()
            }
            BlockSource::Built(day) if dropping.is_some_and(|dropping| dropping.contains(*day)) => Vec::new(),
            // For a day that is viewed, updating the columns is faster than counting the visits.
            BlockSource::Built(day) => {
                let count = if let Some(block) = snapshot.loader.live.find(site, *day)? {
                    i64::try_from(block.visits()).unwrap_or(i64::MAX)
                } else {
                    let one = DateRange { first: *day, last: *day }.visits(&site.zone);
                    blocks::count_visits(snapshot.connection, site.id, &one)?
                };
                vec![(*day, count)]
            }
        };
        for (day, count) in found.into_iter().filter(|(day, count)| known.contains(*day) && *count > 0) {
            *visits.entry(day).or_default() += count;
        }
    }
    Ok(visits)
}
