//! How the days of a site stand that an exported one is added to: a day counts once, by its visits or by the totals that
//! were left of them when they were dropped.

use crate::error::Result;
use crate::model::clock::{Day, Zone};
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Transaction, named_params};
use std::collections::{HashMap, HashSet};

/// Remembers which days have totals, or visits.
pub(super) struct Calendar<'a> {
    zone: Zone,
    of_file: &'a HashSet<Day>,
    totals: HashMap<Day, bool>,
}

impl<'a> Calendar<'a> {
    /// Of a site in this zone; the file has visits of these days.
    pub fn new(zone: Zone, of_file: &'a HashSet<Day>) -> Self {
        Self { zone, of_file, totals: HashMap::new() }
    }

    /// Drops what is remembered: another process may have dropped visits.
    pub fn forget(&mut self) {
        self.totals.clear();
    }

    /// Whether a visit that is not here would count twice: that of its day which was dropped is in the totals.
    pub fn is_counted(&mut self, tx: &Transaction<'_>, site: SiteId, visit: VisitId) -> Result<bool> {
        self.has_totals(tx, site, self.zone.day(visit.began()))
    }

    /// Whether the totals of a day may be written: there are some already, or no visits whose they could be. Visits of
    /// the file itself came after those that were dropped.
    pub fn has_room_for_totals(&mut self, tx: &Transaction<'_>, site: SiteId, day: Day) -> Result<bool> {
        if self.of_file.contains(&day) || self.has_totals(tx, site, day)? {
            return Ok(true);
        }
        let mut question = tx.prepare_cached(
            "select exists (select 1 from visits where site_id = :site and id >= :first and id < :end)",
        )?;
        let edge = |day: Day| VisitId::first_at(self.zone.start(day)).0;
        let bound = named_params! {":site": site.0, ":first": edge(day), ":end": edge(day.plus(1))};
        Ok(!question.query_row(bound, |row| row.get::<_, bool>(0))?)
    }

    fn has_totals(&mut self, tx: &Transaction<'_>, site: SiteId, day: Day) -> Result<bool> {
        if let Some(has) = self.totals.get(&day) {
            return Ok(*has);
        }
        let mut question = tx.prepare_cached(
            "select exists (select 1 from rollups where site_id = :site and dimension = 'all' and day = :day)",
        )?;
        let has = question.query_row(named_params! {":site": site.0, ":day": day.0}, |row| row.get(0))?;
        self.totals.insert(day, has);
        Ok(has)
    }
}
