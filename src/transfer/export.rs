//! The export of a whole site to a file, as one snapshot.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::reports::filters_naming_goal;
use crate::store::site_export::{self, Head, LinkRecord, Record, SegmentRecord};
use crate::store::sites;
use rusqlite::Connection;
use serde::Serialize;
use std::io::Write;
use std::time::Duration;

/// Writes a site's lines and returns their number, without the first and the last. Every 1,000 visits `progress` gets
/// their number so far.
///
/// # Errors
///
/// Fails with `Error::Setup` when the file cannot be written, with `Error::Missing` when there is no such site, and
/// when the data file cannot be read.
pub fn write(
    connection: &Connection,
    site: SiteId,
    with_keys: bool,
    now: Timestamp,
    to: &mut dyn Write,
    progress: &dyn Fn(u64),
) -> Result<u64> {
    let snapshot = connection.unchecked_transaction()?;
    let zone = sites::get(&snapshot, site)?.zone;
    put(to, &Head::load(&snapshot, site, with_keys, now)?)?;
    let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
    let salts_since = with_keys.then(|| zone.day(now.before(longest)));
    let mut visits = 0_u64;
    let lines = site_export::read(&snapshot, site, salts_since, |record| {
        visits += u64::from(matches!(record, Record::Visit(_)));
        if visits.is_multiple_of(1_000) {
            progress(visits);
        }
        match record {
            Record::Segment(segment) => {
                let conditions = filters_naming_goal::with_codes(&snapshot, site, &segment.conditions)?;
                put(to, &Record::Segment(SegmentRecord { conditions, ..segment.clone() }))
            }
            Record::Link(link) => {
                let coded = |text: &String| filters_naming_goal::with_codes(&snapshot, site, text);
                let segment = link.segment.as_ref().map(coded).transpose()?;
                put(to, &Record::Link(Box::new(LinkRecord { segment, ..(**link).clone() })))
            }
            record => put(to, record),
        }
    })?;
    put(to, &Record::End { lines })?;
    to.flush().map_err(|error| cannot(&error))?;
    Ok(lines)
}

fn put(to: &mut dyn Write, line: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec(line).map_err(|error| Error::Internal(error.to_string()))?;
    text.push(b'\n');
    to.write_all(&text).map_err(|error| cannot(&error))
}

fn cannot(error: &std::io::Error) -> Error {
    Error::Setup(format!("The file can't be written ({error})."))
}
