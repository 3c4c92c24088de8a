//! Steps of funnels as text, such as `page:/cart`, `page:starts:/checkout`, `goal:Order` and `directly:page:/pay`, with a name
//! before it if it has one: `Basket=page:/cart`. A name or a pattern that itself holds such a beginning of a rule is kept apart
//! by more equals signs: `page: the shop==page:/shop`.

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
    let (name, rest) = split_name(text);
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
        let kind = action_kind(kind).ok_or_else(|| {
            wrong(
                "Write goal:, page:, event:, download: or outbound: and what to match, such as page:/cart."
                    .into(),
            )
        })?;
        let split = what.split_once(':').and_then(|(how, pattern)| Some((how.parse().ok()?, pattern)));
        let (matching, pattern) = split.unwrap_or((MatchKind::Exact, what));
        StepRule::Action(GoalRule { kind, matching, pattern: pattern.trim().to_owned() })
    };
    Ok(FunnelStep { name: name.trim().to_owned(), rule, is_direct })
}

fn action_kind(text: &str) -> Option<RuleKind> {
    text.parse().ok().filter(|kind| STEP_KINDS.contains(kind))
}

/// Returns true for a text that begins as a rule does: with a kind, or the mark of a step that follows directly.
fn begins_rule(text: &str) -> bool {
    let text = text.trim_start();
    let kind = text.split_once(':').map(|(kind, _)| kind);
    text.starts_with(DIRECTLY) || kind.is_some_and(|kind| kind == GOAL || action_kind(kind).is_some())
}

/// Splits a step into its name and its rule: at the first equals sign before a rule, unless the text begins with one. Where
/// several equals signs in a row stand before a rule, the longest row counts, so that every name and every pattern can be
/// written.
fn split_name(text: &str) -> (&str, &str) {
    let mut found = begins_rule(text).then_some((0, 0, 1));
    let mut from = 0;
    while let Some(start) = text[from..].find('=').map(|offset| from + offset) {
        let count = text[start..].bytes().take_while(|byte| *byte == b'=').count();
        from = start + count;
        if begins_rule(&text[from..]) && found.is_none_or(|(.., most)| count > most) {
            found = Some((start, from, count));
        }
    }
    found.map_or(("", text), |(start, end, _)| (&text[..start], &text[end..]))
}

/// Writes a step as [`parse_step`] reads it.
pub fn write_step(step: &FunnelStep, goals: &[Goal]) -> String {
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
    with_name(&step.name, &format!("{direct}{rule}"))
}

/// Writes a name before a rule, with as many equals signs as keep them apart.
fn with_name(name: &str, rule: &str) -> String {
    let gap = if name.ends_with('=') { " " } else { "" };
    let written = |count: usize| format!("{name}{gap}{}{rule}", "=".repeat(count));
    let is_read = |count: &usize| {
        let text = written(*count);
        let (read, rest) = split_name(&text);
        read.trim() == name && rest == rule
    };
    let least = usize::from(!name.is_empty());
    // No row of equals signs within is longer than all of the text.
    let count = (least..=name.len() + rule.len() + 1).find(is_read);
    written(count.unwrap_or(least))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> FunnelStep {
        parse_step(&Connection::open_in_memory().unwrap(), SiteId(1), 1, text).unwrap()
    }

    #[test]
    fn the_name_of_a_step_ends_before_its_rule() {
        for (text, name, kind, pattern) in [
            ("page:/cart", "", "page", "/cart"),
            ("Basket = page:/cart", "Basket", "page", "/cart"),
            ("Step 1: Shop=page:/shop", "Step 1: Shop", "page", "/shop"),
            ("a=b=event:Buy: now", "a=b", "event", "Buy: now"),
            ("page:/find?sort=page:2", "", "page", "/find?sort=page:2"),
            ("Find=page:/find?sort=page:2", "Find", "page", "/find?sort=page:2"),
            ("page: the shop==page:/shop", "page: the shop", "page", "/shop"),
            ("x=page:y==directly:page:/shop", "x=page:y", "page", "/shop"),
        ] {
            let step = parse(text);
            let StepRule::Action(rule) = &step.rule else { panic!("{text}") };
            assert_eq!((step.name.as_str(), rule.kind.name(), rule.pattern.as_str()), (name, kind, pattern));
        }
    }

    proptest! {
        #[test]
        fn a_step_is_read_as_it_was_written(
            name in "(page:|event:|goal:|directly:|starts:|=|==| |a|é){0,7}",
            pattern in "/(page:|event:|goal:|directly:|starts:|=|==| |a|é){0,7}",
            matching in prop::sample::select(vec![MatchKind::Exact, MatchKind::Starts, MatchKind::Regex]),
            kind in prop::sample::select(STEP_KINDS.to_vec()),
            is_bare in any::<bool>(),
            is_direct in any::<bool>(),
        ) {
            // An event may begin in any way.
            let pattern = if is_bare { pattern.trim_start_matches('/') } else { &pattern }.trim().to_owned();
            let rule = StepRule::Action(GoalRule { kind, matching, pattern });
            let step = FunnelStep { name: name.trim().to_owned(), rule, is_direct };
            let text = write_step(&step, &[]);
            prop_assert_eq!(parse(&text), step, "{}", text);
        }
    }
}
