//! `clickstead funnel`: the steps that visitors take on their way to a goal.

use super::context::Context;
use super::output::{json, table};
use crate::error::{Error, Result};
use crate::goals::{funnel_text, funnels as acts};
use crate::limits;
use crate::model::funnel::{Funnel, FunnelSettings, FunnelStep, StepRule};
use crate::model::id::{FunnelId, SiteId};
use crate::reports::step_names;
use crate::store::funnels;
use crate::store::goals::{self, Goal};
use crate::store::sites::{self, Site};
use rusqlite::Connection;
use serde_json::{Value, json};

/// The verbs of `funnel`.
#[derive(clap::Subcommand)]
pub enum FunnelArgs {
    /// Add a funnel
    Add(AddFunnelArgs),
    /// List the funnels of a site
    List {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a funnel; what you leave out stays
    Change(ChangeFunnelArgs),
    /// Remove a funnel; visits and goals stay
    Remove {
        #[command(flatten)]
        funnel: FunnelSelector,
    },
}

/// A funnel of a site.
#[derive(clap::Args)]
pub struct FunnelSelector {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// Its name or number, see `funnel list`
    funnel: String,
}

/// The options of `funnel add`.
#[derive(clap::Args)]
pub struct AddFunnelArgs {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// Its name
    #[arg(long, value_name = "N")]
    name: String,
    #[command(flatten)]
    options: FunnelOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The options of `funnel change`.
#[derive(clap::Args)]
pub struct ChangeFunnelArgs {
    #[command(flatten)]
    funnel: FunnelSelector,
    /// A new name
    #[arg(long, value_name = "N")]
    name: Option<String>,
    #[command(flatten)]
    options: FunnelOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The steps and the time for them.
#[derive(clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help of a command shows it as it is")]
pub struct FunnelOptions {
    /// A step, once for each in their order: page:/cart, page:starts:/checkout, event:Sign up, download:/menu.pdf,
    /// outbound:https://pay.example/ or goal:Order. Put directly: before it if no other page may come in between, and NAME=
    /// before all to name it
    #[arg(long = "step", value_name = "STEP")]
    steps: Vec<String>,
    /// The days in which a visitor may take all steps, such as 7d; within one visit if left out
    #[arg(long, value_name = "DAYS|visit", value_parser = window)]
    within: Option<Window>,
}

/// The time in which all steps are taken.
#[derive(Clone, Copy)]
pub struct Window {
    /// The number of days; `None` for a visit.
    days: Option<u32>,
}

fn window(text: &str) -> std::result::Result<Window, String> {
    if text == "visit" {
        return Ok(Window { days: None });
    }
    let most = limits::FUNNEL_WINDOW_DAYS_MAX;
    let days = text.strip_suffix('d').unwrap_or(text).parse().ok().filter(|days| (1..=most).contains(days));
    let days =
        days.ok_or_else(|| format!("write a number of days from 1 to {most}, such as 7d, or visit"))?;
    Ok(Window { days: Some(days) })
}

impl FunnelOptions {
    /// Returns settings with the given options applied.
    fn changed(&self, tx: &Connection, site: &Site, before: FunnelSettings) -> Result<FunnelSettings> {
        let steps = (1..).zip(&self.steps);
        let steps = steps.map(|(number, text)| funnel_text::parse_step(tx, site.id, number, text));
        let steps: Vec<FunnelStep> = steps.collect::<Result<_>>()?;
        Ok(FunnelSettings {
            name: before.name,
            window_days: self.within.map_or(before.window_days, |window| window.days),
            steps: if steps.is_empty() { before.steps } else { steps },
        })
    }
}

impl FunnelArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add(add) => add.run(context),
            Self::List { site, json } => list(context, site, json),
            Self::Change(change) => change.run(context),
            Self::Remove { funnel } => {
                let name = context.change(|tx| {
                    let (site, found) = funnel.find(tx)?;
                    acts::remove(tx, &context.actor(), &site, found.id)?;
                    Ok(found.settings.name)
                })?;
                Ok(format!("The funnel {name} is removed. Visits and goals stay."))
            }
        }
    }
}

