//! `clickstead goal`: what a site counts as success.

use super::context::Context;
use super::goal_options::GoalOptions;
use super::output::{json, table};
use crate::error::{Error, Result};
use crate::goals::{amounts, definition};
use crate::ingest::goal_match;
use crate::model::id::{GoalId, SiteId, VisitId};
use crate::store::goals::{self, Goal};
use crate::store::retention;
use crate::store::sites::{self, Site};
use rusqlite::Connection;
use serde_json::{Value, json};

/// The verbs of `goal`.
#[derive(clap::Subcommand)]
pub enum GoalArgs {
    /// Add a goal, or set up one that pages named
    Add(AddGoalArgs),
    /// List the goals of a site
    List {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a goal; what you leave out stays
    Change(ChangeGoalArgs),
    /// Remove a goal; its conversions are kept and don't count anymore
    Remove {
        #[command(flatten)]
        goal: GoalSelector,
    },
    /// Bring a removed goal back, with its conversions
    BringBack {
        #[command(flatten)]
        goal: GoalSelector,
    },
}

/// A goal of a site.
#[derive(clap::Args)]
pub struct GoalSelector {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// Its code, name or number, see `goal list`
    goal: String,
}

/// The options of `goal add`.
#[derive(clap::Args)]
pub struct AddGoalArgs {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// Its name
    #[arg(long, value_name = "N")]
    name: String,
    /// The name by which pages and programs report it; the name if left out
    #[arg(long, value_name = "C")]
    code: Option<String>,
    #[command(flatten)]
    options: GoalOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The options of `goal change`.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command")]
pub struct ChangeGoalArgs {
    #[command(flatten)]
    goal: GoalSelector,
    /// A new name
    #[arg(long, value_name = "N")]
    name: Option<String>,
    #[command(flatten)]
    options: GoalOptions,
    /// Count it only where pages and programs name it
    #[arg(long, conflicts_with = "rule")]
    named: bool,
    /// Take the revenue that is sent with each conversion
    #[arg(long, conflicts_with = "revenue")]
    revenue_as_sent: bool,
    /// Count it once per visit
    #[arg(long, conflicts_with = "every_time")]
    once: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl GoalArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add(add) => add.run(context),
            Self::List { site, json } => list(context, site, json),
            Self::Change(change) => change.run(context),
            Self::Remove { goal } => {
                let (id, name) = context.change(|tx| {
                    let (site, goal) = goal.find(tx, false)?;
                    definition::remove(tx, &context.actor(), &site, goal.id)?;
                    Ok((goal.id, goal.settings.name))
                })?;
                let back = context.hint(&format!("goal bring-back --site {} {id}", goal.site));
                Ok(format!(
                    "{name} is removed. Its conversions are kept and don't count anymore; `{back}` brings it back."
                ))
            }
            Self::BringBack { goal } => {
                let (id, name) = context.change(|tx| {
                    let (site, goal) = goal.find(tx, true)?;
                    definition::bring_back(tx, &context.actor(), &site, goal.id)?;
                    Ok((goal.id, goal.settings.name))
                })?;
                Ok(format!("{name} is back.{}", match_earlier(context, goal.site, id)?))
            }
        }
    }
}

impl GoalSelector {
    /// Finds the site and its goal, a removed one or one that is there.
    fn find(&self, connection: &Connection, is_removed: bool) -> Result<(Site, Goal)> {
        let site = sites::get(connection, self.site)?;
        if is_removed {
            let all = goals::list_with_removed(connection, site.id)?.into_iter();
            let mut removed = all.filter(|goal| goal.removed_at.is_some()).rev();
            let is_meant = |goal: &Goal| {
                goal.code == self.goal
                    || goal.settings.name == self.goal
                    || GoalId::parse(&self.goal) == Some(goal.id)
            };
            return Ok((site, removed.find(is_meant).ok_or(Error::Missing("removed goal"))?));
        }
        let goal = goals::find_named(connection, site.id, &self.goal)?;
        let goal = goal.filter(|goal| goal.removed_at.is_none()).ok_or(Error::Missing("goal"))?;
        Ok((site, goal))
    }
}

impl AddGoalArgs {
    fn run(self, context: &Context) -> Result<String> {
        let (id, code) = context.change(|tx| {
            let site = sites::get(tx, self.site)?;
            let settings = self.options.settings(&site, self.name.clone())?;
            let id = definition::add(tx, &context.actor(), &site, self.code.as_deref(), settings)?;
            Ok((id, goals::get(tx, site.id, id)?.code))
        })?;
        let note = match_earlier(context, self.site, id)?;
        if self.json {
            return Ok(json(&json!({"goal_id": id.0, "code": code, "matched": note.is_matched})));
        }
        Ok(format!("{} is goal {id} of site {}. Its code is {code}.{note}", self.name.trim(), self.site))
    }
}

