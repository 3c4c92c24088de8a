//! The writer's cache of sites: settings, keys, the local day, the salts of that day and the one before, and the page
//! origin: scheme, host and port of the newest page view on the site's own domain, with which links to its pages begin.

use crate::error::Result;
use crate::ingest::drop_reason::{DropReason, Passed};
use crate::ingest::exclusions::Exclusions;
use crate::ingest::hit::{Hit, PageRef, ServerProof};
use crate::ingest::identity::{self, Hasher, SentIdHasher};
use crate::ingest::page_patterns::PagePatterns;
use crate::ingest::page_url;
use crate::ingest::source::{self, Beginning, SiteCampaigns, TrafficSource};
use crate::ingest::translated;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id;
use crate::model::id::{SiteId, VisitId};
use crate::model::page_form;
use crate::store::blocks;
use crate::store::campaigns;
use crate::store::exclusions;
use crate::store::imported_lines;
use crate::store::salts::{self, Salt};
use crate::store::site_hosts::HostStatus;
use crate::store::sites::{self, Keys, Site};
use crate::store::visits;
use rusqlite::Transaction;
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

/// A site with everything that its hits need.
pub struct CachedSite {
    /// Its settings.
    pub site: Site,
    /// Its secrets.
    pub keys: Keys,
    /// Its exclusions.
    pub exclusions: Exclusions,
    /// The campaigns of its own.
    pub campaigns: SiteCampaigns,
    /// The pages whose clicks and depths are recorded.
    pub heatmap_pages: PagePatterns,
    /// Its local day.
    pub day: Day,
    /// The number of actions in visits that began on that day, if the site has a limit on them; else 0.
    pub actions_today: i64,
    /// The end of its sealed days, as the first visit ID after them. It is read again after every change of the file
    /// other than a hit.
    pub sealed_end: Option<VisitId>,
    /// The scheme, host and port of the newest page view on its domain.
    pub page_origin: Option<String>,
    admin_key_used_at: Option<Timestamp>,
    day_start: Timestamp,
    day_end: Timestamp,
    hasher: Hasher,
    hasher_before: Option<Hasher>,
    sent_ids: Option<SentIdHasher>,
}

impl CachedSite {
    /// Reads a site on its local day at this time; `None` if there is no such site.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read, or the salt of a new day cannot be written.
    pub fn read(tx: &Transaction<'_>, id: SiteId, now: Timestamp) -> Result<Option<Box<Self>>> {
        let Some(site) = sites::find(tx, id)? else { return Ok(None) };
        let keys = sites::keys(tx, site.id)?;
        let admin_key_used_at = sites::admin_key_used_at(tx, site.id)?;
        let day = site.zone.day(now);
        let (day_start, day_end) = (site.zone.start(day), site.zone.start(day.plus(1)));
        let campaigns =
            SiteCampaigns::new(campaigns::list_parameters(tx, id)?, campaigns::list_rules(tx, id)?);
        let exclusions = Exclusions::new(&exclusions::list(tx, site.id)?).stripping(campaigns.parameters());
        let actions_today = match site.bounds.actions_per_day_max {
            Some(_) => {
                visits::count_actions(tx, site.id, VisitId::first_at(day_start), VisitId::first_at(day_end))?
            }
            None => 0,
        };
        let before = salts::find(tx, site.id, day.plus(-1))?;
        let hasher_before = before.map(|salt| Hasher::new(site.id, &salt));
        let hasher = Hasher::new(site.id, &salt_of(tx, site.id, day)?);
        let heatmap_pages = PagePatterns::new(site.heatmaps.pages.lines());
        Ok(Some(Box::new(Self {
            site,
            keys,
            exclusions,
            campaigns,
            heatmap_pages,
            day,
            actions_today,
            sealed_end: blocks::sealed_end(tx, id)?,
            page_origin: sites::page_origin(tx, id)?,
            admin_key_used_at,
            day_start,
            day_end,
            hasher,
            hasher_before,
            sent_ids: None,
        })))
    }

