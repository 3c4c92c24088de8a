//! The way of a hit, from the beacon to the live feed. [`Step`] lists its steps in order, each with the reasons for which it
//! may drop a hit. [`crate::collect::beacon`] and [`crate::app::App::record`] take the steps before the writer's queue; the
//! functions below put those of the writer's thread in order, and [`Recorder`] holds what the steps do.

use super::drop_reason::{DropReason, Passed, Stop};
use super::hit::{Hit, HitKind};
use super::identity;
use super::other_hosts::OtherHost;
use super::recorder::arrival::Arrival;
use super::recorder::site_cache::CachedSite;
use super::recorder::{HitTrace, Recorder};
use super::sender::{HitContext, Sender};
use crate::error::Result;
use crate::limits;
use crate::model::id::VisitId;
use crate::store::sent_hits::{SentHit, SentOutcome};
use crate::store::writer::HitHandler;
use rusqlite::Transaction;

/// A step on the way of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reads the parameters of a beacon (`collect::beacon`, `collect::parameters`).
    Read,
    /// Makes a hit of them: bounds all texts, parses addresses, finds the location (`enrich`).
    Enrich,
    /// Predicts whether the hit will be accepted. An unknown user agent, the costly part, is parsed before the writer is
    /// asked only if it will (`collect::beacon`, `recorder::accept::Admission`).
    Predict,
    /// Waits in the writer's queue (`App::record`, `store::writer`).
    Queue,
    /// Finds the site, on its local day (`recorder::site_cache`).
    FindSite,
    /// Finds out whether the hit was sent before, by the id that its program gave it. Such a hit goes no further
    /// (`recorder::sent_ids`).
    FindSent,
    /// Restores what the hit says of the page: the original of a translated one, an address that is not too long
    /// (`translated`, `exclusions`).
    Clean,
    /// Checks the admin key of a server-side hit (`recorder::site_cache`).
    CheckKey,
    /// Checks the sender and the site's exclusions (`recorder::accept`, `exclusions`).
    Accept,
    /// Checks the host of the page (`other_hosts`). A hit whose user agent is not parsed goes back after this step.
    CheckHost,
    /// Finds out under which IDs the visitor may be known (`recorder::arrival`, `identity`).
    Identify,
    /// Finds the visit that the hit belongs to (`recorder::match_visit`, `recorder::visit_cache`).
    MatchVisit,
    /// Begins a visit if there is none, with source, device and location (`source`, `recorder::accept`).
    OpenVisit,
    /// Checks that an action has room in the site's day (`recorder::accept`).
    CheckDay,
    /// Appends the action to the visit.
    WriteAction,
    /// Writes custom data, split tests, clicks, and how pages were read (`recorder::extras`).
    WriteExtras,
    /// Writes the visit if it is new, and what the hit changed in it.
    WriteVisit,
    /// Writes the goals that the visit reaches with the hit, named by it or matched by their rules (`recorder::goal_counter`,
    /// `goal_match`).
    CountGoals,
    /// Notes which new texts of the steps before had no room: they read “(other)”, and the hit stays (`recorder::dictionary`,
    /// `budgets`).
    NewTexts,
    /// Notes which revenue of goals did not count: the conversion stays (`recorder::goal_counter`).
    Revenue,
    /// Counts the hit: towards the limits of its site, by the host of its page, or as dropped (`dropped_hits`).
    Count,
    /// Writes the id that its program gave the hit, with the outcome (`recorder::sent_ids`).
    WriteSent,
    /// Writes, once for a batch, what the caches gathered; then the batch is committed (`store::writer`).
    FinishBatch,
    /// Publishes the batch: to live streams, reports and reverse DNS (`recorder::after_commit`). The senders get their
    /// receipts (`collect::answer`).
    Publish,
}

impl Step {
    /// All steps, in order.
    #[cfg(test)]
    const ALL: [Self; 24] = [
        Self::Read,
        Self::Enrich,
        Self::Predict,
        Self::Queue,
        Self::FindSite,
        Self::FindSent,
        Self::Clean,
        Self::CheckKey,
        Self::Accept,
        Self::CheckHost,
        Self::Identify,
        Self::MatchVisit,
        Self::OpenVisit,
        Self::CheckDay,
        Self::WriteAction,
        Self::WriteExtras,
        Self::WriteVisit,
        Self::CountGoals,
        Self::NewTexts,
        Self::Revenue,
        Self::Count,
        Self::WriteSent,
        Self::FinishBatch,
        Self::Publish,
    ];

