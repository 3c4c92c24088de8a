//! From hits to rows, on the writer's thread: a hit is judged, its visit is found or begun, and its rows are written. Below
//! stands what that thread remembers between hits.

mod accept;
mod admission;
mod after_commit;
mod blocked_visitors;
mod dictionary;
mod dropped;
mod dropped_samples;
mod extras;
mod full_visit;
mod label_cache;
mod match_visit;
mod open_visits;
mod other_hosts;
mod page_origins;
mod page_senders;
mod rate_limit;
mod site_cache;
mod visitor_ids;

pub use self::admission::Admission;

use self::accept::HitFilter;
use self::after_commit::AfterCommit;
use self::dictionary::LabelDictionary;
use self::dropped::DroppedHits;
use self::full_visit::{continued, names_visit};
use self::match_visit::VisitMatch;
use self::open_visits::{OpenVisits, is_open};
use self::other_hosts::OtherHosts;
use self::page_origins::PageOrigins;
use self::site_cache::{CachedSite, SiteCache};
use self::visitor_ids::VisitorIds;
use super::change_log::ChangeLog;
use super::drop_reason::DropReason;
use super::hit::{ActionKind, Hit, HitKind, PageRef};
use super::identity;
use super::live::{Feed, LiveAction};
use super::new_text::TextKind;
use super::other_host::OtherHost;
use super::referrer_spam::ReferrerSpam;
use super::reverse_dns::LookupQueue;
use super::sender::{HitContext, Sender};
use super::source::{self, TrafficSource};
use super::translated;
use crate::error::Result;
use crate::limits;
use crate::model::address;
use crate::model::channel::Channel;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::{SiteId, VisitId};
use crate::store::visits::{self, ActionRow, OpenVisit, VisitStart, trait_bits};
use crate::store::{blocks, writer};
use rusqlite::Transaction;
use std::sync::Arc;

/// What a hit's sender is told once its rows are on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HitReceipt {
    /// Why it was not kept; none when it was.
    pub left_out: Option<DropReason>,
    /// Whether the page may keep the number that it offered in a first-party cookie; none: nothing is to change.
    pub keep_cookie: Option<bool>,
    /// True if the hit passed all checks so far, and nothing was stored: it may come again with its user
    /// agent parsed.
    pub wants_agent: bool,
}

/// Turns hits into rows.
pub struct Recorder {
    sites: SiteCache,
    judge: HitFilter,
    visits: OpenVisits,
    vocabulary: LabelDictionary,
    left_out: DroppedHits,
    other_hosts: OtherHosts,
    news: AfterCommit,
    page_origins: PageOrigins,
    is_import: bool,
}

impl writer::HitHandler for Recorder {
    type Hit = Hit;
    type Answer = HitReceipt;

    fn forget(&mut self) {
        self.sites.forget();
        self.visits.forget();
        self.vocabulary.forget();
        self.left_out.forget();
        self.other_hosts.forget();
        self.news.forget();
        self.page_origins.forget();
    }

    fn settings_changed(&mut self) {
        self.sites.forget();
        self.other_hosts.settings_changed();
    }

    fn labels_deleted(&mut self) {
        self.vocabulary.forget();
    }

    fn visits_erased(&mut self) {
        self.visits.forget();
    }

