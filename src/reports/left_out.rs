//! What was filtered: hits that were not counted, by reason and day, with samples that tell nothing of a person.

use super::range::Range;
use crate::clock::{Day, Timestamp};
use crate::error::Result;
use crate::id::SiteId;
use rusqlite::{Connection, named_params};
use std::collections::BTreeMap;

/// One reason over a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The reason's name, as the header of the answer said it.
    pub reason: String,
    /// How many hits.
    pub count: i64,
    /// By day; days without any are not there.
    pub days: BTreeMap<Day, i64>,
    /// Some of them, newest first.
    pub samples: Vec<Sample>,
}

/// One hit that was left out, without anything personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// The path of the page, without its query.
    pub page: Option<String>,
    /// What it came with: the name of the robot, or browser and system.
    pub agent: Option<String>,
    /// The domain that it claims to come from.
    pub referrer: Option<String>,
}

/// Every reason of a range, most hits first.
pub fn list(connection: &Connection, site: SiteId, range: Range, samples_max: usize) -> Result<Vec<LeftOut>> {
    let mut question = connection.prepare_cached(
        "select reason, day, count
         from filtered
         where site_id = :site and day >= :first and day <= :last
         order by reason, day",
    )?;
    let bound = named_params! {":site": site.0, ":first": range.first.0, ":last": range.last.0};
    let mut rows = question.query(bound)?;
    let mut reasons: Vec<LeftOut> = Vec::new();
    while let Some(row) = rows.next()? {
        let (reason, day, count): (String, i32, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if reasons.last().is_none_or(|last| last.reason != reason) {
            let samples = samples(connection, site, range, (&reason, samples_max))?;
            reasons.push(LeftOut { reason, count: 0, days: BTreeMap::new(), samples });
        }
        if let Some(last) = reasons.last_mut() {
            last.count += count;
            last.days.insert(Day(day), count);
        }
    }
    reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
    Ok(reasons)
}

fn samples(
    connection: &Connection,
    site: SiteId,
    range: Range,
    (reason, most): (&str, usize),
) -> Result<Vec<Sample>> {
    let mut question = connection.prepare_cached(
        "select at, page, agent, referrer
         from filtered_samples
         where site_id = :site and reason = :reason and day >= :first and day <= :last
         order by day desc, number desc
         limit :most",
    )?;
    let bound = named_params! {
        ":site": site.0, ":reason": reason, ":first": range.first.0, ":last": range.last.0,
        ":most": i64::try_from(most).unwrap_or(i64::MAX),
    };
    let rows = question.query_map(bound, |row| {
        Ok(Sample {
            at: Timestamp(row.get(0)?),
            page: row.get(1)?,
            agent: row.get(2)?,
            referrer: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
