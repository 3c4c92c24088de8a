//! A whole site as lines of JSON, and back: everything that makes its reports. Texts stand as they are rather than as
//! labels, ids as strings (63 bits do not fit every reader's numbers). The first line is the head, the last one counts
//! the others. Who may see the site, and what was done to it, belongs to an appliance's people and stays there.

mod day_state;
mod header;
mod label_maps;
mod lines;
mod outcome;
mod records;
mod visits;

pub use header::{BrandRecord, Head, SiteSettings, is_head};
pub use label_maps::LabelTextCache;
pub use lines::ImportedLines;
pub use outcome::{ImportOutcome, LEFT_OUT};
pub use records::{
    Filtered, Imported, LinkRecord, OtherHostRecord, Record, SaltRecord, SampleRecord, SegmentRecord, Total,
};
pub use visits::{TEXTS, VisitRecord};

use crate::error::Result;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, VisitId};
use crate::store::retention;
use day_state::Calendar;
use label_maps::LabelMap;
use outcome::VISITS_HERE;
use rusqlite::{Connection, Transaction};
use std::collections::HashSet;

/// Reads a site line by line: passes each record on; returns their number. With secrets, the salts from a day
/// on are included; the keys under which open visits are found by their addresses are not.
pub fn read(
    connection: &Connection,
    site: SiteId,
    salts_since: Option<Day>,
    mut give: impl FnMut(&Record) -> Result<()>,
) -> Result<u64> {
    let (mut texts, mut count, mut next) = (LabelTextCache::default(), 0, VisitId(0));
    let dropping = retention::state(connection, site)?.dropping;
    // Their totals stand already.
    let is_dropped = |visit: VisitId| dropping.as_ref().is_some_and(|dropping| dropping.contains(&visit));
    let mut give = |record: &Record| {
        count += 1;
        give(record)
    };
    loop {
        let visits = visits::list(connection, site, next, &mut texts)?;
        let Some(last) = visits.last() else { break };
        next = VisitId(last.id()?.0 + 1);
        for visit in visits {
            if !is_dropped(visit.id()?) {
                give(&Record::Visit(Box::new(visit)))?;
            }
        }
    }
    records::read(connection, site, salts_since, &mut texts, &mut give)?;
    Ok(count)
}

/// Writes one record of a site; one that is there already stays as it is, or takes the place of what it goes further
/// than.
pub fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &Record,
    state: &mut ImportState<'_>,
) -> Result<ImportOutcome> {
    let ImportState { labels, calendar, lines: room } = state;
    match record {
        Record::Visit(visit) => visits::write(tx, site, visit, labels, calendar),
        Record::Lines(lines) => lines::write(tx, site, lines, room),
        Record::Total(total) if !calendar.has_room_for_totals(tx, site, total.day())? => {
            Ok(ImportOutcome::LeftOut(VISITS_HERE.0))
        }
        other => records::write(tx, site, other, labels),
    }
}

/// What is remembered from one record to the next.
pub struct ImportState<'a> {
    labels: LabelMap,
    calendar: Calendar<'a>,
    lines: lines::Room,
}

impl<'a> ImportState<'a> {
    /// For a site in this zone and a file that has visits of these days, which is read now.
    pub fn new(zone: Zone, days: &'a HashSet<Day>, now: Timestamp) -> Self {
        Self {
            labels: LabelMap::default(),
            calendar: Calendar::new(zone, days),
            lines: lines::Room::new(now),
        }
    }

    /// Drops what is remembered of the data file: another process may have changed it.
    pub fn forget(&mut self) {
        self.labels.forget();
        self.calendar.forget();
    }
}
