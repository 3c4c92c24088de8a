//! The state of the days of a site into which an exported one is imported: a day counts once, by its visits or by the
//! rollups that replaced them when they were pruned.

use crate::error::Result;
use crate::model::clock::{Day, Zone};
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Transaction, named_params};
use std::collections::{HashMap, HashSet};

/// The days of a site that have rollups, as far as they were looked up.
pub(super) struct Calendar<'a> {
    zone: Zone,
    days_of_file: &'a HashSet<Day>,
    rollups: HashMap<Day, bool>,
}

impl<'a> Calendar<'a> {
    /// Creates the state for a site in a time zone, and a file that has visits of these days.
    pub fn new(zone: Zone, days_of_file: &'a HashSet<Day>) -> Self {
        Self { zone, days_of_file, rollups: HashMap::new() }
    }

    /// Forgets what was looked up: another process may have pruned visits.
    pub fn forget(&mut self) {
        self.rollups.clear();
    }

    /// Returns true if a visit that is not here is counted in the rollups of its day.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn is_counted(&mut self, tx: &Transaction<'_>, site: SiteId, visit: VisitId) -> Result<bool> {
        self.has_rollups(tx, site, self.zone.day(visit.began()))
    }

    /// Returns true if rollups of a day may be written: the day has some already, or no visits that they could count twice.
    /// Visits of the file itself came after those that were pruned.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn has_room_for_rollups(&mut self, tx: &Transaction<'_>, site: SiteId, day: Day) -> Result<bool> {
        if self.days_of_file.contains(&day) || self.has_rollups(tx, site, day)? {
            return Ok(true);
        }
        let mut question = tx.prepare_cached(
            "select exists (select 1 from visits where site_id = :site and id >= :first and id < :end)",
        )?;
        let edge = |day: Day| VisitId::first_at(self.zone.start(day)).0;
        let bound = named_params! {":site": site.0, ":first": edge(day), ":end": edge(day.plus(1))};
        Ok(!question.query_row(bound, |row| row.get::<_, bool>(0))?)
    }

    fn has_rollups(&mut self, tx: &Transaction<'_>, site: SiteId, day: Day) -> Result<bool> {
        if let Some(has) = self.rollups.get(&day) {
            return Ok(*has);
        }
        let mut question = tx.prepare_cached(
            "select exists (select 1 from rollups where site_id = :site and dimension = 'all' and day = :day)",
        )?;
        let has = question.query_row(named_params! {":site": site.0, ":day": day.0}, |row| row.get(0))?;
        self.rollups.insert(day, has);
        Ok(has)
    }
}