    /// Returns the reasons for which the step may drop a hit, or a text of it.
    pub fn reasons(self) -> &'static [DropReason] {
        use super::budgets::Budget::{Network, Site};
        use super::budgets::TextKind::{Custom, Devices, Elements, Pages, Sources};
        use DropReason as Reason;
        match self {
            Self::Read => &[Reason::CompressedBody, Reason::TooLarge],
            Self::Enrich | Self::FindSite => &[Reason::UnknownSite],
            Self::Queue => &[Reason::Busy],
            Self::CheckKey => &[Reason::WrongKey],
            Self::Accept => &[
                Reason::NoVisitor,
                Reason::TooManyHits,
                Reason::Automation,
                Reason::Bot,
                Reason::NoPage,
                Reason::VitalsOff,
                Reason::VitalsValue,
                Reason::ExcludedAddress,
                Reason::ExcludedCountry,
                Reason::ExcludedPage,
            ],
            Self::CheckHost => &[Reason::OtherHost],
            Self::MatchVisit => &[Reason::UnknownVisit, Reason::VisitOver, Reason::HeatmapOff],
            Self::OpenVisit => &[Reason::ReferrerSpam, Reason::ExcludedReferrer],
            Self::CheckDay => &[Reason::DayFull, Reason::NetworkFull],
            Self::NewTexts => &[
                Reason::NewText(Pages, Network),
                Reason::NewText(Pages, Site),
                Reason::NewText(Sources, Network),
                Reason::NewText(Sources, Site),
                Reason::NewText(Custom, Network),
                Reason::NewText(Custom, Site),
                Reason::NewText(Elements, Network),
                Reason::NewText(Elements, Site),
                Reason::NewText(Devices, Network),
                Reason::NewText(Devices, Site),
            ],
            Self::Revenue => &[Reason::RevenueNumber, Reason::RevenueSize, Reason::RevenueCurrency],
            Self::Predict
            | Self::FindSent
            | Self::Clean
            | Self::Identify
            | Self::WriteAction
            | Self::WriteExtras
            | Self::WriteVisit
            | Self::CountGoals
            | Self::Count
            | Self::WriteSent
            | Self::FinishBatch
            | Self::Publish => &[],
        }
    }

    /// Returns the reason for which the step drops a hit. It is one of [`Step::reasons`].
    pub fn drops(self, reason: DropReason) -> DropReason {
        debug_assert!(self.reasons().contains(&reason), "{self:?} drops a hit for {reason:?}");
        reason
    }

    /// Takes the step.
    ///
    /// # Errors
    ///
    /// Drops the hit for one of [`Step::reasons`], and fails as the step does.
    fn run<T, E: Into<Stop>>(self, step: impl FnOnce() -> Result<T, E>) -> Passed<T> {
        step().map_err(|stop| match stop.into() {
            Stop::Dropped(reason) => Stop::Dropped(self.drops(reason)),
            failed @ Stop::Failed(_) => failed,
        })
    }

    /// Takes a step that drops no hit.
    pub fn pass<T>(self, step: impl FnOnce() -> T) -> T {
        debug_assert!(self.reasons().is_empty(), "{self:?} may drop a hit");
        step()
    }
}

/// The optional parts of the tracker, as the settings of a site ask for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrackerParts {
    /// True for the part that measures web vitals.
    pub vitals: bool,
    /// True for the part that records clicks and scroll depth.
    pub heatmap: bool,
}

/// The receipt of a hit: the answer to its sender, once its rows are on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HitReceipt {
    /// The reason why the hit was dropped; `None` if it was recorded.
    pub dropped: Option<DropReason>,
    /// The decision on the ID that the page offered for a first-party cookie: true to keep it, false to remove it, `None` to
    /// change nothing.
    pub keep_cookie: Option<bool>,
    /// The parts of the tracker that the page is to load, after its view or the consent of its visitor.
    pub parts: TrackerParts,
    /// True if the hit passed all checks so far and nothing was stored: it must come again with its user agent parsed.
    pub needs_agent: bool,
    /// The reason why revenue of a recorded hit does not count.
    pub uncounted_revenue: Option<DropReason>,
    /// True if a hit with the same id was sent before: nothing was stored now, and `dropped` is the outcome of that time.
    pub is_duplicate: bool,
}

impl HitReceipt {
    /// Returns the receipt of a hit that was dropped before anything of it was looked at.
    pub fn dropped(reason: DropReason) -> Self {
        Self { dropped: Some(reason), ..Self::default() }
    }
}

impl HitHandler for Recorder {
    type Hit = Hit;
    type Answer = HitReceipt;