    /// Returns the reason to drop a server-side hit: its admin key is wrong. The use of the right one is noted, at most
    /// once every [`limits::SIGN_IN_SEEN_EVERY`].
    ///
    /// # Errors
    ///
    /// Drops the hit, or fails when the data file cannot be written.
    pub fn check_key(&mut self, tx: &Transaction<'_>, hit: &Hit) -> Passed<()> {
        match hit.server_side.as_ref().map(|program| &program.proof) {
            Some(ServerProof::AdminKey(key)) if !self.keys.admin.matches(key) => {
                Err(DropReason::WrongKey.into())
            }
            Some(ServerProof::AdminKey(_)) => Ok(self.note_admin_key(tx, hit.at)?),
            Some(ServerProof::Batch) | None => Ok(()),
        }
    }

    /// Counts an action on the day on which its visit began, as reports do.
    pub fn count_action(&mut self, visit: VisitId) {
        self.actions_today += i64::from(visit >= VisitId::first_at(self.day_start));
    }

    fn note_admin_key(&mut self, tx: &Transaction<'_>, at: Timestamp) -> Result<()> {
        if self.admin_key_used_at.is_none_or(|used_at| at.has_passed(limits::SIGN_IN_SEEN_EVERY, used_at)) {
            sites::touch_admin_key(tx, self.site.id, at)?;
            self.admin_key_used_at = Some(at);
        }
        Ok(())
    }

    /// Returns a hit with the original of a translated page, and without an address that is too long.
    pub fn clean<'h>(&self, hit: &'h Hit) -> Cow<'h, Hit> {
        let hit = translated::read_back(&self.site, hit).map_or(Cow::Borrowed(hit), Cow::Owned);
        self.exclusions.shortened(&hit).map_or(hit, Cow::Owned)
    }

    /// Returns true if the use of a page is counted, by its host: it is the site's, or unknown where the site counts all.
    pub fn counts_host_of(&self, page: &PageRef) -> bool {
        let Some(host) = page.address().and_then(page_url::host_in) else { return true };
        match self.site.host_standing(host) {
            HostStatus::Own => true,
            HostStatus::NotOwn => false,
            HostStatus::Unanswered => !self.site.hosts.own_only,
        }
    }

    /// Returns true if clicks on a page, and how far it is read, are recorded of a visit: the site's patterns cover the page,
    /// the visit is in the sample, and neither the browser's signals nor missing consent forbid it.
    pub fn records_heatmap(&self, hit: &Hit, page: &PageRef, visit: VisitId) -> bool {
        hit.server_side.is_none()
            && page.address().is_some_and(|address| {
                self.heatmap_pages.cover(address) && !self.exclusions.excludes_page(address)
            })
            && sampled(visit, self.site.heatmaps.sample)
            && self.may_record(hit)
    }

    /// Returns true if neither the browser's signals nor missing consent forbid the recording of clicks.
    pub fn may_record(&self, hit: &Hit) -> bool {
        identity::may_be_recorded(self.site.privacy, &hit.claim)
    }

    /// Returns the hash of the id that a program gave a hit.
    ///
    /// # Errors
    ///
    /// Fails when the key of the site's hashes cannot be read or, the first time, written.
    pub fn hash_sent_id(&mut self, tx: &Transaction<'_>, id: &str) -> Result<i64> {
        if let Some(hasher) = &self.sent_ids {
            return Ok(hasher.hash(id));
        }
        let hasher = SentIdHasher::new(&imported_lines::key(tx, self.site.id)?);
        let hash = hasher.hash(id);
        self.sent_ids = Some(hasher);
        Ok(hash)
    }

    /// Returns the hasher of today.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Returns the hasher of the day before, as long as a visit that began then can go on.
    pub fn hasher_before(&self, now: Timestamp) -> Option<&Hasher> {
        let hours = now.since(self.day_start).as_secs() / 3_600;
        self.hasher_before.as_ref().filter(|_| hours < limits::VISIT_HOURS_MAX.unsigned_abs())
    }

    /// Returns the keys under which a visit from this IP address may be stored: today's and that of the day before.
    pub fn address_keys(&self, address: IpAddr, now: Timestamp) -> impl Iterator<Item = i64> {
        let hashers = [Some(self.hasher()), self.hasher_before(now)].into_iter().flatten();
        hashers.map(move |hasher| hasher.address_key(address))
    }

    /// Returns the source of a visit that begins with this hit.
    pub fn source_of(&self, hit: &Hit) -> TrafficSource {
        let may_be_campaign = self.campaigns.has_rules() && hit.is_page_view();
        let query = self.campaigns.with_own(&hit.query, &hit.fragment);
        if hit.referrer.is_empty() && query.is_empty() && !may_be_campaign {
            return TrafficSource::direct();
        }
        let address = match &hit.page {
            PageRef::Absolute(address) => Some(address.clone()),
            PageRef::Bare(path) => page_url::complete(path, &self.site.domain),
            PageRef::None => None,
        };
        let address = address.unwrap_or_else(|| format!("https://{}/", self.site.domain));
        let Ok(mut landing) = url::Url::parse(&address) else { return TrafficSource::direct() };
        landing.set_query((!query.is_empty()).then_some(&*query));
        let page = may_be_campaign.then(|| self.exclusions.stripped(&address).unwrap_or(address));
        source::classify(&Beginning {
            referrer: &hit.referrer,
            landing: &landing,
            page: page.as_deref(),
            owns_host: &|host| self.site.owns_host(host),
            campaigns: &self.campaigns,
        })
    }
}

