//! The counting of goals that visits reach: those that pages and programs name, and those whose rules match what a hit
//! changed. The goals of sites and the conversions of open visits are cached; a hit that reaches no goal reads nothing.

use super::arrival::Arrival;
use super::hit_trace::HitTrace;
use super::site_goals::SiteGoals;
use crate::error::Result;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::goal_match::counting;
use crate::ingest::goal_match::rule_set::RuleSet;
use crate::ingest::hit::SentGoal;
use crate::limits;
use crate::model::currency::{AmountProblem, Currency};
use crate::model::id::{GoalId, SiteId, VisitId};
use crate::store::conversions::{self, ConversionRow};
use crate::store::goal_facts;
use crate::store::goals::Goal;
use rusqlite::{Connection, Transaction};
use std::collections::HashMap;

/// The counter of goals.
#[derive(Default)]
pub struct GoalCounter {
    sites: HashMap<SiteId, Box<SiteGoals>>,
    /// Counts the changes of settings, among which there may be goals.
    state: u64,
    /// The conversions of visits that reached goals lately.
    visits: foldhash::HashMap<(SiteId, VisitId), Vec<ConversionRow>>,
    refusals: Vec<DropReason>,
}

/// A goal that a hit reaches.
#[derive(Clone, Copy)]
struct Reached {
    goal: GoalId,
    at: i64,
    is_matched: bool,
    sent: Option<i64>,
    /// The most conversions of this kind in a visit.
    most: i64,
}

impl GoalCounter {
    /// Empties all caches.
    pub fn forget(&mut self) {
        *self = Self { state: self.state, ..Self::default() };
    }

    /// Notes that settings or conversions may have changed.
    pub fn settings_changed(&mut self) {
        self.state += 1;
        self.visits.clear();
    }

    /// Notes that labels were deleted.
    pub fn labels_deleted(&mut self) {
        self.sites.values_mut().for_each(|site| site.rules.forget());
    }

    /// Returns the reasons why revenue did not count since the last call, each once.
    pub fn take_refusals(&mut self) -> Vec<DropReason> {
        std::mem::take(&mut self.refusals)
    }

    /// Writes the conversions of the goals that a visit reaches with a hit.
    ///
    /// # Errors
    /// Fails when the data file cannot be read or written.
    pub fn write(&mut self, arrival: &Arrival<'_>, visit: VisitId, trace: &HitTrace) -> Result<()> {
        let Arrival { tx, hit, site: cached, .. } = *arrival;
        let site = self.sites.entry(hit.site).or_default();
        site.refresh(tx, &cached.site, self.state)?;
        if hit.goals.is_empty() && site.rules.is_empty() {
            return Ok(());
        }
        let mut reached = Vec::new();
        let at = arrival.time_in(visit);
        for sent in &hit.goals {
            let goal = site.find_or_create(tx, &cached.site, &sent.name, hit.at)?;
            let has_own = site.get(goal).is_some_and(|goal| goal.settings.revenue.is_some());
            let (revenue, problem) = revenue(sent, cached.site.currency);
            // Where the goal has its own revenue, none that is sent would count.
            self.refusals.extend(problem.filter(|_| !has_own));
            let most = limits::CONVERSIONS_PER_VISIT_MAX;
            reached.push(Reached { goal, at, is_matched: false, sent: revenue, most });
        }
        find_matches(tx, &mut site.rules, trace, at, &mut reached)?;
        let may_lose = may_lose_matches(&site.rules, trace);
        if reached.is_empty() && !may_lose {
            return Ok(());
        }
        if self.visits.len() >= limits::VISITS_CACHED_MAX {
            self.visits.clear();
        }
        let rows = match self.visits.entry((hit.site, visit)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) if trace.is_new => place.insert(Vec::new()),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(conversions::list(tx, hit.site, &(visit..VisitId(visit.0 + 1)))?)
            }
        };
        let is_lost = |goal: &GoalId| !reached.iter().any(|found| found.is_matched && found.goal == *goal);
        let mut lost =
            if may_lose { lost_matches(tx, &mut site.rules, trace, hit.site, rows)? } else { Vec::new() };
        lost.retain(is_lost);
        let writer = RowWriter { tx, site: hit.site, goals: site };
        writer.delete_matches(visit, rows, &lost)?;
        reached.iter().try_for_each(|reached| writer.add(visit, rows, *reached))
    }
}

/// Returns true if a hit may have changed what rules matched before: the source of a visit, or a value of its custom data.
fn may_lose_matches(rules: &RuleSet, trace: &HitTrace) -> bool {
    let has_other_source = trace.source.is_some() && rules.asks_for_campaigns();
    let has_other_value = !trace.custom.is_empty() && rules.asks_for_custom();
    !trace.is_new && (has_other_source || has_other_value)
}

