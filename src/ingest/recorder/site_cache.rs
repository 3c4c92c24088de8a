//! What the writer remembers of each site: settings, keys, its local day and the salts of that day and the one before.

use super::admission::Admission;
use crate::error::Result;
use crate::ingest::exclusions::Exclusions;
use crate::ingest::identity::Hasher;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id;
use crate::model::id::{SiteId, VisitId};
use crate::store::blocks;
use crate::store::exclusions;
use crate::store::salts::{self, Salt};
use crate::store::sites::{self, Keys, Site};
use crate::store::visits;
use rusqlite::Transaction;
use std::collections::HashMap;

/// One site, as hits need to know it.
pub struct CachedSite {
    /// Its settings.
    pub site: Site,
    /// Its secrets.
    pub keys: Keys,
    /// What its people leave out.
    pub rules: Exclusions,
    /// Its local day.
    pub day: Day,
    /// Actions of the visits that began on that day, counted where there is a limit.
    pub actions_today: i64,
    /// The end of its sealed days: the first visit after them. Read again after every change of the file but
    /// a hit.
    pub sealed_end: Option<VisitId>,
    /// Scheme, host and port of the newest page view on its domain.
    pub page_origin: Option<String>,
    admin_key_used_at: Option<Timestamp>,
    day_start: Timestamp,
    day_end: Timestamp,
    hasher: Hasher,
    hasher_before: Option<Hasher>,
}

impl CachedSite {
    fn new(tx: &Transaction<'_>, site: Site, now: Timestamp) -> Result<Self> {
        let keys = sites::keys(tx, site.id)?;
        let admin_key_used_at = sites::admin_key_used_at(tx, site.id)?;
        let day = site.zone.day(now);
        let (day_start, day_end) = (site.zone.start(day), site.zone.start(day.plus(1)));
        let rules = Exclusions::new(&exclusions::list(tx, site.id)?);
        let actions_today = match site.bounds.actions_per_day_max {
            Some(_) => {
                visits::count_actions(tx, site.id, VisitId::first_at(day_start), VisitId::first_at(day_end))?
            }
            None => 0,
        };
        let before = salts::find(tx, site.id, day.plus(-1))?;
        let hasher_before = before.map(|salt| Hasher::new(site.id, &salt));
        let hasher = Hasher::new(site.id, &salt_of(tx, site.id, day)?);
        let id = site.id;
        Ok(Self {
            site,
            keys,
            rules,
            day,
            actions_today,
            sealed_end: blocks::sealed_end(tx, id)?,
            page_origin: sites::page_origin(tx, id)?,
            admin_key_used_at,
            day_start,
            day_end,
            hasher,
            hasher_before,
        })
    }

    /// Counts an action on the day on which its visit began, as reports do.
    pub fn count_action(&mut self, visit: VisitId) {
        self.actions_today += i64::from(visit >= VisitId::first_at(self.day_start));
    }

    /// Writes down, now and then, that a hit came with the admin key.
    pub fn note_admin_key(&mut self, tx: &Transaction<'_>, at: Timestamp) -> Result<()> {
        if self.admin_key_used_at.is_none_or(|used_at| at.has_passed(limits::SIGN_IN_SEEN_EVERY, used_at)) {
            sites::touch_admin_key(tx, self.site.id, at)?;
            self.admin_key_used_at = Some(at);
        }
        Ok(())
    }

    /// The hashes of today.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// The hashes of the day before, as long as a visit begun then can go on.
    pub fn hasher_before(&self, now: Timestamp) -> Option<&Hasher> {
        let hours = now.since(self.day_start).as_secs() / 3_600;
        self.hasher_before.as_ref().filter(|_| hours < limits::VISIT_HOURS_MAX.unsigned_abs())
    }
}

/// The salt of a day, made when it is first needed.
fn salt_of(tx: &Transaction<'_>, site: SiteId, day: Day) -> Result<Salt> {
    if let Some(salt) = salts::find(tx, site, day)? {
        return Ok(salt);
    }
    let salt = id::random()?;
    salts::create(tx, site, day, &salt)?;
    Ok(salt)
}

/// The sites that hits came for.
pub struct SiteCache {
    /// In boxes: each hit takes one out and puts it back.
    known: HashMap<SiteId, Box<CachedSite>>,
    admission: Admission,
}

impl SiteCache {
    /// Makes an empty book that lists its sites in `admission`.
    pub fn new(admission: Admission) -> Self {
        Self { known: HashMap::new(), admission }
    }

    /// Drops everything remembered.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Takes out a site, on its local day of this moment, until [`SiteBook::put_back`]. None when there is none.
    pub fn take(
        &mut self,
        tx: &Transaction<'_>,
        id: SiteId,
        now: Timestamp,
    ) -> Result<Option<Box<CachedSite>>> {
        // Hits that are imported may belong to an earlier day than the one before them.
        let known = self.known.remove(&id).filter(|known| known.day_start <= now && now < known.day_end);
        if known.is_some() {
            return Ok(known);
        }
        let Some(site) = sites::find(tx, id)? else {
            self.admission.remove_site(id);
            return Ok(None);
        };
        self.admission.add_site(id, site.bounds.hits_per_minute_max);
        Ok(Some(Box::new(CachedSite::new(tx, site, now)?)))
    }

    /// Remembers a site for the next hit.
    pub fn put_back(&mut self, known: Box<CachedSite>) {
        self.known.insert(known.site.id, known);
    }
}
