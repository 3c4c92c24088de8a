//! The matching of earlier visits with goals that are new or changed, newest visits first, in slices between which others
//! write. The progress stands in the goals' rows, so that a restart goes on where it stopped.

use super::counting;
use super::rule_set::RuleSet;
use super::visit_matches::{self, VisitMatch};
use crate::error::Result;
use crate::limits;
use crate::model::id::{SiteId, VisitId};
use crate::store::conversions::{self, ConversionRow};
use crate::store::goal_facts::{self, VisitFacts};
use crate::store::goals::{self, Goal, Matching};
use crate::store::sites::{self, Site};
use crate::store::{blocks, change};
use rusqlite::{Connection, Transaction};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Matches all goals that are still to be matched with earlier visits, for commands that leave a whole file behind.
///
/// # Errors
/// Fails when the data file cannot be read or written.
pub fn match_all_now(connection: &mut Connection) -> Result<()> {
    for id in goals::list_unmatched_sites(connection)? {
        let Some(site) = sites::find(connection, id)? else { continue };
        while change(connection, |tx| match_slice(tx, &site))? {}
    }
    Ok(())
}

/// Matches the next visits of a site with the goals that are still to be matched, several goals at once where they have come
/// as far. Returns true if there may be more.
///
/// # Errors
/// Fails when the data file cannot be read or written.
pub fn match_slice(tx: &Transaction<'_>, site: &Site) -> Result<bool> {
    let unmatched = goals::list_unmatched_of(tx, site.id)?;
    let below = |goal: &Goal| goal.matching.map_or(VisitId(0), |matching| matching.below);
    let Some(top) = unmatched.iter().map(below).max() else { return Ok(false) };
    let (goals, others): (Vec<Goal>, Vec<Goal>) = unmatched.into_iter().partition(|goal| below(goal) == top);
    // Goals that have come further wait there.
    let floor = others.iter().map(below).max().unwrap_or(VisitId(0));
    let most = (limits::GOAL_VISITS_PER_SLICE, limits::GOAL_ACTIONS_PER_SLICE);
    let visits = goal_facts::newest_visits(tx, site.id, &(floor..top), most.0, most.1)?;
    let begins = visits.last().map_or(floor, |oldest| oldest.id);
    if !visits.is_empty() {
        let mut slice = Slice::read(tx, site, &goals, begins..top, &visits)?;
        slice.apply(tx)?;
    }
    let is_done = visits.is_empty() && others.is_empty();
    for goal in &goals {
        let next = goal.matching.map(|matching| Matching { below: begins, ..matching });
        goals::set_matching(tx, site.id, goal.id, next.filter(|_| !is_done))?;
    }
    Ok(!is_done)
}

/// The conversions of visits, and what they are to be.
struct Slice<'a> {
    site: SiteId,
    goals: &'a [Goal],
    /// The goals with a rule, by their place in the rule set.
    ruled: Vec<&'a Goal>,
    rows: BTreeMap<VisitId, Vec<ConversionRow>>,
    matches: visit_matches::Matches,
    stays: HashMap<VisitId, i64>,
    changed: Vec<VisitId>,
}

impl<'a> Slice<'a> {
    fn read(
        tx: &Transaction<'_>,
        site: &Site,
        goals: &'a [Goal],
        range: Range<VisitId>,
        visits: &[VisitFacts],
    ) -> Result<Self> {
        let mut rules = RuleSet::new(&site.domain, goals);
        let by_id: HashMap<_, _> = goals.iter().map(|goal| (goal.id, goal)).collect();
        let with_rule = rules.goals().iter().filter_map(|ruled| by_id.get(&ruled.id).copied()).collect();
        let mut rows: BTreeMap<VisitId, Vec<ConversionRow>> = BTreeMap::new();
        for row in conversions::list(tx, site.id, &range)? {
            rows.entry(row.visit).or_default().push(row);
        }
        let matches = visit_matches::find(tx, &mut rules, site.id, &range, visits)?;
        let stays = visits.iter().map(|visit| (visit.id, visit.stay)).collect();
        Ok(Self { site: site.id, goals, ruled: with_rule, rows, matches, stays, changed: Vec::new() })
    }

    /// Writes what differs, and unseals the days of visits that changed.
    fn apply(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for (visit, matches) in std::mem::take(&mut self.matches) {
            // An action may be left of a visit that is being deleted.
            if self.stays.contains_key(&visit) {
                let rows = self.rows.remove(&visit).unwrap_or_default();
                self.apply_to(tx, visit, rows, &matches)?;
            }
        }
        for (visit, rows) in std::mem::take(&mut self.rows) {
            self.apply_to(tx, visit, rows, &[])?;
        }
        self.changed.sort_unstable();
        blocks::unseal_visits(tx, self.site, &self.changed)
    }

    fn apply_to(
        &mut self,
        tx: &Transaction<'_>,
        visit: VisitId,
        mut rows: Vec<ConversionRow>,
        matches: &[VisitMatch],
    ) -> Result<()> {
        let mut is_changed = false;
        let (mut kept, mut missing) = (vec![false; rows.len()], Vec::new());
        for found in matches {
            let goal = self.ruled[found.place];
            let same = (0..rows.len()).find(|place| {
                let row = &rows[*place];
                !kept[*place]
                    && row.is_matched
                    && row.goal == goal.id
                    && found.at.is_none_or(|at| row.at == at)
            });
            match same {
                Some(place) => kept[place] = true,
                None => missing.push((goal, found.at)),
            }
        }
        let last_number = rows.iter().map(|row| row.number).max().unwrap_or(0);
        let is_theirs = |row: &ConversionRow| self.goals.iter().any(|goal| goal.id == row.goal);
        for (row, is_kept) in rows.iter().zip(&kept) {
            if row.is_matched && !is_kept && is_theirs(row) {
                conversions::delete(tx, self.site, visit, row.number)?;
                is_changed = true;
            }
        }
        let mut places = kept.iter();
        rows.retain(|row| {
            let is_kept = places.next().is_some_and(|kept| *kept);
            !row.is_matched || is_kept || !is_theirs(row)
        });
        let stored = rows.len();
        for ((goal, at), number) in missing.into_iter().zip(last_number + 1..) {
            // The time at which custom data was set is not known: at the end of the visit it is there.
            let at = at.unwrap_or_else(|| self.stays.get(&visit).copied().unwrap_or(0));
            let (sent, revenue, counts) = (None, 0, false);
            rows.push(ConversionRow {
                visit,
                number,
                at,
                goal: goal.id,
                is_matched: true,
                sent,
                revenue,
                counts,
            });
        }
        for goal in self.goals {
            for place in counting::count(goal, &mut rows) {
                if place < stored {
                    conversions::update_counted(tx, self.site, &rows[place])?;
                    is_changed = true;
                }
            }
        }
        for row in &rows[stored..] {
            conversions::create(tx, self.site, row)?;
            is_changed = true;
        }
        if is_changed {
            self.changed.push(visit);
        }
        Ok(())
    }
}
