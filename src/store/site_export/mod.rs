//! Export of a whole site as lines of JSON, and its import: everything that its reports are made of. Texts are written in
//! full rather than as labels, and ids as strings, because 63 bits exceed the numbers of JavaScript. The first line is the
//! header, and the last one holds the number of the others. Shares, the audit log, alerts of single people, webhooks and e-mail reports
//! belong to the users of one installation and are not exported.

mod alert_records;
mod alerts;
mod day_state;
mod funnels;
mod goal_records;
mod goals;
mod header;
mod label_maps;
mod lines;
mod monitors;
mod outcome;
mod page_records;
mod page_use;
mod record_import;
mod records;
mod visit_import;
mod visits;

pub use alert_records::{AlertRecord, MonitorHoursRecord, MonitorRecord, OutageRecord};
pub use goal_records::{
    AnnotationRecord, CampaignCostRecord, CampaignLinkRecord, CampaignRuleRecord, Currencies, FunnelRecord,
    FunnelStepRecord, GoalRecord, VisitorNoteRecord,
};
pub use header::{BrandRecord, Head, SiteSettings, is_head};
pub use label_maps::LabelTextCache;
pub use lines::ImportedLines;
pub use outcome::{ImportOutcome, LEFT_OUT};
pub use records::{
    Filtered, Imported, LinkRecord, OtherHostRecord, Record, SaltRecord, SampleRecord, SegmentRecord, Total,
};
pub use visits::{VisitRecord, source_attributes, text_attributes};

use crate::error::Result;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, VisitId};
use crate::store::retention;
use day_state::Calendar;
use label_maps::LabelMap;
use outcome::VISITS_HERE;
use rusqlite::{Connection, Transaction};
use std::collections::HashSet;

/// Reads a site record by record, and passes each one on to `emit`. Returns their number. With `salts_since`, guest links,
/// hashes of imported lines and the salts from that day on are included; the address keys of open visits never are.
///
/// # Errors
/// Fails when the data file cannot be read, and with the errors of `emit`.
pub fn read(
    connection: &Connection,
    site: SiteId,
    salts_since: Option<Day>,
    mut emit: impl FnMut(&Record) -> Result<()>,
) -> Result<u64> {
    let (mut texts, mut count, mut next) = (LabelTextCache::default(), 0, VisitId(0));
    let dropping = retention::state(connection, site)?.dropping;
    // Their rollups are stored already.
    let is_dropped = |visit: VisitId| dropping.as_ref().is_some_and(|dropping| dropping.contains(&visit));
    let mut emit = |record: &Record| {
        count += 1;
        emit(record)
    };
    goals::read_goals(connection, site, &mut emit)?;
    loop {
        let visits = visits::list(connection, site, next, &mut texts)?;
        let Some(last) = visits.last() else { break };
        next = VisitId(last.id()?.0 + 1);
        for visit in visits {
            if !is_dropped(visit.id()?) {
                emit(&Record::Visit(Box::new(visit)))?;
            }
        }
    }
    funnels::read(connection, site, &mut emit)?;
    alerts::read(connection, site, &mut emit)?;
    monitors::read(connection, site, &mut emit)?;
    goals::read_others(connection, site, &mut texts, &mut emit)?;
    records::read(connection, site, salts_since, &mut texts, &mut emit)?;
    Ok(count)
}

/// Writes a record of a site. A record that exists already stays, unless it is a visit that continues in the file.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &Record,
    state: &mut ImportState<'_>,
) -> Result<ImportOutcome> {
    let ImportState { labels, calendar, lines: room, currencies, now } = state;
    match record {
        Record::Visit(visit) => visit_import::write(tx, site, visit, (labels, *currencies), calendar),
        Record::Goal(goal) => goals::write_goal(tx, site, goal, *currencies),
        Record::CampaignRule(rule) => goals::write_rule(tx, site, rule, *now),
        Record::CampaignCost(cost) => goals::write_cost(tx, site, cost, labels, *currencies),
        Record::Alert(alert) => alerts::write(tx, site, alert, *currencies, *now),
        Record::Monitor(monitor) => monitors::write(tx, site, monitor, *now),
        Record::MonitorHours(hours) => monitors::write_hours(tx, site, hours),
        Record::Outage(outage) => monitors::write_outage(tx, site, outage),
        Record::Lines(lines) => lines::write(tx, site, lines, room),
        Record::Total(total) if !calendar.has_room_for_rollups(tx, site, total.day())? => {
            Ok(ImportOutcome::LeftOut(VISITS_HERE.0))
        }
        other => record_import::write(tx, site, other, labels, *currencies),
    }
}

/// The state of an import from one record to the next.
pub struct ImportState<'a> {
    labels: LabelMap,
    calendar: Calendar<'a>,
    lines: lines::Room,
    currencies: Currencies,
    now: Timestamp,
}

impl<'a> ImportState<'a> {
    /// Creates the state for a site in a time zone, and a file that has visits of these days.
    pub fn new(zone: Zone, days: &'a HashSet<Day>, currencies: Currencies, now: Timestamp) -> Self {
        Self {
            labels: LabelMap::default(),
            calendar: Calendar::new(zone, days),
            lines: lines::Room::new(now),
            currencies,
            now,
        }
    }

    /// Forgets what was read from the data file: another process may have changed it.
    pub fn forget(&mut self) {
        self.labels.forget();
        self.calendar.forget();
    }
}
