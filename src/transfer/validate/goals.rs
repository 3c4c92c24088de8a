//! The validation of goals, funnels, campaigns and annotations.

use super::values::{
    RecordProblem, first_wrong, is_address, is_amount, is_day, is_moment, is_moment_or_none, is_text,
};
use crate::goals::funnels;
use crate::limits;
use crate::model::funnel::{GOAL, STEP_KINDS, StepRule};
use crate::model::goal::{AddressPattern, GoalRule, MatchKind, RuleKind};
use crate::model::id::VisitorId;
use crate::sites::hosts;
use crate::store::annotations::AnnotationKind;
use crate::store::campaigns::CampaignRuleKind;
use crate::store::site_export::{
    AnnotationRecord, CampaignCostRecord, CampaignLinkRecord, CampaignRuleRecord, FunnelRecord,
    FunnelStepRecord, GoalRecord, VisitorNoteRecord,
};

/// Returns the problem of a goal, if there is one.
pub fn goal_problem(goal: &GoalRecord) -> RecordProblem {
    let matching = goal.matching.parse::<MatchKind>();
    let is_rule = match (&goal.kind, &matching) {
        (None, _) => goal.pattern.is_empty(),
        (Some(kind), Ok(matching)) => kind.parse::<RuleKind>().is_ok_and(|kind| {
            GoalRule { kind, matching: *matching, pattern: goal.pattern.clone() }.compile().is_ok()
        }),
        (Some(_), Err(_)) => false,
    };
    let is_progress = goal.match_below.is_some() == goal.matching_began.is_some()
        && goal.match_below.is_none_or(|below| below >= 0)
        && goal.match_below <= goal.matching_began;
    first_wrong([
        (is_code(&goal.code), "the goal's code is too long, or none"),
        (is_word(&goal.name, limits::TITLE_BYTES_MAX), "the goal's name is too long, or none"),
        (matching.is_ok() && is_rule, "the goal's rule is none"),
        (goal.revenue.is_none_or(is_amount), "the goal's revenue is far too large"),
        (
            is_moment(goal.created_at) && is_moment_or_none(goal.removed_at) && is_progress,
            "the time is none from 1970 to 2199",
        ),
    ])
}

/// Returns the problem of a funnel, if there is one.
pub fn funnel_problem(funnel: &FunnelRecord) -> RecordProblem {
    let most_days = limits::FUNNEL_WINDOW_DAYS_MAX;
    let counts = limits::FUNNEL_STEPS_MIN..=limits::FUNNEL_STEPS_MAX;
    let has_steps = counts.contains(&funnel.steps.len()) && funnel.steps.iter().all(is_step);
    let is_begun = funnel.steps.first().is_some_and(|step| !step.is_direct);
    let are_names = funnel.steps.iter().all(|step| funnels::is_step_name(&step.name));
    let is_reload = |pair: &[FunnelStepRecord]| {
        let rules = action(&pair[1]).zip(action(&pair[0]));
        rules.is_some_and(|(rule, before)| funnels::repeats_page(&rule, &before))
    };
    first_wrong([
        (funnels::is_name(&funnel.name), "the funnel's name is too long, a number, or none"),
        (are_names, "the name of a funnel's step is too long, or none"),
        (has_steps && is_begun, "the funnel's steps are none"),
        (!funnel.steps.windows(2).any(is_reload), "a step of the funnel is the same page as the one before"),
        (
            funnel.window_days.is_none_or(|days| (1..=most_days).contains(&days)),
            "the funnel's days are too many, or none",
        ),
        (is_moment(funnel.created_at), "the time is none from 1970 to 2199"),
    ])
}

fn is_step(step: &FunnelStepRecord) -> bool {
    if step.kind == GOAL {
        return step.goal.as_deref().is_some_and(is_code);
    }
    step.pattern.trim() == step.pattern && action(step).is_some_and(|rule| rule.compile().is_ok())
}

/// Returns the rule of a step that is an action.
fn action(step: &FunnelStepRecord) -> Option<StepRule> {
    let kind = step.kind.parse::<RuleKind>().ok().filter(|kind| STEP_KINDS.contains(kind))?;
    let matching = step.matching.parse::<MatchKind>().ok()?;
    Some(StepRule::Action(GoalRule { kind, matching, pattern: step.pattern.clone() }))
}