/// Returns true if a visit is in a sample of so many percent. The parts of its ID that follow the time are mixed, so that each
/// visit has the same chance, and always the same answer.
fn sampled(visit: VisitId, percent: i64) -> bool {
    let mixed = visit.0.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    mixed % 100 < percent.unsigned_abs()
}

/// Returns the salt of a day, and creates it when it is first needed.
fn salt_of(tx: &Transaction<'_>, site: SiteId, day: Day) -> Result<Salt> {
    if let Some(salt) = salts::find(tx, site, day)? {
        return Ok(salt);
    }
    let salt = id::random()?;
    salts::create(tx, site, day, &salt)?;
    Ok(salt)
}

/// The cached sites.
#[derive(Default)]
pub struct SiteCache {
    /// In boxes: each hit takes one out and puts it back.
    cached: HashMap<SiteId, Box<CachedSite>>,
    /// The page origins that changed in the batch that is being written.
    changed_origins: HashMap<SiteId, Option<String>>,
}

impl SiteCache {
    /// Empties the cache, and discards what was not written.
    pub fn forget(&mut self) {
        self.forget_settings();
        self.changed_origins.clear();
    }

    /// Empties the cache.
    pub fn forget_settings(&mut self) {
        self.cached.clear();
    }

    /// Takes out a site, until [`SiteCache::put_back`]; `None` if it is not cached for its local day at this time.
    pub fn take(&mut self, id: SiteId, now: Timestamp) -> Option<Box<CachedSite>> {
        // Hits that are imported may belong to an earlier day than the one before them.
        self.cached.remove(&id).filter(|site| site.day_start <= now && now < site.day_end)
    }

    /// Puts a site back for the next hit.
    pub fn put_back(&mut self, site: Box<CachedSite>) {
        self.cached.insert(site.site.id, site);
    }

    /// Notes the origin of a page view. That of an imported one, which may be old, is used only if there is none yet.
    pub fn note_origin(&mut self, site: &mut CachedSite, hit: &Hit, is_import: bool) {
        if !hit.has_origin || is_import && site.page_origin.is_some() {
            return;
        }
        let PageRef::Absolute(address) = &hit.page else { return };
        let origin = page_form::origin(address).filter(|_| page_form::opens_on(address, &site.site.domain));
        if origin.is_some() && origin != site.page_origin.as_deref() {
            site.page_origin = origin.map(str::to_owned);
            self.changed_origins.insert(site.site.id, site.page_origin.clone());
        }
    }

    /// Writes the changed origins, one for each site.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for (site, origin) in self.changed_origins.drain() {
            sites::update_page_origin(tx, site, origin.as_deref())?;
        }
        Ok(())
    }
}
