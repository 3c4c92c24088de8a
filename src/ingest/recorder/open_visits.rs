//! Visits that may go on. Remembered as far as there is room; the file knows the rest, so a restart splits no visit.

use crate::error::Result;
use crate::ingest::identity::Hasher;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::store::visits::{self, OpenVisit};
use rusqlite::Transaction;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::time::Duration;

type VisitorKey = (SiteId, VisitorId);

/// The writer's memory of open visits.
#[derive(Default)]
pub struct OpenVisits {
    // Strangers choose some of the numbers; the hash is seeded at random for each table.
    by_visitor: foldhash::HashMap<VisitorKey, OpenVisit>,
    changed: foldhash::HashSet<VisitorKey>,
    /// Address keys that are in the file, of sites that got server-side hits.
    by_address: HashMap<SiteId, HashMap<i64, VisitId>>,
    /// Address keys that the file must not hold. A restart forgets them.
    by_address_unkept: HashMap<(SiteId, i64), VisitId>,
    last_id: HashMap<SiteId, VisitId>,
}

/// Whether a visit goes on with a hit of this moment.
pub fn is_open(visit: &OpenVisit, now: Timestamp) -> bool {
    let last_seen = Timestamp(visit.id.began().0 + visit.stay);
    now.since(last_seen) < limits::VISIT_IDLE && can_be_joined(visit, now)
}

/// Whether a program on the server may still add to a visit.
pub fn can_be_joined(visit: &OpenVisit, now: Timestamp) -> bool {
    now.since(visit.id.began()).as_secs() < limits::VISIT_HOURS_MAX.unsigned_abs() * 3_600
}

/// The visit of a visitor that a hit of this moment may belong to, given the newest. A hit that is older than that visit by
/// more than clocks and queues explain belongs to an earlier one: imports bring such hits.
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

impl OpenVisits {
    /// Drops everything remembered.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The last visit of a visitor, open or not.
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

    /// A visit by its id.
    pub fn find(&mut self, tx: &Transaction<'_>, site: SiteId, id: VisitId) -> Result<Option<OpenVisit>> {
        let Some(stored) = visits::find_visit(tx, site, id)? else { return Ok(None) };
        let remembered = self.by_visitor.get(&(site, stored.visitor)).filter(|visit| visit.id == id);
        Ok(Some(remembered.cloned().unwrap_or(stored)))
    }

    /// The newest visit from an address, open or not.
    pub fn by_address(
        &mut self,
        tx: &Transaction<'_>,
        site: SiteId,
        (hasher, before): (&Hasher, Option<&Hasher>),
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Option<OpenVisit>> {
        let known = match self.by_address.entry(site) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let since = VisitId::first_at(Timestamp(now.0 - limits::VISIT_HOURS_MAX * 3_600_000));
                unknown.insert(visits::address_keys(tx, site, since)?.into_iter().collect())
            }
        };
        let keys = [Some(hasher), before].into_iter().flatten().map(|hasher| hasher.address_key(address));
        let unkept = &self.by_address_unkept;
        let found = keys.flat_map(|key| [known.get(&key), unkept.get(&(site, key))]).flatten().copied();
        // One in the future began by a clock that was ahead.
        let end = VisitId::first_at(now.after(limits::CLOCK_AHEAD_MAX));
        let newest = found.filter(|visit| *visit < end).max();
        match newest {
            Some(id) => self.find(tx, site, id),
            None => Ok(None),
        }
    }

    /// An id for a visit that begins now: later than any that the site has, even when the clock went back.
    pub fn next_id(&mut self, tx: &Transaction<'_>, site: SiteId, now: Timestamp) -> Result<VisitId> {
        let last = match self.last_id.get(&site) {
            Some(last) => *last,
            None => visits::last_id(tx, site)?.unwrap_or(VisitId(0)),
        };
        let id = VisitId::first_at(now).max(VisitId(last.0 + 1));
        if id.began().since(now) > limits::CLOCK_AHEAD_MAX {
            // The clock was far ahead once: visits begin when they do, at the next free number.
            let here =
                visits::last_id_before(tx, site, VisitId::first_at(now.after(Duration::from_millis(1))))?;
            return Ok(VisitId::first_at(now).max(VisitId(here.unwrap_or(VisitId(0)).0 + 1)));
        }
        self.last_id.insert(site, id);
        Ok(id)
    }

    /// Remembers a visit that was just opened and written, with its address key, if something may find it by that; `is_kept`
    /// if the file holds that key.
    pub fn opened(
        &mut self,
        tx: &Transaction<'_>,
        site: SiteId,
        visit: OpenVisit,
        key: Option<(i64, bool)>,
    ) -> Result<()> {
        let Some((address_key, is_kept)) = key else { return self.remember(tx, site, visit) };
        if !is_kept {
            if self.by_address_unkept.len() >= limits::VISITS_CACHED_MAX {
                self.by_address_unkept.clear();
            }
            self.by_address_unkept.insert((site, address_key), visit.id);
        } else if let Some(known) = self.by_address.get_mut(&site) {
            known.insert(address_key, visit.id);
            if known.len() > limits::VISITS_CACHED_MAX {
                // The next server-side hit reads the site's addresses afresh.
                self.by_address.remove(&site);
            }
        }
        self.remember(tx, site, visit)
    }

    /// Remembers a visit that was just written and that a program named the one before of: it is found by its visitor, not by
    /// an address.
    pub fn followed(&mut self, tx: &Transaction<'_>, site: SiteId, visit: OpenVisit) -> Result<()> {
        self.remember(tx, site, visit)
    }

    /// Remembers a visitor's newest visit; one that it follows is written first, as far as it had come. One that is older,
    /// as an import may bring it, is in the file already.
    fn remember(&mut self, tx: &Transaction<'_>, site: SiteId, visit: OpenVisit) -> Result<()> {
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

    /// Remembers how far a visit has come; written by [`OpenVisits::write`]. One that is not its visitor's newest, as
    /// a program may name it, is written at once: only the newest is remembered.
    pub fn changed(&mut self, tx: &Transaction<'_>, site: SiteId, visit: OpenVisit) -> Result<()> {
        let key = (site, visit.visitor);
        if self.by_visitor.get(&key).is_none_or(|newest| newest.id != visit.id) {
            return visits::update_visit(tx, site, &visit);
        }
        self.changed.insert(key);
        self.by_visitor.insert(key, visit);
        Ok(())
    }

    /// Remembers that an open visit goes on under another visitor's number.
    pub fn renamed(
        &mut self,
        tx: &Transaction<'_>,
        site: SiteId,
        from: VisitorId,
        visit: OpenVisit,
    ) -> Result<()> {
        self.by_visitor.remove(&(site, from));
        self.changed.remove(&(site, from));
        self.remember(tx, site, visit)
    }

    /// Writes every visit that went on since the last call, each once.
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
