//! The recorder turns hits into rows, on the writer's thread. Its functions are steps on the way of a hit, which
//! [`super::pipeline`] puts in order; the modules below hold what they do, and the caches between hits.

mod accept;
mod address_cache;
mod after_commit;
pub(super) mod arrival;
mod dictionary;
mod extras;
mod goal_counter;
mod hit_trace;
mod match_visit;
mod sent_ids;
pub(super) mod site_cache;
mod site_goals;
mod visit_cache;

pub use self::accept::Admission;

use self::accept::HitFilter;
use self::after_commit::AfterCommit;
use self::arrival::Arrival;
use self::dictionary::LabelDictionary;
use self::goal_counter::GoalCounter;
pub(super) use self::hit_trace::HitTrace;
use self::hit_trace::WrittenAction;
use self::match_visit::{HitVisit, VisitMatch, continued};
use self::sent_ids::SentIds;
use self::site_cache::{CachedSite, SiteCache};
use self::visit_cache::{VisitCache, is_open};
use super::budgets::{DayCounts, TextKind};
use super::change_log::ChangeLog;
use super::drop_reason::{DropReason, Passed};
use super::dropped_hits::DroppedHits;
use super::hit::{ActionKind, Hit, HitKind};
use super::live::{Feed, LiveAction};
use super::other_hosts::OtherHosts;
use super::referrer_spam::ReferrerSpam;
use super::reverse_dns::LookupQueue;
use super::sender::HitContext;
use crate::error::Result;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::id::{SiteId, VisitId};
use crate::store::blocks;
use crate::store::touches;
use crate::store::visit_tables::{self, ActionRow};
use crate::store::visits::{self, OpenVisit, VisitStart, visit_flags};
use rusqlite::Transaction;
use std::sync::Arc;

