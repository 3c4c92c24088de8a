//! The judge on the writer's thread: whether a hit counts, which visit it belongs to, and which rows that makes.

use super::changes::Changes;
use super::crowd::Crowd;
use super::hit::{ActionKind, Hit, HitKind, Named, PageRef};
use super::hostnames::{Lookups, Nameless};
use super::identity;
use super::live::{Feed, LiveAction};
use super::open_visits::{OpenVisits, can_be_joined, is_open, visit_at};
use super::page;
use super::reason::Reason;
use super::samples::Samples;
use super::site_book::{KnownSite, SiteBook};
use super::source::{self, Campaign, Medium, Source};
use super::turned_away::TurnedAway;
use super::visitor::Visitor;
use super::words::Words;
use crate::address;
use crate::clock::{Day, Zone};
use crate::error::Result;
use crate::id::{SiteId, VisitId, VisitorId};
use crate::limits;
use crate::store::circumstances::{self, Circumstances, Machine, Place, Spot};
use crate::store::rows::{self, Action, Beginning, Conversion, HeatmapClick, Visit};
use crate::store::{blocks, filtered, writer};
use rusqlite::Transaction;
use std::collections::HashMap;

/// What a hit's sender is told once its rows are on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Why it was not kept; none when it was.
    pub left_out: Option<Reason>,
    /// Whether the page may keep the number that it offered in a first-party cookie; none: nothing is to change.
    pub keep_cookie: Option<bool>,
}

/// Bits of `visits.traits`.
pub mod trait_bits {
    /// The visitor was never seen before, as far as that can be known.
    pub const NEW: i64 = 1;
    /// The browser runs scripts.
    pub const JAVASCRIPT: i64 = 2;
    /// Referrer and campaign must not stick to later visits.
    pub const STICKY_DISABLED: i64 = 4;
}

/// Turns hits into rows.
pub struct Recorder {
    sites: SiteBook,
    visits: OpenVisits,
    words: Words,
    circumstances: Circumstances,
    crowd: Crowd,
    turned_away: TurnedAway,
    left_out: HashMap<(SiteId, Day, Reason), i64>,
    samples: Samples,
    to_tell: Vec<LiveAction>,
    feed: Feed,
    changed: Vec<(SiteId, VisitId)>,
    changes: Changes,
    nameless: Vec<Nameless>,
    lookups: Option<Lookups>,
}

impl writer::Intake for Recorder {
    type Hit = Hit;
    type Answer = Answer;

    fn forget(&mut self) {
        self.sites.forget();
        self.visits.forget();
        self.words.forget();
        self.circumstances.forget();
        self.left_out.clear();
        self.samples.forget();
        self.to_tell.clear();
        self.changed.clear();
        self.nameless.clear();
        self.changes.forget();
    }

    fn settings_changed(&mut self) {
        self.sites.forget();
    }

    fn labels_deleted(&mut self) {
        self.words.forget();
        self.circumstances.forget();
    }

    fn visits_erased(&mut self) {
        self.visits.forget();
    }

    fn take(&mut self, tx: &Transaction<'_>, hit: &Hit) -> Result<Answer> {
        let Some(mut known) = self.sites.take(tx, hit.site, hit.at)? else {
            return Ok(self.leave_out((SiteId(0), Zone::utc().day(hit.at)), Reason::UnknownSite));
        };
        let verdict = self.judge(&known, hit);
        if hit.server_side.is_some() && verdict != Some(Reason::WrongKey) {
            known.note_admin_key(tx, hit.at)?;
        }
        let outcome = match verdict {
            Some(reason) => Ok(self.sample((hit.site, known.day), reason, hit)),
            None => self.keep(tx, &mut known, hit),
        };
        let may_keep = identity::may_keep(known.site.privacy, &hit.claim);
        self.sites.put_back(known);
        // What is left out gives no cookie, and takes one that is there against the settings of today.
        let tells = |answer: &Answer| may_keep == Some(false) || answer.left_out.is_none();
        outcome.map(|answer| Answer { keep_cookie: may_keep.filter(|_| tells(&answer)), ..answer })
    }