    fn handle(&mut self, tx: &Transaction<'_>, hit: &Hit) -> Result<HitReceipt> {
        let Some(mut known) = self.sites.take(tx, hit.site, hit.at)? else {
            self.left_out.count((SiteId(0), Zone::utc().day(hit.at)), DropReason::UnknownSite);
            return Ok(HitReceipt { left_out: Some(DropReason::UnknownSite), ..HitReceipt::default() });
        };
        let here =
            HitContext { site: hit.site, day: known.day, sender: Sender::from_hit(hit, self.is_import) };
        let read_back = translated::read_back(&known.site, hit);
        let hit = read_back.as_ref().unwrap_or(hit);
        let shortened = known.rules.shortened(hit);
        let hit = shortened.as_ref().unwrap_or(hit);
        let is_page_view = hit.kind == HitKind::Action(ActionKind::PageView);
        let other_host = OtherHost::find(&known.site, hit).filter(|host| {
            let may_pass = !is_page_view && !host.is_answered;
            !(may_pass && self.other_hosts.page_senders.contains(&known.site, &host.name))
        });
        let is_elsewhere = hit.is_agent_read && other_host.as_ref().is_some_and(|host| host.is_filtered);
        let verdict = self.judge.check(&known, hit).or(is_elsewhere.then_some(DropReason::OtherHost));
        if hit.server_side.is_some() && verdict != Some(DropReason::WrongKey) {
            known.note_admin_key(tx, hit.at)?;
        }
        if verdict.is_none() && !hit.is_agent_read {
            self.sites.put_back(known);
            return Ok(HitReceipt { wants_agent: true, ..HitReceipt::default() });
        }
        let outcome = match verdict {
            Some(reason) => Ok(Some(reason)),
            None => self.record(tx, here, &mut known, hit),
        };
        let may_keep = identity::may_keep(known.site.privacy, &hit.claim);
        if matches!(outcome, Ok(None)) {
            self.other_hosts.page_senders.note(&known.site, hit);
        }
        self.sites.put_back(known);
        let left_out = outcome?;
        if let Some(host) = other_host
            && is_page_view
            && matches!(left_out, None | Some(DropReason::OtherHost))
            && (host.is_answered || !self.judge.is_spam(&host.name))
        {
            self.other_hosts.count(tx, here, host)?;
        }
        for reason in left_out.into_iter().chain(self.vocabulary.take_refusals()) {
            self.left_out.add(here, reason, hit);
        }
        // What is left out gives no cookie, and takes one that is there against the settings of today.
        let tells = may_keep == Some(false) || left_out.is_none();
        Ok(HitReceipt { left_out, keep_cookie: may_keep.filter(|_| tells), wants_agent: false })
    }

    fn finish(&mut self, tx: &Transaction<'_>) -> Result<()> {
        self.visits.write(tx)?;
        self.other_hosts.write(tx)?;
        self.page_origins.write(tx)?;
        self.left_out.write(tx)
    }

    fn after_commit(&mut self) {
        self.news.publish();
    }
}

impl Recorder {
    /// Makes a recorder that reports actions to the feed and changed visits to the log, puts new visits in
    /// the line for host names, and updates `admission`, by which others predict its decisions. It turns `spam` away.
    pub fn new(
        feed: Feed,
        changes: ChangeLog,
        lookups: Option<LookupQueue>,
        admission: Admission,
        spam: Arc<ReferrerSpam>,
    ) -> Self {
        Self {
            sites: SiteCache::new(admission.clone()),
            judge: HitFilter::new(admission, spam),
            visits: OpenVisits::default(),
            vocabulary: LabelDictionary::new(),
            left_out: DroppedHits::default(),
            other_hosts: OtherHosts::default(),
            news: AfterCommit::new(feed, changes, lookups),
            page_origins: PageOrigins::default(),
            is_import: false,
        }
    }

    /// Makes a recorder for hits out of a file that the operator imports: nobody watches them live.
    pub fn for_import(spam: Arc<ReferrerSpam>) -> Self {
        let recorder = Self::new(Feed::new(), ChangeLog::default(), None, Admission::default(), spam);
        Self { is_import: true, ..recorder }
    }