/// The recorder of hits, with its caches.
pub struct Recorder {
    pub(super) sites: SiteCache,
    pub(super) filter: HitFilter,
    pub(super) visits: VisitCache,
    pub(super) dictionary: LabelDictionary,
    pub(super) goals: GoalCounter,
    pub(super) dropped: DroppedHits,
    pub(super) sent_ids: SentIds,
    /// The dropped hits of each site today whose ids were written.
    pub(super) dropped_ids: DayCounts<SiteId>,
    /// The clicks of each site's pages today.
    pub(super) page_clicks: DayCounts<(SiteId, i64)>,
    pub(super) other_hosts: OtherHosts,
    pub(super) after_commit: AfterCommit,
    pub(super) is_import: bool,
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
            sites: SiteCache::default(),
            filter: HitFilter::new(admission, spam),
            visits: VisitCache::default(),
            dictionary: LabelDictionary::new(),
            goals: GoalCounter::default(),
            dropped: DroppedHits::default(),
            sent_ids: SentIds::default(),
            dropped_ids: DayCounts::with_limit(limits::BUDGETS_COUNTED_MAX),
            page_clicks: DayCounts::with_limit(limits::CLICKED_PAGES_COUNTED_MAX),
            other_hosts: OtherHosts::default(),
            after_commit: AfterCommit::new(feed, changes, lookups),
            is_import: false,
        }
    }

    /// Creates a recorder for the hits of an imported file, which nobody watches live.
    pub fn for_import(spam: Arc<ReferrerSpam>) -> Self {
        let recorder = Self::new(Feed::new(), ChangeLog::default(), None, Admission::default(), spam);
        Self { is_import: true, ..recorder }
    }

    /// Takes the site of a hit out of the cache, on its local day.
    ///
    /// # Errors
    ///
    /// Drops the hit if there is no such site. Fails when the data file cannot be read or written.
    pub(super) fn find_site(&mut self, tx: &Transaction<'_>, hit: &Hit) -> Passed<Box<CachedSite>> {
        if let Some(site) = self.sites.take(hit.site, hit.at) {
            return Ok(site);
        }
        let site = CachedSite::read(tx, hit.site, hit.at)?;
        self.filter.note_site(hit.site, site.as_deref());
        Ok(site.ok_or(DropReason::UnknownSite)?)
    }

    /// Finds the visit that a hit belongs to.
    ///
    /// # Errors
    ///
    /// Fails as [`match_visit::find`] does.
    pub(super) fn match_visit(&mut self, arrival: &Arrival<'_>) -> Passed<VisitMatch> {
        let found = match_visit::find(&mut self.visits, arrival)?;
        if let VisitMatch::Open { visit, is_renamed: true } = &found {
            // Also where the hit itself has no room.
            self.note_change(arrival, visit.id)?;
        }
        if let VisitMatch::Open { visit, .. } = &found {
            check_clicks(arrival, visit.id)?;
        }
        Ok(found)
    }

    /// Returns the visit of a hit; where there is none, one that begins with it.
    ///
    /// # Errors
    ///
    /// Drops the hit if it cannot begin one. Fails when the data file cannot be read or written.
    pub(super) fn open_visit(&mut self, arrival: &Arrival<'_>, found: VisitMatch) -> Passed<HitVisit> {
        let mut visit = match found {
            VisitMatch::Open { visit, .. } => return Ok(HitVisit { row: visit, start: None }),
            VisitMatch::Full(full) => {
                let next = self.begin_visit(arrival, false)?;
                continued(arrival, &full, next)?
            }
            VisitMatch::None { is_new } => self.begin_visit(arrival, is_new)?,
        };
        visit.find_touches(arrival)?;
        Ok(visit)
    }

    /// Returns a visit that begins with a hit, not written yet.
    fn begin_visit(&mut self, arrival: &Arrival<'_>, is_new: bool) -> Passed<HitVisit> {
        let Arrival { tx, hit, site, visitor, .. } = arrival;
        let source = site.source_of(hit);
        self.filter.check_source(arrival, &source)?;
        let traits = [
            (is_new, visit_flags::NEW),
            (hit.javascript, visit_flags::JAVASCRIPT),
            (hit.sticky_disabled, visit_flags::STICKY_DISABLED),
        ];
        let start = VisitStart {
            traits: traits.iter().filter(|(holds, _)| *holds).map(|(_, bit)| bit).sum(),
            address: visitor.may_be_known.then(|| arrival.stored_address()),
            address_key: arrival.address_key(),
            ..self.dictionary.describe(arrival, &source)?
        };
        let row = OpenVisit {
            id: self.visits.next_id(tx, hit.site, hit.at)?,
            visitor: visitor.id(),
            stay: 0,
            actions: 0,
            page_views: 0,
            last_number: 0,
            exit: None,
        };
        Ok(HitVisit { row, start: Some(start) })
    }

    /// Prolongs a visit to a hit, and appends its action.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub(super) fn write_action(
        &mut self,
        arrival: &Arrival<'_>,
        visit: &mut OpenVisit,
        trace: &mut HitTrace,
    ) -> Result<()> {
        let Arrival { tx, hit, .. } = *arrival;
        let at = arrival.time_in(visit.id);
        (trace.stay, trace.actions) = ((visit.stay, visit.stay), (visit.actions, visit.actions));
        // A page tells its web vitals when the visitor has left it, whenever that is.
        if hit.kind != HitKind::Vitals && is_open(visit, hit.at) {
            visit.stay = visit.stay.max(at);
            trace.stay.1 = visit.stay;
        }
        let HitKind::Action(kind) = hit.kind else { return Ok(()) };
        let page = self.dictionary.page(arrival, kind, &hit.page)?;
        let title = self.dictionary.label(arrival, TextKind::Pages, hit.title.as_deref())?;
        let is_landing = kind == ActionKind::PageView && visit.page_views == 0;
        visit.last_number += 1;
        visit.actions += i64::from(kind.counts());
        if kind == ActionKind::PageView {
            visit.page_views += 1;
            visit.exit = page;
        }
        trace.actions.1 = visit.actions;
        trace.action = Some(WrittenAction { kind, page, title });
        trace.landing = page.filter(|_| is_landing);
        let number = visit.last_number;
        let action = ActionRow { number, at, kind: kind.code(), page, title };
        visit_tables::create_action(tx, hit.site, visit.id, &action)?;
        if let Some(media) = &hit.media {
            let event = self.dictionary.label(arrival, TextKind::Custom, media.event.as_deref())?;
            visit_tables::create_media(tx, hit.site, visit.id, number, event, media.seconds)?;
        }
        self.after_commit.action(LiveAction { site: hit.site, visit: visit.id, number });
        Ok(())
    }

    /// Writes the data that a hit carries besides its action.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub(super) fn write_extras(
        &mut self,
        arrival: &Arrival<'_>,
        visit: VisitId,
        trace: &mut HitTrace,
    ) -> Result<()> {
        trace.custom = extras::write((&mut self.dictionary, &mut self.page_clicks), arrival, visit)?;
        if let Some(page) = trace.action.filter(|_| arrival.hit.is_not_found).and_then(|action| action.page) {
            extras::write_missing_page(&mut self.dictionary, arrival, visit, page)?;
        }
        Ok(())
    }

    /// Writes the goals that a visit reaches with a hit.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub(super) fn count_goals(
        &mut self,
        arrival: &Arrival<'_>,
        visit: VisitId,
        trace: &HitTrace,
    ) -> Result<()> {
        self.goals.write(arrival, visit, trace)
    }

    /// Writes a visit that begins with a hit, or what the hit changes in one that goes on.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub(super) fn write_visit(
        &mut self,
        arrival: &Arrival<'_>,
        visit: HitVisit,
        trace: &mut HitTrace,
    ) -> Result<VisitId> {
        let Arrival { tx, hit, site, visitor, .. } = arrival;
        let HitVisit { row, start } = visit;
        let id = row.id;
        self.note_change(arrival, id)?;
        if let Some(start) = start {
            let is_key_stored = start.address_key.is_some();
            (trace.is_new, trace.source) = (true, Some(start.source));
            visits::create_visit(tx, hit.site, &row, &VisitStart { landing: trace.landing, ..start })?;
            // The address of a hit that names its visit is the program's.
            if visitor.may_be_known && !arrival.names_visit() {
                self.after_commit.needs_hostname(arrival, id);
            }
            self.visits.opened(arrival, row, is_key_stored)?;
        } else {
            if site.site.privacy.consent_needed && visitor.may_be_known {
                self.add_personal_data(arrival, id)?;
            }
            if hit.is_page_view() && row.page_views == 1 {
                trace.source = self.write_landing(arrival, &row, trace.landing)?;
            }
            self.visits.changed(tx, hit.site, row)?;
        }
        Ok(id)
    }

    /// Counts a recorded hit towards the limits of its site, and notes the host of its page.
    pub(super) fn count_recorded(
        &mut self,
        site: &mut CachedSite,
        context: HitContext,
        hit: &Hit,
        visit: VisitId,
    ) {
        if matches!(hit.kind, HitKind::Action(kind) if kind.counts()) {
            site.count_action(visit);
            self.filter.count_action(site, context);
        }
        self.sites.note_origin(site, hit, self.is_import);
        self.other_hosts.note_sender(&site.site, hit);
    }

    /// Writes the landing page and the source of a visit that began without a page view, from its first one. The source
    /// stays as it is if it is direct now, or one that may open no visit; an internal one brings no campaign either. Returns
    /// another one.
    fn write_landing(
        &mut self,
        arrival: &Arrival<'_>,
        row: &OpenVisit,
        landing: Option<i64>,
    ) -> Result<Option<i64>> {
        let (visit, visitor) = (row.id, row.visitor);
        let Arrival { tx, hit, site, .. } = *arrival;
        if landing.is_some() {
            visits::update_landing(tx, hit.site, visit, landing)?;
        }
        let source = site.source_of(hit);
        if source.channel == Channel::Direct || self.filter.check_source(arrival, &source).is_err() {
            return Ok(None);
        }
        let is_internal = source.channel == Channel::Internal;
        let source = self.dictionary.source(arrival, &source)?;
        visits::update_source(tx, hit.site, visit, source, is_internal)?;
        if visitor.is_lasting() {
            touches::renew(tx, hit.site, visit)?;
        }
        Ok(Some(source).filter(|_| !is_internal))
    }

    /// Adds the personal data that was not stored when the visit began, after the visitor's consent.
    fn add_personal_data(&mut self, arrival: &Arrival<'_>, visit: VisitId) -> Result<()> {
        let Arrival { tx, hit, .. } = *arrival;
        let Some(country) = visits::find_unknown(tx, hit.site, visit)? else { return Ok(()) };
        let place = self.dictionary.place(arrival, country)?;
        let (address, key) = (arrival.stored_address(), arrival.address_key());
        visits::update_person(tx, hit.site, visit, &address, key, place)?;
        self.after_commit.needs_hostname(arrival, visit);
        Ok(())
    }

    /// Notes that a visit was written or changed: publishes it after the commit, and unseals its day.
    fn note_change(&mut self, arrival: &Arrival<'_>, visit: VisitId) -> Result<()> {
        let Arrival { tx, hit, site, .. } = *arrival;
        self.after_commit.visit(hit.site, visit);
        if site.sealed_end.is_some_and(|end| visit < end) {
            blocks::unseal_visit(tx, hit.site, visit)?;
        }
        if visit.began().after(limits::DAY_SETTLES_AFTER) < hit.at {
            // Reports treat its day as finished.
            blocks::begin_generation(tx, hit.site)?;
        }
        Ok(())
    }
}

/// Checks that clicks are to be recorded. Those of Clicky's page code are on all pages: who uses it asks for them.
fn check_clicks(arrival: &Arrival<'_>, visit: VisitId) -> std::result::Result<(), DropReason> {
    let Arrival { hit, site, .. } = arrival;
    let has_elements = hit.heatmap.iter().any(|point| point.element.is_some());
    let is_recorded = hit.heatmap.is_empty()
        || if has_elements { site.records_heatmap(hit, &hit.page, visit) } else { site.may_record(hit) };
    if is_recorded { Ok(()) } else { Err(DropReason::HeatmapOff) }
}
