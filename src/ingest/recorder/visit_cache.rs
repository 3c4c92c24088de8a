//! The cache of open visits. The data file holds those for which the cache has no room, so a restart splits no visit.

use super::address_cache::{AddressCache, AddressVisit};
use super::arrival::Arrival;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::store::visits::{self, OpenVisit};
use rusqlite::Transaction;
use std::collections::HashMap;
use std::time::Duration;

type VisitorKey = (SiteId, VisitorId);

/// The writer's cache of open visits.
#[derive(Default)]
pub struct VisitCache {
    // Clients choose some of the IDs; the hash is seeded at random for each table.
    by_visitor: foldhash::HashMap<VisitorKey, OpenVisit>,
    changed: foldhash::HashSet<VisitorKey>,
    /// The address keys in the file, of sites that got server-side hits.
    by_address: AddressCache,
    /// The address keys that the file must not hold. A restart forgets them.
    by_unstored_address: HashMap<(SiteId, i64), AddressVisit>,
    last_id: HashMap<SiteId, VisitId>,
}

/// Returns true if a visit goes on with a hit at this time.
pub fn is_open(visit: &OpenVisit, now: Timestamp) -> bool {
    let last_seen = Timestamp(visit.id.began().0 + visit.stay);
    now.since(last_seen) < limits::VISIT_IDLE && can_be_joined(visit, now)
}

/// Returns true if a program on the server may still add to a visit.
pub fn can_be_joined(visit: &OpenVisit, now: Timestamp) -> bool {
    now.since(visit.id.began()).as_secs() < limits::VISIT_HOURS_MAX.unsigned_abs() * 3_600
}

/// Returns the visit of a visitor that a hit at this time may belong to, given the newest one. A hit that is older than
/// that visit by more than clocks and queues explain belongs to an earlier one: imports have such hits.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn visit_at(
    tx: &Transaction<'_>,
    site: SiteId,
    newest: OpenVisit,
    now: Timestamp,
) -> Result<Option<OpenVisit>> {
    let latest = now.after(limits::VISIT_IDLE);
    if newest.id.began() < latest {
        return Ok(Some(newest));
    }
    visits::newest_visit_before(tx, site, newest.visitor, VisitId::first_at(latest))
}