    /// Writes a hit's rows; a reason when it has no place after all.
    fn record(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        known: &mut CachedSite,
        hit: &Hit,
    ) -> Result<Option<DropReason>> {
        let visitor = VisitorIds::identify(known, hit);
        let (mut visit, begun) = match match_visit::find(&mut self.visits, tx, known, &visitor, hit)? {
            VisitMatch::Open { visit, is_renamed } => {
                if is_renamed {
                    // Also where the hit itself has no room.
                    self.wrote(tx, known, visit.id, hit.at)?;
                }
                (visit, None)
            }
            VisitMatch::Unknown => return Ok(Some(DropReason::UnknownVisit)),
            VisitMatch::Full(full) => match self.open_visit(tx, (here, known), (&visitor, false), hit)? {
                Ok(begun) => {
                    let (visit, begun) = continued(tx, hit, full, begun)?;
                    (visit, Some(begun))
                }
                Err(reason) => return Ok(Some(reason)),
            },
            VisitMatch::None { .. } if !self.may_begin(hit) => return Ok(Some(DropReason::VisitOver)),
            VisitMatch::None { is_new } => {
                match self.open_visit(tx, (here, known), (&visitor, is_new), hit)? {
                    Ok((visit, begun)) => (visit, Some(begun)),
                    Err(reason) => return Ok(Some(reason)),
                }
            }
        };
        if let Some(reason) = self.judge.over_limit(known, here, hit) {
            return Ok(Some(reason));
        }
        let at = (hit.at.0 - visit.id.began().0).max(0);
        let is_first_view = hit.kind == HitKind::Action(ActionKind::PageView) && visit.page_views == 0;
        if is_open(&visit, hit.at) {
            visit.stay = visit.stay.max(at);
        }
        let landing = match hit.kind {
            HitKind::Action(kind) => self.append(tx, here, known, &mut visit, (kind, at, hit))?,
            HitKind::Goal | HitKind::Custom | HitKind::Heatmap | HitKind::Ping => None,
        };
        if matches!(hit.kind, HitKind::Action(kind) if kind.counts()) {
            known.count_action(visit.id);
            self.judge.count_action(known, here);
        }
        self.page_origins.note(known, hit, self.is_import);
        extras::write(&mut self.vocabulary, tx, here, known, visit.id, (at, visitor.may_be_known, hit))?;
        self.wrote(tx, known, visit.id, hit.at)?;
        if let Some(begun) = begun {
            // No server adds to visits that were written down elsewhere.
            let key = (!self.is_import)
                .then(|| (known.hasher().address_key(hit.address), begun.address_key.is_some()));
            visits::create_visit(tx, hit.site, &visit, &VisitStart { landing, ..begun })?;
            if names_visit(hit) {
                // The hit's own address is the program's.
                self.visits.followed(tx, hit.site, visit)?;
                return Ok(None);
            }
            if visitor.may_be_known {
                self.news.needs_hostname(known, visit.id, hit);
            }
            self.visits.opened(tx, hit.site, visit, key)?;
        } else {
            if known.site.privacy.consent_needed && visitor.may_be_known {
                self.add_personal_data(tx, here, known, visit.id, (&visitor, hit))?;
            }
            if is_first_view {
                self.write_landing(tx, here, known, (visit.id, landing), (&visitor, hit))?;
            }
            self.visits.changed(tx, hit.site, visit)?;
        }
        Ok(None)
    }

    /// Whether a hit of a visitor without a visit may begin one. What the page logs may, unless it only tells more of a page
    /// view that the tracker has sent before.
    fn may_begin(&self, hit: &Hit) -> bool {
        match hit.kind {
            HitKind::Action(_) => true,
            HitKind::Goal | HitKind::Custom => {
                self.is_import || hit.server_side.is_some() || hit.page_views_disabled
            }
            HitKind::Heatmap | HitKind::Ping => false,
        }
    }

    /// Writes what the first page view of a visit says that began without one: where it landed, and how it came, if it says
    /// so. From where nobody may come is not told.
    fn write_landing(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        known: &CachedSite,
        (visit, landing): (VisitId, Option<i64>),
        (visitor, hit): (&VisitorIds, &Hit),
    ) -> Result<()> {
        if landing.is_some() {
            visits::update_landing(tx, hit.site, visit, landing)?;
        }
        let source = source_of(known, hit);
        let says_nothing = source.medium == Channel::Direct;
        if says_nothing || self.judge.blocks_visit(known, visitor, (&source, hit)).is_some() {
            return Ok(());
        }
        let is_internal = source.medium == Channel::Internal;
        let source = self.vocabulary.source(tx, here, &source)?;
        visits::update_source(tx, hit.site, visit, source, is_internal)
    }

    /// Notes that a visit was written or changed: reports it, and unseals its day.
    fn wrote(
        &mut self,
        tx: &Transaction<'_>,
        known: &CachedSite,
        visit: VisitId,
        now: Timestamp,
    ) -> Result<()> {
        self.news.visit(known.site.id, visit);
        if known.sealed_end.is_some_and(|end| visit < end) {
            blocks::unseal_visit(tx, known.site.id, visit)?;
        }
        if visit.began().after(limits::DAY_SETTLES_AFTER) < now {
            // Reports take it for a day that is over.
            blocks::begin_edition(tx, known.site.id)?;
        }
        Ok(())
    }