    fn finish(&mut self, tx: &Transaction<'_>) -> Result<()> {
        self.visits.write(tx)?;
        for ((site, day, reason), count) in self.left_out.drain() {
            filtered::add(tx, site, day, reason.name(), count)?;
        }
        self.samples.write(tx)
    }

    fn committed(&mut self) {
        if self.changes.is_watched() && !self.changed.is_empty() {
            self.changes.tell(self.changed.drain(..));
        }
        self.changed.clear();
        if let Some(lookups) = &self.lookups {
            lookups.add(self.nameless.drain(..));
        }
        self.to_tell.drain(..).for_each(|action| self.feed.tell(action));
    }
}

impl Recorder {
    /// One that tells this feed of actions and this log of changed visits, and lets new visits wait for host names.
    pub fn new(feed: Feed, changes: Changes, lookups: Option<Lookups>) -> Self {
        Self {
            sites: SiteBook::default(),
            visits: OpenVisits::default(),
            words: Words::new(),
            circumstances: Circumstances::default(),
            crowd: Crowd::default(),
            turned_away: TurnedAway::default(),
            left_out: HashMap::new(),
            samples: Samples::default(),
            to_tell: Vec::new(),
            feed,
            changed: Vec::new(),
            changes,
            nameless: Vec::new(),
            lookups,
        }
    }

    fn leave_out(&mut self, (site, day): (SiteId, Day), reason: Reason) -> Answer {
        *self.left_out.entry((site, day, reason)).or_default() += 1;
        Answer { left_out: Some(reason), keep_cookie: None }
    }

    /// Leaves a hit out and remembers what can be shown of it.
    fn sample(&mut self, here: (SiteId, Day), reason: Reason, hit: &Hit) -> Answer {
        self.samples.add(here, reason, hit);
        self.leave_out(here, reason)
    }

    /// Why a hit must not be kept, as far as that does not depend on its visit.
    fn judge(&mut self, known: &KnownSite, hit: &Hit) -> Option<Reason> {
        if let Some(program) = &hit.server_side {
            return match program.names {
                _ if !known.keys.admin.matches(&program.key) => Some(Reason::WrongKey),
                Named::Nobody => Some(Reason::NoVisitor),
                Named::Visit(_) | Named::Address if names_nothing(hit) => Some(Reason::NoPage),
                Named::Visit(_) | Named::Address => known.rules.left_out(hit),
            };
        }
        let crowd = (hit.site, known.site.bounds.hits_per_minute_max);
        // Hits that another program wrote down without addresses are no crowd behind one.
        if !hit.address.is_unspecified() && !self.crowd.admits(crowd, hit.address, hit.at) {
            return Some(Reason::TooManyHits);
        }
        if hit.automated {
            return Some(Reason::Automation);
        }
        if hit.agent.is_bot {
            return Some(Reason::Bot);
        }
        if names_nothing(hit) {
            return Some(Reason::NoPage);
        }
        known.rules.left_out(hit)
    }

