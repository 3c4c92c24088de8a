//! The recorder turns hits into rows, on the writer's thread: a hit is checked, its visit is found or opened, and its
//! rows are written. The modules below hold the steps, and the caches between hits.

mod accept;
mod admission;
mod after_commit;
mod blocked_visitors;
mod dictionary;
mod dropped;
mod extras;
mod full_visit;
mod identified_hit;
mod label_cache;
mod match_visit;
mod open_visits;
mod other_hosts;
mod page_origins;
mod page_senders;
mod rate_limit;
mod receipt;
mod site_cache;
mod visitor_ids;

pub use self::admission::Admission;
pub use self::receipt::HitReceipt;

use self::accept::HitFilter;
use self::after_commit::AfterCommit;
use self::dictionary::LabelDictionary;
use self::dropped::DroppedHits;
use self::full_visit::{continued, names_visit};
use self::identified_hit::IdentifiedHit;
use self::match_visit::VisitMatch;
use self::open_visits::{OpenVisits, is_open};
use self::other_hosts::OtherHosts;
use self::page_origins::PageOrigins;
use self::site_cache::{CachedSite, SiteCache};
use super::change_log::ChangeLog;
use super::drop_reason::DropReason;
use super::hit::{ActionKind, Hit, HitKind};
use super::identity;
use super::live::{Feed, LiveAction};
use super::new_text::TextKind;
use super::other_host::OtherHost;
use super::referrer_spam::ReferrerSpam;
use super::reverse_dns::LookupQueue;
use super::sender::{HitContext, Sender};
use super::translated;
use crate::error::Result;
use crate::limits;
use crate::model::address;
use crate::model::channel::Channel;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::{SiteId, VisitId};
use crate::store::visits::{self, ActionRow, OpenVisit, VisitStart, visit_flags};
use crate::store::{blocks, writer};
use rusqlite::Transaction;
use std::sync::Arc;

/// The recorder of hits, with its caches.
pub struct Recorder {
    sites: SiteCache,
    filter: HitFilter,
    open_visits: OpenVisits,
    dictionary: LabelDictionary,
    dropped: DroppedHits,
    other_hosts: OtherHosts,
    after_commit: AfterCommit,
    page_origins: PageOrigins,
    is_import: bool,
}

/// The visit that a hit was recorded in, or the reason why it was dropped after all.
type Outcome = std::result::Result<VisitId, DropReason>;

impl writer::HitHandler for Recorder {
    type Hit = Hit;
    type Answer = HitReceipt;

    fn forget(&mut self) {
        self.sites.forget();
        self.open_visits.forget();
        self.dictionary.forget();
        self.dropped.forget();
        self.other_hosts.forget();
        self.after_commit.forget();
        self.page_origins.forget();
    }

    fn settings_changed(&mut self) {
        self.sites.forget();
        self.other_hosts.settings_changed();
    }

    fn labels_deleted(&mut self) {
        self.dictionary.forget();
    }

    fn visits_erased(&mut self) {
        self.open_visits.forget();
    }

