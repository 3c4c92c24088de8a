//! Funnels: the steps that visitors take one after another, checked and compiled.

use super::clock::Timestamp;
use super::goal::{AddressPattern, CompiledRule, GoalRule, RuleKind, TextPattern};
use super::id::{FunnelId, GoalId};
use crate::error::{Error, Result};

/// A funnel of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// The id.
    pub id: FunnelId,
    /// The time at which it was set up.
    pub created_at: Timestamp,
    /// The settings.
    pub settings: FunnelSettings,
}

/// The settings of a funnel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunnelSettings {
    /// The name for people.
    pub name: String,
    /// The days in which a visitor may take all steps, from the first one on; `None` for steps within a visit.
    pub window_days: Option<u32>,
    /// The steps, in their order.
    pub steps: Vec<FunnelStep>,
}

/// A step of a funnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunnelStep {
    /// The name for people; empty if its goal or pattern names it.
    pub name: String,
    /// The rule.
    pub rule: StepRule,
    /// True if no other page is viewed between the step before and this one. The page view that reaches a goal is no other one.
    pub is_direct: bool,
}

/// The rule of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepRule {
    /// A conversion that counts of a goal.
    Goal(GoalId),
    /// An action: the rule's kind is a page, an event, a download or an outbound link.
    Action(GoalRule),
}

/// A compiled rule of a step.
#[derive(Clone, Debug)]
pub enum CompiledStep {
    /// A conversion of a goal.
    Goal(GoalId),
    /// A page that was viewed.
    Page(AddressPattern),
    /// An event, by its title, or its address without one.
    Event(TextPattern),
    /// A file that was downloaded.
    Download(AddressPattern),
    /// A link to another site, by its whole address.
    Outbound(TextPattern),
}

impl StepRule {
    /// Compiles the rule.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for a pattern that cannot be compiled, and a kind that is no action.
    pub fn compile(&self) -> Result<CompiledStep> {
        let rule = match self {
            Self::Goal(goal) => return Ok(CompiledStep::Goal(*goal)),
            Self::Action(rule) => rule,
        };
        match rule.compile()? {
            CompiledRule::Page(pattern) => Ok(CompiledStep::Page(pattern)),
            CompiledRule::Event(pattern) => Ok(CompiledStep::Event(pattern)),
            CompiledRule::Download(pattern) => Ok(CompiledStep::Download(pattern)),
            CompiledRule::Outbound(pattern) => Ok(CompiledStep::Outbound(pattern)),
            CompiledRule::Actions(_)
            | CompiledRule::Seconds(_)
            | CompiledRule::Custom(..)
            | CompiledRule::Campaign(_) => Err(Error::invalid(
                "kind",
                "A step is a goal, a page, an event, a download or an outbound link.",
            )),
        }
    }

    /// Returns the stored name of the rule's kind.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Goal(_) => GOAL,
            Self::Action(rule) => rule.kind.name(),
        }
    }
}

/// The stored name of the kind of steps that are goals.
pub const GOAL: &str = "goal";

/// The kinds of actions that are steps.
pub const STEP_KINDS: [RuleKind; 4] =
    [RuleKind::Page, RuleKind::Event, RuleKind::Download, RuleKind::Outbound];