    /// A visit that begins with this hit, not written yet; a reason when the hit can't begin one.
    fn open_visit(
        &mut self,
        tx: &Transaction<'_>,
        (here, known): (HitContext, &CachedSite),
        (visitor, is_new): (&VisitorIds, bool),
        hit: &Hit,
    ) -> Result<std::result::Result<(OpenVisit, VisitStart), DropReason>> {
        let source = source_of(known, hit);
        if let Some(reason) = self.judge.blocks_visit(known, visitor, (&source, hit)) {
            return Ok(Err(reason));
        }
        let mut begun = self.vocabulary.describe(tx, here, (hit, visitor.may_be_known), &source)?;
        let traits = [
            (is_new, trait_bits::NEW),
            (hit.javascript, trait_bits::JAVASCRIPT),
            (hit.sticky_disabled, trait_bits::STICKY_DISABLED),
        ];
        begun.traits = traits.iter().filter(|(holds, _)| *holds).map(|(_, bit)| bit).sum();
        let stored = || address::stored(hit.address, known.site.privacy.addresses_shortened);
        begun.address = visitor.may_be_known.then(stored);
        begun.address_key = self.address_key(known, (visitor, hit));
        let visit = OpenVisit {
            id: self.visits.next_id(tx, hit.site, hit.at)?,
            visitor: visitor.id(),
            stay: 0,
            actions: 0,
            page_views: 0,
            last_number: 0,
            exit: None,
        };
        Ok(Ok((visit, begun)))
    }

    /// Appends an action to its visit. Says the label of the landing page, when this is it.
    fn append(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        known: &CachedSite,
        visit: &mut OpenVisit,
        (kind, at, hit): (ActionKind, i64, &Hit),
    ) -> Result<Option<i64>> {
        let page = self.vocabulary.page(tx, here, known, kind, &hit.page)?;
        let title = self.vocabulary.label(tx, here, TextKind::Pages, hit.title.as_deref())?;
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
            let event = self.vocabulary.label(tx, here, TextKind::Custom, media.event.as_deref())?;
            visits::create_media(tx, hit.site, visit.id, number, event, media.seconds)?;
        }
        self.news.action(LiveAction { site: hit.site, visit: visit.id, number });
        Ok(page.filter(|_| is_landing))
    }

    /// Returns the key that finds a visit by its IP address alone, if the file may hold it.
    fn address_key(&self, known: &CachedSite, (visitor, hit): (&VisitorIds, &Hit)) -> Option<i64> {
        // No server adds to visits that were written down elsewhere.
        let is_kept = !self.is_import && visitor.may_be_keyed;
        is_kept.then(|| known.hasher().address_key(hit.address))
    }

    /// Consent came: what was not kept at the visit's beginning is kept now.
    fn add_personal_data(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        known: &CachedSite,
        visit: VisitId,
        (visitor, hit): (&VisitorIds, &Hit),
    ) -> Result<()> {
        let Some(country) = visits::find_unknown(tx, hit.site, visit)? else { return Ok(()) };
        let place = self.vocabulary.place(tx, here, (country, hit))?;
        let address = address::stored(hit.address, known.site.privacy.addresses_shortened);
        let key = self.address_key(known, (visitor, hit));
        visits::update_person(tx, hit.site, visit, &address, key, place)?;
        self.news.needs_hostname(known, visit, hit);
        Ok(())
    }
}

/// How the sender of a visit's first hit came.
fn source_of(known: &CachedSite, hit: &Hit) -> TrafficSource {
    if hit.referrer.is_empty() && hit.query.is_empty() {
        return TrafficSource::direct();
    }
    let address = match &hit.page {
        PageRef::Absolute(address) => address.clone(),
        PageRef::Bare(_) | PageRef::None => format!("https://{}/", known.site.domain),
    };
    match url::Url::parse(&address) {
        Ok(mut landing) => {
            landing.set_query((!hit.query.is_empty()).then_some(hit.query.as_str()));
            source::classify(&hit.referrer, &landing, &|host| known.site.owns_host(host))
        }
        Err(_) => TrafficSource::direct(),
    }
}