impl ChangeGoalArgs {
    fn run(self, context: &Context) -> Result<String> {
        let (id, name) = context.change(|tx| {
            let (site, before) = self.goal.find(tx, false)?;
            let mut settings = self.options.changed(&site, before.settings)?;
            if let Some(name) = &self.name {
                settings.name.clone_from(name);
            }
            if self.named {
                settings.rule = None;
            }
            if self.revenue_as_sent {
                settings.revenue = None;
            }
            if self.once {
                settings.is_every_time = false;
            }
            definition::change(tx, &context.actor(), &site, before.id, settings)?;
            Ok((before.id, goals::get(tx, site.id, before.id)?.settings.name))
        })?;
        let note = match_earlier(context, self.goal.site, id)?;
        if self.json {
            return Ok(json(&json!({"goal_id": id.0, "matched": note.is_matched})));
        }
        Ok(format!("{name} is changed.{note}"))
    }
}

/// The state of matching a goal with earlier visits.
struct MatchNote {
    /// True if all of them are matched.
    is_matched: bool,
    sentence: &'static str,
}

impl std::fmt::Display for MatchNote {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.sentence)
    }
}

/// Matches earlier visits with a goal, unless a server does on the same file.
fn match_earlier(context: &Context, site: SiteId, id: GoalId) -> Result<MatchNote> {
    let is_due = |connection: &Connection| Ok(goals::get(connection, site, id)?.matching.is_some());
    if !context.read(is_due)? {
        return Ok(MatchNote { is_matched: true, sentence: "" });
    }
    if crate::store::is_in_use(&context.data) {
        let sentence = " The server matches earlier visits in the background.";
        return Ok(MatchNote { is_matched: false, sentence });
    }
    let mut connection = crate::store::open(&context.data, false)?;
    let outcome = goal_match::match_all_now(&mut connection);
    crate::store::close(connection)?;
    outcome?;
    Ok(MatchNote { is_matched: true, sentence: " Earlier visits are matched." })
}

fn list(context: &Context, site: SiteId, as_json: bool) -> Result<String> {
    let (site, goals, oldest) = context.read(|connection| {
        let site = sites::get(connection, site)?;
        let oldest = retention::oldest_visit(connection, site.id)?.unwrap_or(VisitId(0));
        let goals = goals::list(connection, site.id)?;
        Ok((site, goals, oldest))
    })?;
    if as_json {
        return Ok(json(&goals.iter().map(|goal| goal_json(&site, goal, oldest)).collect()));
    }
    let rows = goals.iter().map(|goal| {
        let revenue = goal.settings.revenue.map(|revenue| site.currency.text(revenue));
        vec![
            goal.id.to_string(),
            goal.settings.name.clone(),
            goal.code.clone(),
            rule_text(goal),
            revenue.unwrap_or_else(|| "as sent".to_owned()),
            if goal.settings.is_every_time { "every time" } else { "once" }.to_owned(),
            state(goal, oldest),
        ]
    });
    Ok(table(&["ID", "NAME", "CODE", "COUNTS", "REVENUE", "PER VISIT", "STATE"], &rows.collect::<Vec<_>>()))
}

fn goal_json(site: &Site, goal: &Goal, oldest: VisitId) -> Value {
    let rule = goal.settings.rule.as_ref();
    json!({
        "goal_id": goal.id.0, "name": goal.settings.name, "code": goal.code, "set_up": goal.is_set_up,
        "kind": rule.map(|rule| rule.kind.name()),
        "match": rule.filter(|rule| !rule.kind.is_number()).map(|rule| rule.matching.name()),
        "pattern": rule.map(|rule| rule.pattern.as_str()),
        "revenue": goal.settings.revenue.map(|revenue| amounts::to_json(site, revenue)),
        "currency": site.currency.code(), "every_time": goal.settings.is_every_time,
        "matched_percent": goal.matching.map_or(100, |matching| matching.percent(oldest)),
        "created_at": goal.created_at.seconds(),
    })
}

fn rule_text(goal: &Goal) -> String {
    match &goal.settings.rule {
        None => "where it is named".to_owned(),
        Some(rule) if rule.kind.is_number() => format!("{} {}", rule.kind.name(), rule.pattern),
        Some(rule) => format!("{} {} {}", rule.kind.name(), rule.matching.name(), rule.pattern),
    }
}

fn state(goal: &Goal, oldest: VisitId) -> String {
    match goal.matching {
        Some(matching) => format!("matching, {}%", matching.percent(oldest)),
        None if goal.is_set_up => "set up".to_owned(),
        None => "found, not set up".to_owned(),
    }
}
