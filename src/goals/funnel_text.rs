//! Steps of funnels as text, such as `page:/cart`, `page:starts:/checkout`, `goal:Order` and `directly:page:/pay`, with a name
//! before it if it has one: `Basket=page:/cart`.

use crate::error::{Error, Result};
use crate::model::funnel::{FunnelStep, GOAL, STEP_KINDS, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::SiteId;
use crate::reports::step_names;
use crate::store::goals::{self, Goal};
use rusqlite::Connection;

/// The mark of a step that follows directly after the one before.
const DIRECTLY: &str = "directly:";

/// Parses a step. A goal is named by its code, its name or its id.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the text is no step or the site has no such goal, and when the data file cannot be read.
pub fn parse_step(connection: &Connection, site: SiteId, number: usize, text: &str) -> Result<FunnelStep> {
    let wrong = |sentence: String| Error::invalid("step", format!("Step {number}: {sentence}"));
    // A name has no colon, and what it names begins with a kind and one.
    let named = text.split_once('=').filter(|(name, _)| !name.contains(':'));
    let (name, rest) = named.unwrap_or(("", text));
    let (is_direct, rest) = match rest.trim().strip_prefix(DIRECTLY) {
        Some(rest) => (true, rest),
        None => (false, rest.trim()),
    };
    let (kind, what) = rest.split_once(':').unwrap_or((rest, ""));
    let rule = if kind == GOAL {
        let goal = goals::find_named(connection, site, what.trim())?;
        let missing = || wrong(format!("There's no goal “{}”. See `clickstead goal list`.", what.trim()));
        StepRule::Goal(goal.ok_or_else(missing)?.id)
    } else {
        let kind = kind.parse::<RuleKind>().ok().filter(|kind| STEP_KINDS.contains(kind)).ok_or_else(|| {
            wrong("Write goal:, page:, event:, download: or outbound: and what to match, such as page:/cart.".into())
        })?;
        let split = what.split_once(':').and_then(|(how, pattern)| Some((how.parse().ok()?, pattern)));
        let (matching, pattern) = split.unwrap_or((MatchKind::Exact, what));
        StepRule::Action(GoalRule { kind, matching, pattern: pattern.trim().to_owned() })
    };
    Ok(FunnelStep { name: name.trim().to_owned(), rule, is_direct })
}

/// Writes a step as [`parse_step`] reads it.
pub fn write_step(step: &FunnelStep, goals: &[Goal]) -> String {
    let name = if step.name.is_empty() { String::new() } else { format!("{}=", step.name) };
    let direct = if step.is_direct { DIRECTLY } else { "" };
    let rule = match &step.rule {
        StepRule::Goal(id) => {
            let code =
                step_names::find_goal(step, goals).map_or_else(|| id.to_string(), |goal| goal.code.clone());
            format!("{GOAL}:{code}")
        }
        StepRule::Action(GoalRule { kind, matching, pattern }) => {
            let is_read_as_match =
                pattern.split_once(':').is_some_and(|(first, _)| first.parse::<MatchKind>().is_ok());
            match matching {
                MatchKind::Exact if !is_read_as_match => format!("{}:{pattern}", kind.name()),
                matching => format!("{}:{}:{pattern}", kind.name(), matching.name()),
            }
        }
    };
    format!("{name}{direct}{rule}")
}