    fn handle(&mut self, tx: &Transaction<'_>, hit: &Hit) -> Result<HitReceipt> {
        let Some(mut site) = self.sites.take(tx, hit.site, hit.at)? else {
            self.dropped.count(SiteId(0), Zone::utc().day(hit.at), DropReason::UnknownSite);
            return Ok(HitReceipt { dropped: Some(DropReason::UnknownSite), ..HitReceipt::default() });
        };
        let context =
            HitContext { site: hit.site, day: site.day, sender: Sender::from_hit(hit, self.is_import) };
        let read_back = translated::read_back(&site.site, hit);
        let hit = read_back.as_ref().unwrap_or(hit);
        let shortened = site.exclusions.shortened(hit);
        let hit = shortened.as_ref().unwrap_or(hit);
        let is_page_view = hit.kind == HitKind::Action(ActionKind::PageView);
        let other_host = OtherHost::find(&site.site, hit).filter(|host| {
            let may_pass = !is_page_view && !host.is_answered;
            !(may_pass && self.other_hosts.page_senders.contains(&site.site, &host.name))
        });
        let is_elsewhere = hit.is_agent_read && other_host.as_ref().is_some_and(|host| host.is_filtered);
        let verdict = self.filter.check(&site, hit).or(is_elsewhere.then_some(DropReason::OtherHost));
        if hit.server_side.is_some() && verdict != Some(DropReason::WrongKey) {
            site.note_admin_key(tx, hit.at)?;
        }
        if verdict.is_none() && !hit.is_agent_read {
            self.sites.put_back(site);
            return Ok(HitReceipt { needs_agent: true, ..HitReceipt::default() });
        }
        let outcome = match verdict {
            Some(reason) => Ok(Err(reason)),
            None => self.record(tx, &IdentifiedHit::new(&site, context, hit)),
        };
        let may_keep = identity::may_keep(site.site.privacy, &hit.claim);
        if let Ok(Ok(visit)) = outcome {
            self.note_recorded(&mut site, context, hit, visit);
        }
        self.sites.put_back(site);
        let dropped = outcome?.err();
        if let Some(host) = other_host
            && is_page_view
            && matches!(dropped, None | Some(DropReason::OtherHost))
            && (host.is_answered || !self.filter.is_spam(&host.name))
        {
            self.other_hosts.count(tx, context, host)?;
        }
        for reason in dropped.into_iter().chain(self.dictionary.take_refusals()) {
            self.dropped.add(context, reason, hit);
        }
        // A dropped hit sets no cookie, but removes one that the settings of today forbid.
        let is_sent = may_keep == Some(false) || dropped.is_none();
        Ok(HitReceipt { dropped, keep_cookie: may_keep.filter(|_| is_sent), needs_agent: false })
    }

    fn finish(&mut self, tx: &Transaction<'_>) -> Result<()> {
        self.open_visits.write(tx)?;
        self.other_hosts.write(tx)?;
        self.page_origins.write(tx)?;
        self.dropped.write(tx)
    }

    fn after_commit(&mut self) {
        self.after_commit.publish();
    }
}

impl Recorder {
    /// Creates a recorder that publishes actions to `feed` and changed visits to `changes`, adds new visits to the
    /// queue of reverse DNS, and updates `admission`, by which others predict its decisions. Hits from the domains of
    /// `spam` are dropped.
    pub fn new(
        feed: Feed,
        changes: ChangeLog,
        lookups: Option<LookupQueue>,
        admission: Admission,
        spam: Arc<ReferrerSpam>,
    ) -> Self {
        Self {
            sites: SiteCache::new(admission.clone()),
            filter: HitFilter::new(admission, spam),
            open_visits: OpenVisits::default(),
            dictionary: LabelDictionary::new(),
            dropped: DroppedHits::default(),
            other_hosts: OtherHosts::default(),
            after_commit: AfterCommit::new(feed, changes, lookups),
            page_origins: PageOrigins::default(),
            is_import: false,
        }
    }

    /// Creates a recorder for the hits of an imported file, which nobody watches live.
    pub fn for_import(spam: Arc<ReferrerSpam>) -> Self {
        let recorder = Self::new(Feed::new(), ChangeLog::default(), None, Admission::default(), spam);
        Self { is_import: true, ..recorder }
    }