    fn keep(&mut self, tx: &Transaction<'_>, known: &mut KnownSite, hit: &Hit) -> Result<Answer> {
        let here = (hit.site, known.day);
        let visitor = Visitor::tell(known, hit);
        let (mut visit, begun) = match self.find_visit(tx, known, &visitor, hit)? {
            Found::Open(visit) => (visit, None),
            Found::Unknown => return Ok(self.sample(here, Reason::UnknownVisit, hit)),
            Found::None { .. } if matches!(hit.kind, HitKind::Ping | HitKind::Heatmap | HitKind::Custom) => {
                return Ok(self.sample(here, Reason::VisitOver, hit));
            }
            Found::None { is_new } => match self.begin(tx, known, (&visitor, is_new), hit)? {
                Ok((visit, begun)) => (visit, Some(begun)),
                Err(reason) => return Ok(self.sample(here, reason, hit)),
            },
        };
        let is_full = |most: i64| known.actions_today >= most;
        if known.site.bounds.actions_per_day_max.is_some_and(is_full)
            && matches!(hit.kind, HitKind::Action(_))
        {
            return Ok(self.sample(here, Reason::DayFull, hit));
        }
        if visit.last_number >= limits::VISIT_ACTIONS_MAX && matches!(hit.kind, HitKind::Action(_)) {
            return Ok(self.sample(here, Reason::VisitFull, hit));
        }
        let at = (hit.at.0 - visit.id.began().0).max(0);
        if is_open(&visit, hit.at) {
            visit.stay = visit.stay.max(at);
        }
        let landing = match hit.kind {
            HitKind::Action(kind) => self.append(tx, here, known, &mut visit, (kind, at, hit))?,
            HitKind::Goal | HitKind::Custom | HitKind::Heatmap | HitKind::Ping => None,
        };
        known.actions_today += i64::from(matches!(hit.kind, HitKind::Action(kind) if kind.counts()));
        self.attach(tx, here, known, &visit, (at, visitor.may_be_known, hit))?;
        self.changed.push((hit.site, visit.id));
        if visit.id.began().after(limits::DAY_SETTLES_AFTER) < hit.at {
            blocks::unseal(tx, hit.site, &(visit.id..VisitId(visit.id.0 + 1)))?;
        }
        if let Some(begun) = begun {
            let address_key = begun.address_key;
            rows::create_visit(tx, hit.site, &visit, &Beginning { landing, ..begun })?;
            if visitor.may_be_known {
                self.wait_for_name(known, visit.id, hit);
            }
            self.visits.opened(tx, hit.site, visit, address_key)?;
        } else {
            if known.site.privacy.consent_needed && visitor.may_be_known {
                self.make_known(tx, here, known, visit.id, hit)?;
            }
            if landing.is_some() {
                rows::update_landing(tx, hit.site, visit.id, landing)?;
            }
            self.visits.changed(tx, hit.site, visit)?;
        }
        Ok(Answer::default())
    }

    /// Lets a visit wait for the name of its address, where the operator wants to know.
    fn wait_for_name(&mut self, known: &KnownSite, visit: VisitId, hit: &Hit) {
        if self.lookups.is_some() {
            let is_shortened = known.site.privacy.addresses_shortened;
            self.nameless.push(Nameless { site: hit.site, visit, address: hit.address, is_shortened });
        }
    }

    /// Consent came: what was not kept at the visit's beginning is kept now.
    fn make_known(
        &mut self,
        tx: &Transaction<'_>,
        here: (SiteId, Day),
        known: &KnownSite,
        visit: VisitId,
        hit: &Hit,
    ) -> Result<()> {
        let Some(country) = rows::find_unknown(tx, hit.site, visit)? else { return Ok(()) };
        let place = Place { country, ..self.place(tx, here, &hit.place)? };
        let place = self.circumstances.place(tx, place)?;
        let address = address::stored(hit.address, known.site.privacy.addresses_shortened);
        rows::update_person(tx, hit.site, visit, (&address, place))?;
        self.wait_for_name(known, visit, hit);
        Ok(())
    }

    /// The open visit that a hit belongs to.
    fn find_visit(
        &mut self,
        tx: &Transaction<'_>,
        known: &KnownSite,
        visitor: &Visitor,
        hit: &Hit,
    ) -> Result<Found> {
        let site = hit.site;
        if let Some(program) = &hit.server_side {
            if let Named::Visit(id) = program.names {
                let joined = self.visits.find(tx, site, id)?.filter(|visit| can_be_joined(visit, hit.at));
                return Ok(joined.map_or(Found::Unknown, Found::Open));
            }
            let hashers = (known.hasher(), known.hasher_before(hit.at));
            if let Some(visit) = self.visits.by_address(tx, site, hashers, hit.address, hit.at)? {
                return Ok(Found::Open(visit));
            }
        }
        let mut is_new = true;
        for candidate in visitor.candidates(known, hit) {
            let Some(newest) = self.visits.newest(tx, site, candidate)? else { continue };
            is_new &= candidate != visitor.id();
            let Some(visit) = visit_at(tx, site, newest, hit.at)? else { continue };
            if !is_open(&visit, hit.at) {
                if visitor.lasting == Some(candidate) {
                    // Somebody known: the open visit of the same address and browser is somebody else's.
                    break;
                }
                continue;
            }
            return Ok(Found::Open(match visitor.lasting {
                Some(lasting) if candidate != lasting => self.rename(tx, site, visit, lasting)?,
                _ => visit,
            }));
        }
        Ok(Found::None { is_new })
    }

