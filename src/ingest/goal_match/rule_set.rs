//! The compiled rules of a site's goals, with what they matched before. What is matched are stored texts, in the form in
//! which reports count them, so that a rule matches a visit alike when it happens and later.

use super::stored_text::StoredText;
use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::goal::{CompiledRule, GoalRule};
use crate::model::id::GoalId;
use crate::store::goals::Goal;
use crate::store::{goal_facts, labels};
use foldhash::HashMap;
use rusqlite::Connection;

/// A goal with a rule.
pub struct RuledGoal {
    /// The goal.
    pub id: GoalId,
    /// True if each match is a conversion; false if the first one in a visit is. Only actions happen more than once: a visit
    /// reaches a number, has custom data and comes from a campaign once.
    pub is_every_time: bool,
    rule: CompiledRule,
}

/// The goals that something matched, as places in [`RuleSet::goals`].
type Matched = Box<[usize]>;

/// The rules of a site's goals.
#[derive(Default)]
pub struct RuleSet {
    domain: String,
    goals: Vec<RuledGoal>,
    /// By the code of a kind of actions and a label.
    actions: HashMap<(i64, i64), Matched>,
    /// By the labels of a key and a value.
    custom: HashMap<(i64, i64), Matched>,
    /// By the row id of a source.
    sources: HashMap<i64, Matched>,
    has_kind: [bool; 6],
    has_custom: bool,
    has_campaign: bool,
    numbers: Vec<(usize, Number)>,
}

/// A number that a visit reaches.
#[derive(Clone, Copy)]
enum Number {
    Actions(i64),
    /// In milliseconds.
    Stay(i64),
}

impl RuleSet {
    /// Compiles the rules of goals of a site with this domain. Goals without a rule and removed ones match nothing; neither
    /// does a stored rule that this version cannot compile.
    pub fn new(domain: &str, goals: &[Goal]) -> Self {
        let mut set = Self { domain: domain.to_owned(), ..Self::default() };
        for goal in goals.iter().filter(|goal| goal.removed_at.is_none()) {
            let Some(Ok(rule)) = goal.settings.rule.as_ref().map(GoalRule::compile) else { continue };
            let place = set.goals.len();
            match &rule {
                CompiledRule::Page(_) => set.note_kind(ActionKind::PageView),
                CompiledRule::Event(_) => set.note_kind(ActionKind::Event),
                CompiledRule::Download(_) => set.note_kind(ActionKind::Download),
                CompiledRule::Outbound(_) => set.note_kind(ActionKind::Outbound),
                CompiledRule::Actions(number) => set.numbers.push((place, Number::Actions(*number))),
                CompiledRule::Seconds(seconds) => set.numbers.push((place, Number::Stay(seconds * 1_000))),
                CompiledRule::Custom(..) => set.has_custom = true,
                CompiledRule::Campaign(_) => set.has_campaign = true,
            }
            let is_action = matches!(
                rule,
                CompiledRule::Page(_)
                    | CompiledRule::Event(_)
                    | CompiledRule::Download(_)
                    | CompiledRule::Outbound(_)
            );
            let is_every_time = goal.settings.is_every_time && is_action;
            set.goals.push(RuledGoal { id: goal.id, is_every_time, rule });
        }
        set
    }

    fn note_kind(&mut self, kind: ActionKind) {
        self.has_kind[kind as usize] = true;
    }

    /// Returns the goals with a rule.
    pub fn goals(&self) -> &[RuledGoal] {
        &self.goals
    }

    /// Returns true if no goal has a rule.
    pub fn is_empty(&self) -> bool {
        self.goals.is_empty()
    }

    /// Returns true if some rule is about actions, their number too.
    pub fn asks_for_actions(&self) -> bool {
        self.has_kind.contains(&true)
            || self.numbers.iter().any(|(_, number)| matches!(number, Number::Actions(_)))
    }

    /// Returns true if some rule is about custom data.
    pub fn asks_for_custom(&self) -> bool {
        self.has_custom
    }

    /// Returns true if some rule is about campaigns.
    pub fn asks_for_campaigns(&self) -> bool {
        self.has_campaign
    }

    /// Returns the goals whose rule is about campaigns.
    pub fn campaign_goals(&self) -> impl Iterator<Item = GoalId> {
        let are = self.goals.iter().filter(|goal| matches!(goal.rule, CompiledRule::Campaign(_)));
        are.map(|goal| goal.id)
    }