    fn forget(&mut self) {
        self.sites.forget();
        self.visits.forget();
        self.dictionary.forget();
        self.goals.forget();
        self.dropped.forget();
        self.sent_ids.forget();
        self.other_hosts.forget();
        self.after_commit.forget();
    }

    fn settings_changed(&mut self) {
        self.sites.forget_settings();
        self.goals.settings_changed();
        self.other_hosts.settings_changed();
    }

    fn labels_deleted(&mut self) {
        self.dictionary.forget();
        self.goals.labels_deleted();
    }

    fn visits_erased(&mut self) {
        self.visits.forget();
    }

    fn handle(&mut self, tx: &Transaction<'_>, hit: &Hit) -> Result<HitReceipt> {
        let mut site = match Step::FindSite.run(|| self.find_site(tx, hit)) {
            Ok(site) => site,
            Err(Stop::Dropped(reason)) => {
                self.dropped.add_without_site(reason, hit);
                return Ok(HitReceipt::dropped(reason));
            }
            Err(Stop::Failed(error)) => return Err(error),
        };
        let receipt = take_once(self, tx, &mut site, hit);
        self.sites.put_back(site);
        receipt
    }

    fn finish(&mut self, tx: &Transaction<'_>) -> Result<()> {
        Step::FinishBatch.pass(|| {
            self.visits.write(tx)?;
            self.other_hosts.write(tx)?;
            self.sites.write(tx)?;
            self.sent_ids.write(tx)?;
            self.dropped.write(tx)
        })
    }

    fn after_commit(&mut self) {
        Step::Publish.pass(|| self.after_commit.publish());
    }
}

/// Takes a hit from its site to its receipt, unless one with its id was taken before. The id is written in the transaction of
/// the hit, so that no crash separates them.
fn take_once(
    recorder: &mut Recorder,
    tx: &Transaction<'_>,
    site: &mut CachedSite,
    hit: &Hit,
) -> Result<HitReceipt> {
    let Some(id) = &hit.sent_id else { return take(recorder, tx, site, hit) };
    let sent = SentHit { site: hit.site, id_hash: site.hash_sent_id(tx, id)?, at: hit.at };
    if let Some(outcome) = Step::FindSent.pass(|| recorder.sent_ids.find(tx, sent))? {
        let dropped = outcome.dropped.as_deref().and_then(DropReason::from_name);
        return Ok(HitReceipt { dropped, is_duplicate: true, ..HitReceipt::default() });
    }
    let receipt = take(recorder, tx, site, hit)?;
    let is_dropped = receipt.dropped.is_some();
    // Whoever may write must not fill the disk with ids of hits that nobody counts.
    let is_full =
        is_dropped && recorder.dropped_ids.get(&hit.site, site.day) >= limits::DROPPED_IDS_PER_SITE_DAY_MAX;
    if !receipt.needs_agent && !is_full {
        let outcome = SentOutcome { dropped: receipt.dropped.map(|reason| reason.name().to_owned()) };
        Step::WriteSent.pass(|| recorder.sent_ids.add(sent, outcome));
        if is_dropped {
            recorder.dropped_ids.add(hit.site, site.day);
        }
    }
    Ok(receipt)
}

/// Takes a hit from its site to its receipt.
fn take(
    recorder: &mut Recorder,
    tx: &Transaction<'_>,
    site: &mut CachedSite,
    hit: &Hit,
) -> Result<HitReceipt> {
    let sender = Sender::from_hit(hit, recorder.is_import);
    let context = HitContext { site: hit.site, day: site.day, sender };
    let cleaned = Step::Clean.pass(|| site.clean(hit));
    let hit = &*cleaned;
    let other_host = recorder.other_hosts.find(&site.site, hit);
    let accepted = Step::CheckKey
        .run(|| site.check_key(tx, hit))
        .and_then(|()| Step::Accept.run(|| recorder.filter.check(site, hit)))
        .and_then(|()| Step::CheckHost.run(|| check_host(hit, other_host.as_ref())));
    if accepted.is_ok() && !hit.is_agent_read {
        return Ok(HitReceipt { needs_agent: true, ..HitReceipt::default() });
    }
    let outcome = accepted.and_then(|()| {
        let arrival = Step::Identify.pass(|| Arrival::identify(tx, site, context, hit));
        record(recorder, &arrival)
    });
    let parts = match &outcome {
        // Custom data bring the consent that a visitor gives after the page view.
        Ok(visit)
            if hit.is_page_view() || hit.kind == HitKind::Custom && site.site.privacy.consent_needed =>
        {
            TrackerParts {
                vitals: site.site.vitals_measured,
                heatmap: site.records_heatmap(hit, &hit.page, *visit),
            }
        }
        _ => TrackerParts::default(),
    };
    let dropped = match outcome {
        Ok(visit) => {
            Step::Count.pass(|| recorder.count_recorded(site, context, hit, visit));
            None
        }
        Err(Stop::Dropped(reason)) => Some(reason),
        Err(Stop::Failed(error)) => return Err(error),
    };
    let refused_texts =
        recorder.dictionary.take_refusals().into_iter().map(|text| Step::NewTexts.drops(text));
    let uncounted: Vec<DropReason> =
        recorder.goals.take_refusals().into_iter().map(|reason| Step::Revenue.drops(reason)).collect();
    let uncounted_revenue = uncounted.first().copied();
    Step::Count.pass(|| {
        for reason in dropped.into_iter().chain(refused_texts).chain(uncounted) {
            recorder.dropped.add(context, reason, hit);
        }
        match other_host.filter(|host| counts_host(recorder, hit, host, dropped)) {
            Some(host) => recorder.other_hosts.count(tx, context, host),
            None => Ok(()),
        }
    })?;
    // A dropped hit sets no cookie, but removes one that the settings of today forbid.
    let may_keep = identity::may_keep(site.site.privacy, &hit.claim);
    let is_sent = may_keep == Some(false) || dropped.is_none();
    let keep_cookie = may_keep.filter(|_| is_sent);
    Ok(HitReceipt { dropped, keep_cookie, parts, uncounted_revenue, ..HitReceipt::default() })
}