impl VisitCache {
    /// Empties the cache.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Returns the newest visit of a visitor, open or not.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn newest(
        &mut self,
        tx: &Transaction<'_>,
        site: SiteId,
        visitor: VisitorId,
    ) -> Result<Option<OpenVisit>> {
        if let Some(visit) = self.by_visitor.get(&(site, visitor)) {
            return Ok(Some(visit.clone()));
        }
        let newest = visits::newest_visit(tx, site, visitor)?;
        if let Some(visit) = &newest {
            self.by_visitor.insert((site, visitor), visit.clone());
        }
        Ok(newest)
    }

    /// Finds a visit by its ID.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn find(&mut self, tx: &Transaction<'_>, site: SiteId, id: VisitId) -> Result<Option<OpenVisit>> {
        let Some(stored) = visits::find_visit(tx, site, id)? else { return Ok(None) };
        let cached = self.by_visitor.get(&(site, stored.visitor)).filter(|visit| visit.id == id);
        Ok(Some(cached.cloned().unwrap_or(stored)))
    }

    /// Returns the newest visit from the IP address of a hit, open or not.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn by_address(&mut self, arrival: &Arrival<'_>) -> Result<Option<OpenVisit>> {
        let Arrival { tx, hit, .. } = arrival;
        let (site, now) = (hit.site, hit.at);
        self.by_address.load(
            tx,
            site,
            VisitId::first_at(Timestamp(now.0 - limits::VISIT_HOURS_MAX * 3_600_000)),
        )?;
        let (known, unstored) = (&self.by_address, &self.by_unstored_address);
        let found = arrival
            .address_keys()
            .flat_map(|key| [known.get(site, key), unstored.get(&(site, key)).copied()])
            .flatten();
        // A visit in the future began while the clock was ahead.
        let end = VisitId::first_at(now.after(limits::CLOCK_AHEAD_MAX));
        let Some(newest) = found.filter(|newest| newest.visit < end).max() else { return Ok(None) };
        let cached = self.by_visitor.get(&(site, newest.visitor)).filter(|visit| visit.id == newest.visit);
        match cached {
            Some(visit) => Ok(Some(visit.clone())),
            None => self.find(tx, site, newest.visit),
        }
    }

    /// Returns an ID for a visit that begins now: higher than all of the site, even when the clock went back.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn next_id(&mut self, tx: &Transaction<'_>, site: SiteId, now: Timestamp) -> Result<VisitId> {
        let last = match self.last_id.get(&site) {
            Some(last) => *last,
            None => visits::last_id(tx, site)?.unwrap_or(VisitId(0)),
        };
        let id = VisitId::first_at(now).max(VisitId(last.0 + 1));
        if id.began().since(now) > limits::CLOCK_AHEAD_MAX {
            // The clock was far ahead before: visits get their real time again, with the next free number.
            let here =
                visits::last_id_before(tx, site, VisitId::first_at(now.after(Duration::from_millis(1))))?;
            return Ok(VisitId::first_at(now).max(VisitId(here.unwrap_or(VisitId(0)).0 + 1)));
        }
        self.last_id.insert(site, id);
        Ok(id)
    }

    /// Adds a visit that a hit began and that was just written. `is_key_stored` is true if the file holds its address key.
    /// A visit that follows a full one that a program named is found by its visitor, not by an address: the hit's own is
    /// the program's.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn opened(&mut self, arrival: &Arrival<'_>, visit: OpenVisit, is_key_stored: bool) -> Result<()> {
        let (tx, site) = (arrival.tx, arrival.hit.site);
        // No program adds to imported visits.
        if arrival.is_import() || arrival.names_visit() {
            return self.insert(tx, site, visit);
        }
        let address_key = arrival.site.hasher().address_key(arrival.hit.address);
        let newest = AddressVisit { visit: visit.id, visitor: visit.visitor };
        if is_key_stored {
            self.by_address.add(site, address_key, newest);
        } else {
            if self.by_unstored_address.len() >= limits::VISITS_CACHED_MAX {
                self.by_unstored_address.clear();
            }
            self.by_unstored_address.insert((site, address_key), newest);
        }
        self.insert(tx, site, visit)
    }

    /// Adds the newest visit of a visitor; the one that it replaces is written first, if it changed. An older visit, as an
    /// import may have it, is not cached: it is in the file already.
    fn insert(&mut self, tx: &Transaction<'_>, site: SiteId, visit: OpenVisit) -> Result<()> {
        let key = (site, visit.visitor);
        if self.by_visitor.get(&key).is_some_and(|newest| newest.id > visit.id) {
            return Ok(());
        }
        let before = self.by_visitor.insert(key, visit);
        match before.filter(|_| self.changed.remove(&key)) {
            Some(before) => visits::update_visit(tx, site, &before),
            None => Ok(()),
        }
    }

    /// Updates a visit, to be written by [`VisitCache::write`]. A visit that is not its visitor's newest, as a program may
    /// name it, is written at once: only the newest is cached.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn changed(&mut self, tx: &Transaction<'_>, site: SiteId, visit: OpenVisit) -> Result<()> {
        let key = (site, visit.visitor);
        if self.by_visitor.get(&key).is_none_or(|newest| newest.id != visit.id) {
            return visits::update_visit(tx, site, &visit);
        }
        self.changed.insert(key);
        self.by_visitor.insert(key, visit);
        Ok(())
    }

    /// Moves an open visit to another visitor ID.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn renamed(
        &mut self,
        tx: &Transaction<'_>,
        site: SiteId,
        from: VisitorId,
        visit: OpenVisit,
    ) -> Result<()> {
        self.by_visitor.remove(&(site, from));
        self.changed.remove(&(site, from));
        self.insert(tx, site, visit)
    }

    /// Writes all visits that changed since the last call, each once.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for key in self.changed.drain() {
            if let Some(visit) = self.by_visitor.get(&key) {
                visits::update_visit(tx, key.0, visit)?;
            }
        }
        if self.by_visitor.len() > limits::VISITS_CACHED_MAX {
            self.by_visitor.clear();
        }
        Ok(())
    }
}