    /// Returns the goals whose rule is about custom data.
    pub fn custom_goals(&self) -> impl Iterator<Item = GoalId> {
        let are = self.goals.iter().filter(|goal| matches!(goal.rule, CompiledRule::Custom(..)));
        are.map(|goal| goal.id)
    }

    /// Forgets what was matched, whose labels may be gone.
    pub fn forget(&mut self) {
        self.actions.clear();
        self.custom.clear();
        self.sources.clear();
    }

    /// Returns the goals that an action matches, given the labels of its address and its title.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn find_by_action(
        &mut self,
        connection: &Connection,
        kind: ActionKind,
        page: Option<i64>,
        title: Option<i64>,
    ) -> Result<&[usize]> {
        let counted_by = if kind == ActionKind::Event { title.or(page) } else { page };
        let Some(label) = counted_by.filter(|_| self.has_kind[kind as usize]) else { return Ok(&[]) };
        let key = (kind.code(), label);
        if !self.actions.contains_key(&key) {
            let text = labels::text(connection, label)?.unwrap_or_default();
            let matched = self.match_action(kind, &text);
            bound(&mut self.actions);
            self.actions.insert(key, matched);
        }
        Ok(self.actions.get(&key).map_or(&[], |matched| &**matched))
    }

    fn match_action(&self, kind: ActionKind, text: &str) -> Matched {
        let text = StoredText::new(kind, text, &self.domain);
        self.places(|rule| match (kind, rule) {
            (ActionKind::PageView, CompiledRule::Page(pattern))
            | (ActionKind::Download, CompiledRule::Download(pattern)) => text.is_address(pattern),
            (ActionKind::Event, CompiledRule::Event(pattern))
            | (ActionKind::Outbound, CompiledRule::Outbound(pattern)) => text.is_text(pattern),
            _ => false,
        })
    }

    /// Returns the goals that a pair of custom data matches, by its labels.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn find_by_custom(&mut self, connection: &Connection, key: i64, value: i64) -> Result<&[usize]> {
        if !self.has_custom {
            return Ok(&[]);
        }
        if !self.custom.contains_key(&(key, value)) {
            let name = labels::text(connection, key)?.unwrap_or_default();
            let text = labels::text(connection, value)?.unwrap_or_default();
            let matched = self.places(
                |rule| matches!(rule, CompiledRule::Custom(key, pattern) if *key == name && pattern.matches(&text)),
            );
            bound(&mut self.custom);
            self.custom.insert((key, value), matched);
        }
        Ok(self.custom.get(&(key, value)).map_or(&[], |matched| &**matched))
    }

    /// Returns the goals that a source matches by its campaign.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn find_by_source(&mut self, connection: &Connection, source: i64) -> Result<&[usize]> {
        if !self.has_campaign {
            return Ok(&[]);
        }
        if !self.sources.contains_key(&source) {
            let campaign = goal_facts::campaign(connection, source)?;
            let matched = self.places(|rule| match (rule, &campaign) {
                (CompiledRule::Campaign(pattern), Some(campaign)) => pattern.matches(campaign),
                _ => false,
            });
            bound(&mut self.sources);
            self.sources.insert(source, matched);
        }
        Ok(self.sources.get(&source).map_or(&[], |matched| &**matched))
    }

    /// Returns the goals whose number of actions is among those from `first` to `last`, each with its number.
    pub fn find_by_actions(&self, first: i64, last: i64) -> impl Iterator<Item = (usize, i64)> {
        self.numbers.iter().filter_map(move |(place, number)| match number {
            Number::Actions(number) if (first..=last).contains(number) => Some((*place, *number)),
            _ => None,
        })
    }

    /// Returns the goals whose time on the site is passed between two times since the visit began, in milliseconds; each with
    /// that of the goal.
    pub fn find_by_stay(&self, before: i64, after: i64) -> impl Iterator<Item = (usize, i64)> {
        self.numbers.iter().filter_map(move |(place, number)| match number {
            Number::Stay(stay) if before < *stay && *stay <= after => Some((*place, *stay)),
            _ => None,
        })
    }

    fn places(&self, matches: impl Fn(&CompiledRule) -> bool) -> Matched {
        let all = self.goals.iter().enumerate();
        all.filter(|(_, goal)| matches(&goal.rule)).map(|(place, _)| place).collect()
    }
}

/// Empties a cache that is full.
fn bound<K>(cache: &mut HashMap<K, Matched>) {
    if cache.len() >= limits::GOAL_MATCHES_CACHED_MAX {
        cache.clear();
    }
}