/// Returns goals that matched what a visit was before a hit: those of campaigns if its source is another one, and those of
/// custom data whose values were replaced. Those that match with the hit may be among the former.
fn lost_matches(
    connection: &Connection,
    rules: &mut RuleSet,
    trace: &HitTrace,
    site: SiteId,
    rows: &[ConversionRow],
) -> Result<Vec<GoalId>> {
    let mut lost: Vec<GoalId> = Vec::new();
    if trace.source.is_some() {
        lost.extend(rules.campaign_goals());
    }
    let has_matched = |goal: &GoalId| rows.iter().any(|row| row.is_matched && row.goal == *goal);
    let mut of_values: Vec<GoalId> = rules.custom_goals().filter(has_matched).collect();
    if let Some(visit) = rows.first().map(|row| row.visit).filter(|_| !of_values.is_empty()) {
        goal_facts::each_custom(connection, site, &(visit..VisitId(visit.0 + 1)), |_, key, value| {
            let matched = rules.find_by_custom(connection, key, value)?.to_vec();
            of_values.retain(|goal| matched.iter().all(|place| rules.goals()[*place].id != *goal));
            Ok(())
        })?;
    }
    lost.append(&mut of_values);
    Ok(lost)
}

/// Returns the revenue that counts of a goal as it was sent, or the reason why none does.
fn revenue(sent: &SentGoal, currency: Currency) -> (Option<i64>, Option<DropReason>) {
    let Some(text) = &sent.revenue else { return (None, None) };
    let named = sent.currency.as_deref();
    if named.is_some_and(|named| !named.eq_ignore_ascii_case(currency.code())) {
        return (None, Some(DropReason::RevenueCurrency));
    }
    match currency.parse_amount(text) {
        Ok(amount) => (Some(amount), None),
        Err(AmountProblem::NoNumber) => (None, Some(DropReason::RevenueNumber)),
        Err(AmountProblem::TooLarge) => (None, Some(DropReason::RevenueSize)),
    }
}

/// Finds the goals whose rules match what a hit changed.
fn find_matches(
    connection: &Connection,
    rules: &mut RuleSet,
    trace: &HitTrace,
    at: i64,
    found: &mut Vec<Reached>,
) -> Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    let mut places: Vec<(usize, i64)> = Vec::new();
    if let Some(action) = &trace.action {
        let matched = rules.find_by_action(connection, action.kind, action.page, action.title)?;
        places.extend(matched.iter().map(|place| (*place, at)));
    }
    let (actions, stay) = (trace.actions, trace.stay);
    places.extend(rules.find_by_actions(actions.0 + 1, actions.1).map(|(place, _)| (place, at)));
    places.extend(rules.find_by_stay(stay.0, stay.1));
    for (key, value) in &trace.custom {
        let matched = rules.find_by_custom(connection, *key, *value)?;
        places.extend(matched.iter().map(|place| (*place, at)));
    }
    if let Some(source) = trace.source {
        let matched = rules.find_by_source(connection, source)?;
        places.extend(matched.iter().map(|place| (*place, 0)));
    }
    found.extend(places.into_iter().map(|(place, at)| {
        let goal = &rules.goals()[place];
        let most = if goal.is_every_time { limits::CONVERSIONS_PER_VISIT_MAX } else { 1 };
        Reached { goal: goal.id, at, is_matched: true, sent: None, most }
    }));
    Ok(())
}

/// The writer of the conversions of a visit.
struct RowWriter<'a> {
    tx: &'a Transaction<'a>,
    site: SiteId,
    goals: &'a SiteGoals,
}

impl RowWriter<'_> {
    /// Adds a conversion, as far as the visit has room. Of those that were sent, a visit has room for some of all goals
    /// together; of those that matched, for some of each goal, so that no rule takes the room of an order.
    fn add(&self, visit: VisitId, rows: &mut Vec<ConversionRow>, reached: Reached) -> Result<()> {
        let Some(goal) = self.goals.get(reached.goal) else { return Ok(()) };
        let is_like = |row: &&ConversionRow| {
            row.is_matched == reached.is_matched && (!reached.is_matched || row.goal == reached.goal)
        };
        if (reached.most..).contains(&i64::try_from(rows.iter().filter(is_like).count()).unwrap_or(i64::MAX))
        {
            return Ok(());
        }
        let number = rows.iter().map(|row| row.number).max().unwrap_or(0) + 1;
        let Reached { at, is_matched, sent, .. } = reached;
        rows.push(ConversionRow {
            visit,
            number,
            at,
            goal: goal.id,
            is_matched,
            sent,
            revenue: 0,
            counts: false,
        });
        let place = rows.len() - 1;
        self.count(goal, rows, place)?;
        conversions::create(self.tx, self.site, &rows[place])
    }

    /// Counts the conversions of a goal again, and writes what changed in the first `stored` ones.
    fn count(&self, goal: &Goal, rows: &mut [ConversionRow], stored: usize) -> Result<()> {
        for place in counting::count(goal, rows) {
            if place < stored {
                conversions::update_counted(self.tx, self.site, &rows[place])?;
            }
        }
        Ok(())
    }

    /// Deletes the conversions of goals that do not match any more.
    fn delete_matches(&self, visit: VisitId, rows: &mut Vec<ConversionRow>, goals: &[GoalId]) -> Result<()> {
        for goal in goals {
            let place = rows.iter().position(|row| row.is_matched && row.goal == *goal);
            if let Some(place) = place {
                let row = rows.remove(place);
                conversions::delete(self.tx, self.site, visit, row.number)?;
                if let Some(goal) = self.goals.get(*goal) {
                    let stored = rows.len();
                    self.count(goal, rows, stored)?;
                }
            }
        }
        Ok(())
    }
}