    /// Writes the rows of a hit.
    fn record(&mut self, tx: &Transaction<'_>, arrival: &IdentifiedHit<'_>) -> Result<Outcome> {
        let IdentifiedHit { hit, site, .. } = *arrival;
        let (mut visit, start) = match match_visit::find(&mut self.open_visits, tx, arrival)? {
            VisitMatch::Open { visit, is_renamed } => {
                if is_renamed {
                    // Also where the hit itself has no room.
                    self.note_change(tx, site, visit.id, hit.at)?;
                }
                (visit, None)
            }
            VisitMatch::Unknown => return Ok(Err(DropReason::UnknownVisit)),
            VisitMatch::Full(full) => match self.open_visit(tx, arrival, false)? {
                Ok((visit, start)) => {
                    let (visit, start) = continued(tx, hit, full, visit, start)?;
                    (visit, Some(start))
                }
                Err(reason) => return Ok(Err(reason)),
            },
            VisitMatch::None { .. } if !match_visit::may_open(hit, self.is_import) => {
                return Ok(Err(DropReason::VisitOver));
            }
            VisitMatch::None { is_new } => match self.open_visit(tx, arrival, is_new)? {
                Ok((visit, start)) => (visit, Some(start)),
                Err(reason) => return Ok(Err(reason)),
            },
        };
        if let Some(reason) = self.filter.over_limit(site, arrival.context, hit) {
            return Ok(Err(reason));
        }
        let id = visit.id;
        let at = (hit.at.0 - id.began().0).max(0);
        let is_first_view = hit.kind == HitKind::Action(ActionKind::PageView) && visit.page_views == 0;
        if is_open(&visit, hit.at) {
            visit.stay = visit.stay.max(at);
        }
        let landing = match hit.kind {
            HitKind::Action(kind) => self.append(tx, arrival, &mut visit, kind, at)?,
            HitKind::Goal | HitKind::Custom | HitKind::Heatmap | HitKind::Ping => None,
        };
        extras::write(&mut self.dictionary, tx, arrival, id, at)?;
        self.note_change(tx, site, id, hit.at)?;
        if let Some(start) = start {
            // No program adds to imported visits.
            let key = (!self.is_import)
                .then(|| (site.hasher().address_key(hit.address), start.address_key.is_some()));
            visits::create_visit(tx, hit.site, &visit, &VisitStart { landing, ..start })?;
            if names_visit(hit) {
                // The hit's own address is the program's.
                self.open_visits.followed(tx, hit.site, visit)?;
                return Ok(Ok(id));
            }
            if arrival.visitor.may_be_known {
                self.after_commit.needs_hostname(site, id, hit);
            }
            self.open_visits.opened(tx, hit.site, visit, key)?;
        } else {
            if site.site.privacy.consent_needed && arrival.visitor.may_be_known {
                self.add_personal_data(tx, arrival, id)?;
            }
            if is_first_view {
                self.write_landing(tx, arrival, id, landing)?;
            }
            self.open_visits.changed(tx, hit.site, visit)?;
        }
        Ok(Ok(id))
    }

    /// Counts a recorded hit towards the limits of its site, and notes the host of its page.
    fn note_recorded(&mut self, site: &mut CachedSite, context: HitContext, hit: &Hit, visit: VisitId) {
        if matches!(hit.kind, HitKind::Action(kind) if kind.counts()) {
            site.count_action(visit);
            self.filter.count_action(site, context);
        }
        self.page_origins.note(site, hit, self.is_import);
        self.other_hosts.page_senders.note(&site.site, hit);
    }

    /// Writes the landing page and the source of a visit that began without a page view, from its first one. The source
    /// stays as it is if it is direct now, or one that may open no visit.
    fn write_landing(
        &mut self,
        tx: &Transaction<'_>,
        arrival: &IdentifiedHit<'_>,
        visit: VisitId,
        landing: Option<i64>,
    ) -> Result<()> {
        let IdentifiedHit { hit, site, context, .. } = *arrival;
        if landing.is_some() {
            visits::update_landing(tx, hit.site, visit, landing)?;
        }
        let source = site.source_of(hit);
        if source.channel == Channel::Direct || self.filter.blocks_visit(arrival, &source).is_some() {
            return Ok(());
        }
        let is_internal = source.channel == Channel::Internal;
        let source = self.dictionary.source(tx, context, &source)?;
        visits::update_source(tx, hit.site, visit, source, is_internal)
    }