    /// Consent came during the visit: it goes on under the cookie's number.
    fn rename(
        &mut self,
        tx: &Transaction<'_>,
        site: SiteId,
        visit: Visit,
        lasting: VisitorId,
    ) -> Result<Visit> {
        rows::update_visitor(tx, site, visit.id, lasting)?;
        let from = visit.visitor;
        let renamed = Visit { visitor: lasting, ..visit };
        self.visits.renamed(tx, site, from, renamed.clone())?;
        Ok(renamed)
    }

    /// A visit that begins with this hit, not written yet; a reason when the hit can't begin one.
    fn begin(
        &mut self,
        tx: &Transaction<'_>,
        known: &KnownSite,
        (visitor, is_new): (&Visitor, bool),
        hit: &Hit,
    ) -> Result<std::result::Result<(Visit, Beginning), Reason>> {
        let source = Self::source(known, hit);
        if let Some(reason) = self.turns_away(known, visitor, (&source, hit)) {
            return Ok(Err(reason));
        }
        let mut begun = self.describe(tx, (hit.site, known.day), (hit, visitor.may_be_known), &source)?;
        let traits = [
            (is_new, trait_bits::NEW),
            (hit.javascript, trait_bits::JAVASCRIPT),
            (hit.sticky_disabled, trait_bits::STICKY_DISABLED),
        ];
        begun.traits = traits.iter().filter(|(holds, _)| *holds).map(|(_, bit)| bit).sum();
        let stored = || address::stored(hit.address, known.site.privacy.addresses_shortened);
        begun.address = visitor.may_be_known.then(stored);
        // Finds the visit again by its address alone.
        begun.address_key = Some(known.hasher().address_key(hit.address));
        let visit = Visit {
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

    /// Why no visit may begin: it comes from somewhere that is left out, or it is the next page of one that did.
    fn turns_away(
        &mut self,
        known: &KnownSite,
        visitor: &Visitor,
        (source, hit): (&Source, &Hit),
    ) -> Option<Reason> {
        let (site, id) = (hit.site, visitor.id());
        let judge = |domain: &str| match () {
            () if source::is_spam(domain) => Some(Reason::ReferrerSpam),
            () if known.rules.excludes_referrer(domain) => Some(Reason::ExcludedReferrer),
            () => None,
        };
        let domain = match source.domain.as_deref() {
            Some(domain) if judge(domain).is_some() => domain.into(),
            _ if matches!(source.medium, Medium::Internal | Medium::Direct) => {
                self.turned_away.find(site, id, hit.at)?
            }
            _ => return None,
        };
        // Judged anew: whoever came from a domain that is not left out any more is let in.
        let reason = judge(&domain)?;
        self.turned_away.note(site, id, domain, hit.at);
        Some(reason)
    }

    fn source(known: &KnownSite, hit: &Hit) -> Source {
        let address = match &hit.page {
            PageRef::Absolute(address) => address.clone(),
            PageRef::Bare(_) | PageRef::None => format!("https://{}/", known.site.domain),
        };
        match url::Url::parse(&address) {
            Ok(mut landing) => {
                landing.set_query((!hit.query.is_empty()).then_some(hit.query.as_str()));
                source::classify(&hit.referrer, &landing, &|host| known.site.owns_host(host))
            }
            Err(_) => Source::direct(),
        }
    }

    /// Everything about a visit that is told by its first hit.
    fn describe(
        &mut self,
        tx: &Transaction<'_>,
        here: (SiteId, Day),
        (hit, may_be_known): (&Hit, bool),
        source: &Source,
    ) -> Result<Beginning> {
        let source = self.origin(tx, here, source)?;
        let machine = self.machine(tx, here, hit)?;
        let exact = if may_be_known { self.place(tx, here, &hit.place)? } else { Place::default() };
        let country = hit.place.country.as_ref().map(super::place::Country::code);
        let place = Place { country: self.number(tx, here, country)?, ..exact };
        Ok(Beginning {
            source: self.circumstances.source(tx, source)?,
            machine: self.circumstances.machine(tx, machine)?,
            place: self.circumstances.place(tx, place)?,
            ..Beginning::default()
        })
    }

    fn origin(
        &mut self,
        tx: &Transaction<'_>,
        here: (SiteId, Day),
        source: &Source,
    ) -> Result<circumstances::Source> {
        let mut label = |text: Option<&String>| self.number(tx, here, text.map(String::as_str));
        let campaign = match &source.campaign {
            Some(Campaign { name, source, medium, term, content }) => [
                label(Some(name))?,
                label(source.as_ref())?,
                label(medium.as_ref())?,
                label(term.as_ref())?,
                label(content.as_ref())?,
            ],
            None => [0; 5],
        };
        Ok(circumstances::Source {
            medium: source.medium.code(),
            referrer: label(source.referrer.as_ref())?,
            referrer_domain: label(source.domain.as_ref())?,
            referrer_name: label(source.name.as_ref())?,
            search_terms: label(source.terms.as_ref())?,
            campaign,
        })
    }

    fn machine(&mut self, tx: &Transaction<'_>, here: (SiteId, Day), hit: &Hit) -> Result<Machine> {
        let agent = &hit.agent.agent;
        let mut label = |text: Option<&str>| self.number(tx, here, text);
        Ok(Machine {
            browser: label(Some(&agent.browser))?,
            system: label(Some(&agent.system))?,
            hardware: agent.hardware.code(),
            screen: label(hit.screen.as_deref())?,
            language: label(hit.language.as_deref())?,
        })
    }

    /// Where exactly a visitor is, but for the country.
    fn place(
        &mut self,
        tx: &Transaction<'_>,
        here: (SiteId, Day),
        place: &super::place::Place,
    ) -> Result<Place> {
        let mut label = |text: Option<&str>| self.number(tx, here, text);
        Ok(Place {
            country: 0,
            region: label(place.region.as_deref())?,
            city: label(place.city.as_deref())?,
            organization: label(place.organisation.as_deref())?,
            spot: Spot::of(place.latitude, place.longitude),
        })
    }

    /// The label of a text; 0: there is none.
    fn number(&mut self, tx: &Transaction<'_>, here: (SiteId, Day), text: Option<&str>) -> Result<i64> {
        Ok(self.label(tx, here, text)?.unwrap_or(0))
    }

    fn label(
        &mut self,
        tx: &Transaction<'_>,
        here: (SiteId, Day),
        text: Option<&str>,
    ) -> Result<Option<i64>> {
        text.filter(|text| !text.is_empty()).map(|text| self.words.label(tx, here, text)).transpose()
    }

    fn page_label(
        &mut self,
        tx: &Transaction<'_>,
        here: (SiteId, Day),
        known: &KnownSite,
        page: &PageRef,
    ) -> Result<Option<i64>> {
        match page {
            PageRef::Absolute(address) => {
                let stripped = known.rules.stripped(address);
                self.label(tx, here, Some(stripped.as_ref().unwrap_or(address)))
            }
            PageRef::Bare(path) => {
                let address = page::complete(path, &known.site.domain);
                let stripped = address.as_deref().and_then(|address| known.rules.stripped(address));
                self.label(tx, here, stripped.or(address).as_deref())
            }
            PageRef::None => Ok(None),
        }
    }

    /// Appends an action to its visit. Says the label of the landing page, when this is it.
    fn append(
        &mut self,
        tx: &Transaction<'_>,
        here: (SiteId, Day),
        known: &KnownSite,
        visit: &mut Visit,
        (kind, at, hit): (ActionKind, i64, &Hit),
    ) -> Result<Option<i64>> {
        let page = self.page_label(tx, here, known, &hit.page)?;
        let title = self.label(tx, here, hit.title.as_deref())?;
        let is_landing = kind == ActionKind::PageView && visit.page_views == 0;
        visit.last_number += 1;
        visit.actions += i64::from(kind.counts());
        if kind == ActionKind::PageView {
            visit.page_views += 1;
            visit.exit = page;
        }
        let number = visit.last_number;
        rows::create_action(tx, hit.site, visit.id, &Action { number, at, kind: kind.code(), page, title })?;
        if let Some(media) = &hit.media {
            let event = self.label(tx, here, media.event.as_deref())?;
            rows::create_media(tx, hit.site, visit.id, number, (event, media.seconds))?;
        }
        if self.feed.is_watched() {
            self.to_tell.push(LiveAction { site: hit.site, visit: visit.id, number });
        }
        Ok(page.filter(|_| is_landing))
    }

    /// Keeps what a hit carries beside its action.
    fn attach(
        &mut self,
        tx: &Transaction<'_>,
        here: (SiteId, Day),
        known: &KnownSite,
        visit: &Visit,
        (at, may_be_known, hit): (i64, bool, &Hit),
    ) -> Result<()> {
        for (key, value) in hit.custom.iter().filter(|_| may_be_known) {
            let pair = (self.words.label(tx, here, key)?, self.words.label(tx, here, value)?);
            rows::set_custom(tx, hit.site, visit.id, pair, limits::CUSTOM_KEYS_MAX)?;
        }
        for goal in &hit.goals {
            let conversion =
                Conversion { at, goal: self.words.label(tx, here, &goal.name)?, revenue: goal.revenue };
            rows::create_conversion(tx, hit.site, visit.id, &conversion, limits::CONVERSIONS_PER_VISIT_MAX)?;
        }
        for split in &hit.splits {
            let test = self.words.label(tx, here, &split.test)?;
            let version = self.words.label(tx, here, &split.version)?;
            let goal = self.label(tx, here, split.goal.as_deref())?;
            rows::create_split(tx, hit.site, visit.id, (test, version, goal), limits::SPLITS_PER_VISIT_MAX)?;
        }
        for point in &hit.heatmap {
            if let Some(page) = self.page_label(tx, here, known, &point.page)? {
                let click = HeatmapClick { page, x: point.x, y: point.y, width: point.width };
                rows::create_heatmap_click(
                    tx,
                    hit.site,
                    visit.id,
                    &click,
                    limits::HEATMAP_CLICKS_PER_VISIT_MAX,
                )?;
            }
        }
        Ok(())
    }
}

/// Whether a hit says nothing: an action that has neither an address nor, from a page's own script, a title; a goal
/// without a goal, and without anything else that would be kept.
fn names_nothing(hit: &Hit) -> bool {
    let kind = match hit.kind {
        HitKind::Action(kind) => kind,
        HitKind::Goal => return hit.goals.is_empty() && hit.splits.is_empty() && hit.custom.is_empty(),
        HitKind::Custom | HitKind::Heatmap | HitKind::Ping => return false,
    };
    let has_title = kind == ActionKind::Event && hit.server_side.is_none() && hit.title.is_some();
    hit.page == PageRef::None && !has_title
}

/// What is known of the visit that a hit may belong to.
enum Found {
    /// It goes on.
    Open(Visit),
    /// There is none; the visitor may be one who was never seen.
    None { is_new: bool },
    /// A program names one that can't go on.
    Unknown,
}