impl FunnelSelector {
    /// Finds the site and its funnel.
    fn find(&self, connection: &Connection) -> Result<(Site, Funnel)> {
        let site = sites::get(connection, self.site)?;
        let funnels = funnels::list(connection, site.id)?;
        let by_name = funnels.iter().find(|funnel| funnel.settings.name == self.funnel);
        let by_id = || funnels.iter().find(|funnel| FunnelId::parse(&self.funnel) == Some(funnel.id));
        let found = by_name.or_else(by_id).cloned();
        Ok((site, found.ok_or(Error::Missing("funnel"))?))
    }
}

impl AddFunnelArgs {
    fn run(self, context: &Context) -> Result<String> {
        let id = context.change(|tx| {
            let site = sites::get(tx, self.site)?;
            let empty = FunnelSettings { name: self.name.clone(), window_days: None, steps: Vec::new() };
            let settings = self.options.changed(tx, &site, empty)?;
            acts::add(tx, &context.actor(), &site, settings)
        })?;
        if self.json {
            return Ok(json(&json!({"funnel_id": id.0})));
        }
        let steps = self.options.steps.len();
        Ok(format!("{} is funnel {id} of site {}, with {steps} steps.", self.name.trim(), self.site))
    }
}

impl ChangeFunnelArgs {
    fn run(self, context: &Context) -> Result<String> {
        let (id, name) = context.change(|tx| {
            let (site, before) = self.funnel.find(tx)?;
            let mut settings = self.options.changed(tx, &site, before.settings)?;
            if let Some(name) = &self.name {
                settings.name.clone_from(name);
            }
            acts::change(tx, &context.actor(), &site, before.id, settings)?;
            Ok((before.id, funnels::get(tx, site.id, before.id)?.settings.name))
        })?;
        if self.json {
            return Ok(json(&json!({"funnel_id": id.0})));
        }
        Ok(format!("{name} is changed."))
    }
}

fn list(context: &Context, site: SiteId, as_json: bool) -> Result<String> {
    let (funnels, goals) = context.read(|connection| {
        let site = sites::get(connection, site)?;
        Ok((funnels::list(connection, site.id)?, goals::list_with_removed(connection, site.id)?))
    })?;
    if as_json {
        return Ok(json(&funnels.iter().map(|funnel| funnel_json(funnel, &goals)).collect()));
    }
    let rows = funnels.iter().map(|funnel| {
        let FunnelSettings { name, window_days, steps } = &funnel.settings;
        let texts = steps.iter().map(|step| {
            let text = funnel_text::write_step(step, &goals);
            if step_names::removed_goal(step, &goals).is_some() { format!("{text} (removed)") } else { text }
        });
        vec![
            funnel.id.to_string(),
            name.clone(),
            window_days.map_or_else(|| "visit".to_owned(), |days| format!("{days}d")),
            texts.collect::<Vec<_>>().join(" > "),
        ]
    });
    Ok(table(&["ID", "NAME", "WITHIN", "STEPS"], &rows.collect::<Vec<_>>()))
}

fn funnel_json(funnel: &Funnel, goals: &[Goal]) -> Value {
    let steps = funnel.settings.steps.iter().map(|step| {
        let goal = step_names::find_goal(step, goals);
        let rule = match &step.rule {
            StepRule::Goal(_) => None,
            StepRule::Action(rule) => Some(rule),
        };
        json!({
            "title": step_names::name(step, goals), "name": step.name, "kind": step.rule.kind_name(),
            "goal": goal.map(|goal| &goal.code), "goal_removed": goal.map(|goal| goal.removed_at.is_some()),
            "match": rule.map(|rule| rule.matching.name()), "pattern": rule.map(|rule| &rule.pattern),
            "directly": step.is_direct, "step": funnel_text::write_step(step, goals),
        })
    });
    json!({
        "funnel_id": funnel.id.0, "name": funnel.settings.name, "window_days": funnel.settings.window_days,
        "steps": steps.collect::<Vec<_>>(), "created_at": funnel.created_at.seconds(),
    })
}