    /// Notes that a visit was written or changed: publishes it after the commit, and unseals its day.
    fn note_change(
        &mut self,
        tx: &Transaction<'_>,
        site: &CachedSite,
        visit: VisitId,
        now: Timestamp,
    ) -> Result<()> {
        self.after_commit.visit(site.site.id, visit);
        if site.sealed_end.is_some_and(|end| visit < end) {
            blocks::unseal_visit(tx, site.site.id, visit)?;
        }
        if visit.began().after(limits::DAY_SETTLES_AFTER) < now {
            // Reports treat its day as finished.
            blocks::begin_generation(tx, site.site.id)?;
        }
        Ok(())
    }

    /// Returns a visit that begins with this hit, not written yet; or the reason why the hit cannot open one.
    fn open_visit(
        &mut self,
        tx: &Transaction<'_>,
        arrival: &IdentifiedHit<'_>,
        is_new: bool,
    ) -> Result<std::result::Result<(OpenVisit, VisitStart), DropReason>> {
        let IdentifiedHit { hit, site, visitor, .. } = arrival;
        let source = site.source_of(hit);
        if let Some(reason) = self.filter.blocks_visit(arrival, &source) {
            return Ok(Err(reason));
        }
        let mut start = self.dictionary.describe(tx, arrival, &source)?;
        let traits = [
            (is_new, visit_flags::NEW),
            (hit.javascript, visit_flags::JAVASCRIPT),
            (hit.sticky_disabled, visit_flags::STICKY_DISABLED),
        ];
        start.traits = traits.iter().filter(|(holds, _)| *holds).map(|(_, bit)| bit).sum();
        let stored = || address::stored(hit.address, site.site.privacy.addresses_shortened);
        start.address = visitor.may_be_known.then(stored);
        start.address_key = arrival.address_key(self.is_import);
        let visit = OpenVisit {
            id: self.open_visits.next_id(tx, hit.site, hit.at)?,
            visitor: visitor.id(),
            stay: 0,
            actions: 0,
            page_views: 0,
            last_number: 0,
            exit: None,
        };
        Ok(Ok((visit, start)))
    }

    /// Appends an action to its visit, `at` milliseconds after the visit began. Returns the label of its page if it is
    /// the landing page.
    fn append(
        &mut self,
        tx: &Transaction<'_>,
        arrival: &IdentifiedHit<'_>,
        visit: &mut OpenVisit,
        kind: ActionKind,
        at: i64,
    ) -> Result<Option<i64>> {
        let IdentifiedHit { hit, context, .. } = *arrival;
        let page = self.dictionary.page(tx, arrival, kind, &hit.page)?;
        let title = self.dictionary.label(tx, context, TextKind::Pages, hit.title.as_deref())?;
        let is_landing = kind == ActionKind::PageView && visit.page_views == 0;
        visit.last_number += 1;
        visit.actions += i64::from(kind.counts());
        if kind == ActionKind::PageView {
            visit.page_views += 1;
            visit.exit = page;
        }
        let number = visit.last_number;
        visits::create_action(
            tx,
            hit.site,
            visit.id,
            &ActionRow { number, at, kind: kind.code(), page, title },
        )?;
        if let Some(media) = &hit.media {
            let event = self.dictionary.label(tx, context, TextKind::Custom, media.event.as_deref())?;
            visits::create_media(tx, hit.site, visit.id, number, event, media.seconds)?;
        }
        self.after_commit.action(LiveAction { site: hit.site, visit: visit.id, number });
        Ok(page.filter(|_| is_landing))
    }

    /// Adds the personal data that was not stored when the visit began, after the visitor's consent.
    fn add_personal_data(
        &mut self,
        tx: &Transaction<'_>,
        arrival: &IdentifiedHit<'_>,
        visit: VisitId,
    ) -> Result<()> {
        let IdentifiedHit { hit, site, context, .. } = *arrival;
        let Some(country) = visits::find_unknown(tx, hit.site, visit)? else { return Ok(()) };
        let place = self.dictionary.place(tx, context, &hit.place, country)?;
        let address = address::stored(hit.address, site.site.privacy.addresses_shortened);
        let key = arrival.address_key(self.is_import);
        visits::update_person(tx, hit.site, visit, &address, key, place)?;
        self.after_commit.needs_hostname(site, visit, hit);
        Ok(())
    }
}
