//! The report of filtered hits: hits that were not counted, or whose new texts were not stored, by reason and
//! day, with samples that tell nothing of a person.

use super::comparison::Comparison;
use super::date_range::DateRange;
use super::engine::snapshot::Snapshot;
use super::results::reading::Reading;
use crate::error::Result;
use crate::ingest::drop_reason::DropReason;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::SiteId;
use crate::store::sites::Site;
use rusqlite::{Connection, named_params};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The filtered hits of a range.
#[derive(Clone, Debug, Default)]
pub struct FilteredHits {
    /// The reasons, most hits first; also those of the comparison period alone.
    pub reasons: Vec<ByReason>,
    /// The days of the range that are compared: those that are over, since hits are counted by the day.
    pub compared: Option<DateRange>,
    /// The comparison period.
    pub earlier: Option<DateRange>,
}

/// The filtered hits of one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByReason {
    /// The reason's name, as in the response header.
    pub reason: String,
    /// The hits of each day that has any.
    pub days: BTreeMap<Day, i64>,
    /// The hits of the comparison period, by the corresponding day of the range.
    pub before: BTreeMap<Day, i64>,
    /// Samples, newest first.
    pub samples: Vec<Sample>,
}

impl ByReason {
    /// Returns the number of hits.
    pub fn count(&self) -> i64 {
        self.days.values().sum()
    }

    /// Returns true if the hits were counted, and only a text of theirs was not stored.
    pub fn is_counted(&self) -> bool {
        DropReason::from_name(&self.reason).is_some_and(DropReason::is_counted)
    }

    /// Returns true if goals were counted without the revenue that was sent with them.
    pub fn is_without_revenue(&self) -> bool {
        DropReason::from_name(&self.reason).is_some_and(DropReason::is_revenue)
    }
}

impl FilteredHits {
    /// Returns the number of hits that were not counted.
    pub fn count(&self) -> i64 {
        self.reasons.iter().filter(|reason| !reason.is_counted()).map(ByReason::count).sum()
    }

    /// Returns the hits of a reason on the days that are compared, and those of the comparison period.
    pub fn compared(&self, reason: &ByReason) -> Option<(i64, i64)> {
        let range = self.compared?;
        Some((
            reason.days.range(range.first..=range.last).map(|(_, count)| count).sum(),
            reason.before.values().sum(),
        ))
    }

    /// Sums [`Self::compared`] over all hits that were not counted; `None` without a comparison.
    pub fn compared_all(&self) -> Option<(i64, i64)> {
        let uncounted = self.reasons.iter().filter(|reason| !reason.is_counted());
        let all = uncounted.map(|reason| self.compared(reason));
        all.collect::<Option<Vec<_>>>()
            .filter(|all| !all.is_empty())
            .map(|all| all.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)))
    }
}

/// A sample of a filtered hit, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The time of the hit.
    pub at: Timestamp,
    /// The path of the page, without its query.
    pub page: Option<String>,
    /// The name of the robot, or browser and system.
    pub agent: Option<String>,
    /// The domain of the referring page, as the hit gave it.
    pub referrer: Option<String>,
}

/// Returns the filtered hits of a range, compared if there is a comparison, with up to `samples_max` samples of each
/// reason.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(
    snapshot: &Snapshot<'_>,
    site: &Site,
    range: DateRange,
    comparison: Option<Comparison>,
    samples_max: usize,
) -> Result<FilteredHits> {
    let mut reasons: BTreeMap<String, ByReason> = BTreeMap::new();
    each(snapshot.connection, site.id, range, |reason, day, count| {
        reasons.entry(reason).or_default().days.insert(day, count);
    })?;
    let over = DateRange { last: range.last.min(site.zone.day(snapshot.now).plus(-1)), ..range };
    let earlier = comparison.filter(|_| over.first <= over.last).map(|comparison| {
        let whole = comparison.period(range);
        // As far as the range is over; a month before may have other days than this one.
        let is_over = over == range;
        DateRange {
            last: if is_over { whole.last } else { whole.last.min(whole.first.plus(over.days() - 1)) },
            ..whole
        }
    });
    if let Some(earlier) = earlier {
        each(snapshot.connection, site.id, earlier, |reason, day, count| {
            let beside = range.first.plus(day.0 - earlier.first.0);
            reasons.entry(reason).or_default().before.insert(beside, count);
        })?;
    }
    let reasons = reasons.into_iter().map(|(reason, found)| {
        let samples = samples(snapshot.connection, site.id, range, &reason, samples_max)?;
        Ok(ByReason { reason, samples, ..found })
    });
    let mut reasons = reasons.collect::<Result<Vec<_>>>()?;
    let title =
        |reason: &str| DropReason::from_name(reason).map_or("", |known| known.explained().0).to_owned();
    let reading = |reason: &str| Reading::parse(title(reason), reason);
    reasons.sort_by_cached_key(|reason| (Reverse(reason.count()), reading(&reason.reason)));
    Ok(FilteredHits { reasons, compared: earlier.map(|_| over), earlier })
}

/// Calls `visit` with the hits of every reason on every day of a range.
fn each(
    connection: &Connection,
    site: SiteId,
    range: DateRange,
    mut visit: impl FnMut(String, Day, i64),
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "select reason, day, count
         from filtered
         where site_id = :site and day >= :first and day <= :last
         order by reason, day",
    )?;
    let bound = named_params! {":site": site.0, ":first": range.first.0, ":last": range.last.0};
    let mut rows = statement.query(bound)?;
    while let Some(row) = rows.next()? {
        visit(row.get(0)?, Day(row.get(1)?), row.get(2)?);
    }
    Ok(())
}

fn samples(
    connection: &Connection,
    site: SiteId,
    range: DateRange,
    reason: &str,
    most: usize,
) -> Result<Vec<Sample>> {
    let mut statement = connection.prepare_cached(
        "select at, page, agent, referrer
         from filtered_samples
         where site_id = :site and reason = :reason and day >= :first and day <= :last
         order by at desc, number desc
         limit :most",
    )?;
    let bound = named_params! {
        ":site": site.0, ":reason": reason, ":first": range.first.0, ":last": range.last.0,
        ":most": i64::try_from(most).unwrap_or(i64::MAX),
    };
    let rows = statement.query_map(bound, |row| {
        Ok(Sample {
            at: Timestamp(row.get(0)?),
            page: row.get(1)?,
            agent: row.get(2)?,
            referrer: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
