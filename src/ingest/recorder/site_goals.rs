//! The goals of a site as its hits need them: by the texts that name them, and by their rules.

use crate::error::Result;
use crate::ingest::goal_match::rule_set::RuleSet;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::GoalId;
use crate::store::goals::{self, Goal, OTHER};
use crate::store::sites::Site;
use rusqlite::Transaction;
use std::collections::HashMap;

/// The goals of a site.
#[derive(Default)]
pub struct SiteGoals {
    /// The compiled rules.
    pub rules: RuleSet,
    /// The state of the settings in which they were read last; `None` if they never were.
    read_at: Option<u64>,
    domain: String,
    /// All goals, by id, removed ones too.
    goals: Vec<Goal>,
    places: HashMap<GoalId, usize>,
    /// By code and name: those that are there, and the removed ones.
    named: [HashMap<Box<str>, usize>; 2],
    /// The number of those that are there.
    count: usize,
}

impl SiteGoals {
    /// Reads the goals if settings may have changed since they were read; `state` counts the changes. Rules that did not
    /// change stay compiled, with what they matched.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn refresh(&mut self, tx: &Transaction<'_>, site: &Site, state: u64) -> Result<()> {
        if self.read_at == Some(state) {
            return Ok(());
        }
        let goals = goals::list_with_removed(tx, site.id)?;
        let is_same = |before: &Goal, now: &Goal| {
            (before.id, &before.code, &before.settings, before.removed_at)
                == (now.id, &now.code, &now.settings, now.removed_at)
        };
        let is_unchanged = self.domain == site.domain
            && goals.len() == self.goals.len()
            && self.goals.iter().zip(&goals).all(|(before, now)| is_same(before, now));
        if !is_unchanged {
            *self = Self { rules: RuleSet::new(&site.domain, &goals), ..Self::default() };
            self.domain.clone_from(&site.domain);
            for goal in goals {
                self.add(goal);
            }
            self.name_all();
        }
        self.read_at = Some(state);
        Ok(())
    }

    fn add(&mut self, goal: Goal) {
        self.count += usize::from(goal.removed_at.is_none());
        self.places.insert(goal.id, self.goals.len());
        self.goals.push(goal);
    }

    /// Fills the names as [`goals::find_named`] finds them: codes before names.
    fn name_all(&mut self) {
        let all = || self.goals.iter().enumerate();
        let codes = all().map(|(place, goal)| (place, goal, &goal.code));
        for (place, goal, text) in codes.chain(all().map(|(place, goal)| (place, goal, &goal.settings.name)))
        {
            let named = &mut self.named[usize::from(goal.removed_at.is_some())];
            named.entry(text.as_str().into()).or_insert(place);
        }
    }

    /// Returns a goal.
    pub fn get(&self, id: GoalId) -> Option<&Goal> {
        self.places.get(&id).and_then(|place| self.goals.get(*place))
    }

    fn find(&self, text: &str) -> Option<&Goal> {
        let by_id = GoalId::parse(text).and_then(|id| self.get(id));
        let [here, removed] =
            self.named.each_ref().map(|named| named.get(text).map(|place| &self.goals[*place]));
        here.or(by_id.filter(|goal| goal.removed_at.is_none())).or(removed).or(by_id)
    }

    /// Returns the goal that a page or a program names. A text that names none becomes a goal that was found, or "(other)"
    /// where the site has no room for another one.
    ///
    /// # Errors
    /// Fails when the data file cannot be read or written.
    pub fn find_or_create(
        &mut self,
        tx: &Transaction<'_>,
        site: &Site,
        text: &str,
        at: Timestamp,
    ) -> Result<GoalId> {
        let is_full = self.count >= limits::GOALS_PER_SITE_MAX;
        let other = || self.find(OTHER).filter(|_| is_full);
        if let Some(goal) = self.find(text).or_else(other) {
            return Ok(goal.id);
        }
        let id = goals::create_found(tx, site.id, text, at)?;
        if self.get(id).is_none() {
            let goal = goals::get(tx, site.id, id)?;
            self.named[0].insert(goal.code.as_str().into(), self.goals.len());
            self.add(goal);
        }
        Ok(id)
    }
}