/// Drops a hit from a page on a host whose hits the site does not count.
fn check_host(hit: &Hit, other_host: Option<&OtherHost>) -> Result<(), DropReason> {
    let is_filtered = hit.is_agent_read && other_host.is_some_and(|host| host.is_filtered);
    if is_filtered { Err(DropReason::OtherHost) } else { Ok(()) }
}

/// Returns true if a hit counts as a page view on another host: one that is recorded, or dropped for that host alone.
fn counts_host(recorder: &Recorder, hit: &Hit, host: &OtherHost, dropped: Option<DropReason>) -> bool {
    hit.is_page_view()
        && matches!(dropped, None | Some(DropReason::OtherHost))
        && (host.is_answered || !recorder.filter.is_spam(&host.name))
}

/// Writes the rows of an accepted hit; returns its visit.
fn record(recorder: &mut Recorder, arrival: &Arrival<'_>) -> Passed<VisitId> {
    let found = Step::MatchVisit.run(|| recorder.match_visit(arrival))?;
    let mut visit = Step::OpenVisit.run(|| recorder.open_visit(arrival, found))?;
    Step::CheckDay.run(|| recorder.filter.check_day(arrival))?;
    let mut trace = HitTrace::default();
    Step::WriteAction.run(|| recorder.write_action(arrival, &mut visit.row, &mut trace))?;
    Step::WriteExtras.run(|| recorder.write_extras(arrival, visit.row.id, &mut trace))?;
    let visit = Step::WriteVisit.run(|| recorder.write_visit(arrival, visit, &mut trace))?;
    Step::CountGoals.run(|| recorder.count_goals(arrival, visit, &trace))?;
    Ok(visit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_to_drop_a_hit_belongs_to_a_step_but_for_one_of_earlier_versions() {
        for reason in DropReason::ALL {
            let steps: Vec<Step> =
                Step::ALL.into_iter().filter(|step| step.reasons().contains(&reason)).collect();
            match reason {
                DropReason::VisitFull => assert_eq!(steps, []),
                DropReason::UnknownSite => assert_eq!(steps, [Step::Enrich, Step::FindSite]),
                _ => assert_eq!(steps.len(), 1, "{reason:?}: {steps:?}"),
            }
        }
    }

    #[test]
    fn steps_stand_in_order_and_each_is_taken_in_one_place() {
        assert!(Step::ALL.into_iter().zip(0..).all(|(step, place)| step as usize == place));
        let before = [include_str!("../collect/beacon.rs"), include_str!("../app.rs")].concat();
        let code = include_str!("pipeline.rs").split("#[cfg(test)]\nmod tests").next().unwrap();
        for step in Step::ALL {
            let is_taken = |code: &str| {
                ["run", "pass", "drops"].iter().any(|how| {
                    let code: String = code.split_whitespace().collect();
                    code.contains(&format!("Step::{step:?}.{how}("))
                })
            };
            assert_eq!(is_taken(&before), (step as usize) < Step::FindSite as usize, "{step:?}");
            assert_eq!(is_taken(code), (step as usize) >= Step::FindSite as usize, "{step:?}");
        }
    }
}