/// Returns true for a text that may be the code of a goal.
pub fn is_code(code: &str) -> bool {
    is_word(code, limits::WORD_BYTES_MAX)
}

/// Returns the problem of a rule for a campaign, if there is one.
pub fn rule_problem(rule: &CampaignRuleRecord) -> RecordProblem {
    let matching = rule.matching.parse::<MatchKind>();
    let is_pattern = match (rule.kind.parse(), matching) {
        (Ok(CampaignRuleKind::Landing), Ok(matching)) => {
            AddressPattern::compile(matching, &rule.pattern).is_ok()
        }
        (Ok(CampaignRuleKind::Referrer), Ok(MatchKind::Exact)) => hosts::is_host(&rule.pattern),
        _ => false,
    };
    first_wrong([
        (is_campaign(&rule.campaign), "the campaign's name is too long, or none"),
        (is_pattern, "the campaign's rule is none"),
    ])
}

/// Returns the problem of the cost of a campaign, if there is one.
pub fn cost_problem(cost: &CampaignCostRecord) -> RecordProblem {
    first_wrong([
        (is_campaign(&cost.campaign), "the campaign's name is too long, or none"),
        (is_day(cost.day), "the day is none from 1970 to 2199"),
        (cost.cost > 0 && is_amount(cost.cost), "the cost is nothing, or far too large"),
    ])
}

/// Returns the problem of a campaign link, if there is one.
pub fn link_problem(link: &CampaignLinkRecord) -> RecordProblem {
    let is_link = link.url.starts_with("https://") || link.url.starts_with("http://");
    first_wrong([
        (is_link && is_address(&link.url), "the campaign's link is too long, or none"),
        (is_campaign(&link.campaign), "the campaign's name is too long, or none"),
        (is_author(link.author.as_deref()), "the author's name is too long, or none"),
        (is_moment(link.created_at), "the time is none from 1970 to 2199"),
    ])
}

/// Returns the problem of an annotation of a date, if there is one.
pub fn annotation_problem(annotation: &AnnotationRecord) -> RecordProblem {
    first_wrong([
        (annotation.kind.parse::<AnnotationKind>().is_ok(), "there is no such kind of annotation"),
        (
            !annotation.text.is_empty() && is_note(&annotation.text, limits::ANNOTATION_CHARS_MAX),
            "the annotation is too long, or none",
        ),
        (is_author(annotation.author.as_deref()), "the author's name is too long, or none"),
        (is_day(annotation.day) && is_moment(annotation.created_at), "the time is none from 1970 to 2199"),
    ])
}

/// Returns the problem of the annotation of a visitor, if there is one.
pub fn visitor_note_problem(note: &VisitorNoteRecord) -> RecordProblem {
    let is_short = |text: &String| {
        text.chars().count() <= limits::VISITOR_NAME_CHARS_MAX && !text.contains(char::is_control)
    };
    let are_tags = note.tags.len() <= limits::VISITOR_TAGS_MAX
        && note.tags.iter().all(|tag| !tag.is_empty() && is_short(tag));
    first_wrong([
        (VisitorId::parse(&note.visitor).is_some(), "the visitor has no number"),
        (is_short(&note.name), "the visitor's name is too long, or none"),
        (are_tags, "the visitor's tags are too many, or too long"),
        (is_note(&note.note, limits::VISITOR_NOTE_CHARS_MAX), "the note on the visitor is too long, or none"),
        (is_author(note.author.as_deref()), "the author's name is too long, or none"),
        (is_moment(note.changed_at), "the time is none from 1970 to 2199"),
    ])
}

fn is_word(text: &str, bytes_max: usize) -> bool {
    !text.is_empty() && is_text(text, bytes_max)
}

fn is_campaign(text: &str) -> bool {
    is_word(text, limits::CUSTOM_BYTES_MAX)
}

fn is_author(author: Option<&str>) -> bool {
    author.is_none_or(|author| is_word(author, limits::TITLE_BYTES_MAX))
}

/// Returns true for a text of several lines.
fn is_note(text: &str, chars_max: usize) -> bool {
    text.chars().count() <= chars_max
        && !text.contains(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t'))
}
