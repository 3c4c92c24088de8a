//! The matches of rules in stored visits.

use super::rule_set::RuleSet;
use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::id::{SiteId, VisitId};
use crate::store::goal_facts::{self, VisitFacts};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::ops::Range;

/// A match: the place of the goal in its rule set, and its time in milliseconds since the visit began; `None` for custom data,
/// whose time is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitMatch {
    /// The place of the goal.
    pub place: usize,
    /// The time.
    pub at: Option<i64>,
}

/// The matches of visits, oldest visit first.
pub type Matches = BTreeMap<VisitId, Vec<VisitMatch>>;

/// Finds the matches of rules in visits of a site: those that lie in a range of ids. A goal that counts once a visit has its
/// first match alone, any other one [`limits::CONVERSIONS_PER_VISIT_MAX`] at most.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(
    connection: &Connection,
    rules: &mut RuleSet,
    site: SiteId,
    range: &Range<VisitId>,
    visits: &[VisitFacts],
) -> Result<Matches> {
    let mut matches = Matches::new();
    if rules.asks_for_actions() {
        find_actions(connection, rules, site, range, &mut matches)?;
    }
    if rules.asks_for_custom() {
        goal_facts::each_custom(connection, site, range, |visit, key, value| {
            let found = rules.find_by_custom(connection, key, value)?;
            if !found.is_empty() {
                let of_visit = matches.entry(visit).or_default();
                of_visit.extend(found.iter().map(|place| VisitMatch { place: *place, at: None }));
            }
            Ok(())
        })?;
    }
    for visit in visits {
        let stays = rules.find_by_stay(0, visit.stay);
        let mut found: Vec<_> = stays.map(|(place, at)| VisitMatch { place, at: Some(at) }).collect();
        let campaigns = rules.find_by_source(connection, visit.source)?;
        found.extend(campaigns.iter().map(|place| VisitMatch { place: *place, at: Some(0) }));
        if !found.is_empty() {
            matches.entry(visit.id).or_default().append(&mut found);
        }
    }
    Ok(matches)
}

fn find_actions(
    connection: &Connection,
    rules: &mut RuleSet,
    site: SiteId,
    range: &Range<VisitId>,
    matches: &mut Matches,
) -> Result<()> {
    let most = usize::try_from(limits::CONVERSIONS_PER_VISIT_MAX).unwrap_or(usize::MAX);
    let (mut visit, mut actions) = (None, 0);
    let mut taken = vec![0; rules.goals().len()];
    let mut found: Vec<VisitMatch> = Vec::new();
    goal_facts::each_action(connection, site, range, |action| {
        if visit != Some(action.visit) {
            flush(visit.replace(action.visit), &mut found, &mut taken, matches);
            actions = 0;
        }
        let Some(kind) = ActionKind::from_code(action.kind) else { return Ok(()) };
        if kind.counts() {
            actions += 1;
            let reached = rules.find_by_actions(actions, actions);
            found.extend(reached.map(|(place, _)| VisitMatch { place, at: Some(action.at) }));
        }
        let places = rules.find_by_action(connection, kind, action.page, action.title)?;
        if places.is_empty() {
            return Ok(());
        }
        let places = places.to_vec();
        for place in places {
            let room = if rules.goals()[place].is_every_time { most } else { 1 };
            if taken[place] < room {
                taken[place] += 1;
                found.push(VisitMatch { place, at: Some(action.at) });
            }
        }
        Ok(())
    })?;
    flush(visit, &mut found, &mut taken, matches);
    Ok(())
}

fn flush(visit: Option<VisitId>, found: &mut Vec<VisitMatch>, taken: &mut [usize], matches: &mut Matches) {
    if let Some(visit) = visit.filter(|_| !found.is_empty()) {
        taken.fill(0);
        matches.entry(visit).or_default().append(found);
    }
}
