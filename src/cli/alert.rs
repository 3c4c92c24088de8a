//! `clickstead alert`: what people are told when it happens.

use super::context::Context;
use super::output::{json, table};
use super::person;
use crate::alerts::{description, rules};
use crate::error::{Error, Result};
use crate::goals::amounts;
use crate::model::alert::{Alert, AlertKind, AlertSettings, GoalMode};
use crate::model::id::{AlertId, SiteId, WebhookId};
use crate::store::alerts::{self, AlertScope};
use crate::store::sites::{self, Site};
use crate::store::{alert_events, goals, webhooks};
use rusqlite::Connection;
use serde_json::{Value, json};
use strum::VariantArray;

/// The verbs of `alert`.
#[derive(clap::Subcommand)]
pub enum AlertArgs {
    /// Add an alert
    Add(AddAlertArgs),
    /// List the alerts of a site with what fired last
    List {
        #[command(flatten)]
        place: AlertPlace,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove an alert with its history
    Remove {
        #[command(flatten)]
        place: AlertPlace,
        /// Its number, see `alert list`
        #[arg(value_parser = alert_id)]
        alert: AlertId,
    },
}

/// The alerts of everyone on a site, or of one person there.
#[derive(clap::Args)]
pub struct AlertPlace {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// User name or e-mail of the one person it's for; everyone with access if left out
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

/// The options of `alert add`.
#[derive(clap::Args)]
pub struct AddAlertArgs {
    #[command(flatten)]
    place: AlertPlace,
    /// spike, drop, online, goal, revenue, referrer, not-found, outage, certificate or silence
    #[arg(long, value_parser = kind)]
    kind: AlertKind,
    /// From how many on: visits, visitors, conversions, an amount, views, days or hours
    #[arg(long, value_name = "N")]
    over: Option<String>,
    /// How many percent more or fewer visits than usual are a spike or a drop
    #[arg(long, value_name = "N")]
    percent: Option<i64>,
    /// The code, name or number of a goal
    #[arg(long, value_name = "GOAL")]
    goal: Option<String>,
    /// Of a goal: each time, the first time each day, or over --over a day
    #[arg(long, value_name = "each|first|over", value_parser = mode)]
    mode: Option<GoalMode>,
    /// Count matching visits alone, with filters as in an address, such as country=DE
    #[arg(long, value_name = "FILTERS", default_value = "")]
    segment: String,
    /// Tell also when it's back to normal
    #[arg(long)]
    back_to_normal: bool,
    /// Send no mail; the bell tells it
    #[arg(long)]
    no_mail: bool,
    /// The number of a webhook to call, once for each
    #[arg(long = "webhook", value_name = "N", value_parser = webhook_id)]
    webhooks: Vec<WebhookId>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn alert_id(text: &str) -> std::result::Result<AlertId, String> {
    AlertId::parse(text)
        .ok_or_else(|| "an alert's number is made of digits, see `clickstead alert list`".into())
}

fn webhook_id(text: &str) -> std::result::Result<WebhookId, String> {
    WebhookId::parse(text).ok_or_else(|| "a webhook's number is made of digits".into())
}

fn kind(text: &str) -> std::result::Result<AlertKind, String> {
    let names: Vec<&str> = AlertKind::VARIANTS.iter().map(|kind| kind.name()).collect();
    text.parse().map_err(|_| format!("give one of {}", names.join(", ")))
}

fn mode(text: &str) -> std::result::Result<GoalMode, String> {
    text.parse().map_err(|_| "give each, first or over".into())
}

impl AlertPlace {
    fn find(&self, connection: &Connection) -> Result<(Site, AlertScope)> {
        let site = sites::get(connection, self.site)?;
        let owner = match &self.user {
            Some(name) => Some(person::get_or_advise(connection, name)?.id),
            None => None,
        };
        let scope = AlertScope { site: site.id, owner };
        Ok((site, scope))
    }
}

impl AlertArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add(add) => add.run(context),
            Self::List { place, json } => list(context, &place, json),
            Self::Remove { place, alert } => {
                context.change(|tx| {
                    let (site, scope) = place.find(tx)?;
                    rules::remove(tx, &context.actor(), &site, scope, alert)
                })?;
                Ok(format!("The alert {alert} is removed with its history."))
            }
        }
    }
}

impl AddAlertArgs {
    fn run(self, context: &Context) -> Result<String> {
        let (id, words) = context.change(|tx| {
            let (site, scope) = self.place.find(tx)?;
            let settings = self.settings(tx, &site)?;
            let id = rules::add(tx, &context.actor(), &site, scope, settings)?;
            let stored = alerts::get(tx, scope, id)?;
            Ok((id, description::describe(tx, &site, &stored.settings)?))
        })?;
        if self.json {
            return Ok(json(&json!({"alert_id": id.0})));
        }
        Ok(format!("Alert {id} of site {}: {words}.", self.place.site))
    }

    fn settings(&self, connection: &Connection, site: &Site) -> Result<AlertSettings> {
        let mut settings = AlertSettings::proposed(self.kind);
        settings.threshold = match (&self.over, self.kind) {
            (Some(text), AlertKind::Revenue) => amounts::parse(site, "over", text)?,
            (None, AlertKind::Revenue) => return Err(Error::invalid("over", "Give an amount with --over.")),
            (Some(text), _) => {
                text.parse().map_err(|_| Error::invalid("over", "Give a whole number with --over."))?
            }
            (None, _) => settings.threshold,
        };
        settings.percent = self.percent.unwrap_or(settings.percent);
        if let Some(text) = &self.goal {
            let goal = goals::find_named(connection, site.id, text)?;
            settings.goal = Some(goal.ok_or(Error::Missing("goal"))?.id);
        }
        let over = self.over.as_ref().map(|_| GoalMode::Over);
        settings.mode = self.mode.or(over).unwrap_or_default();
        settings.segment.clone_from(&self.segment);
        settings.tells_end = self.back_to_normal || settings.tells_end;
        settings.by_mail = !self.no_mail;
        settings.webhooks.clone_from(&self.webhooks);
        Ok(settings)
    }
}

fn list(context: &Context, place: &AlertPlace, as_json: bool) -> Result<String> {
    let listed = context.read(|connection| {
        let (site, scope) = place.find(connection)?;
        let known = webhooks::list(connection, site.id)?;
        let mut listed = Vec::new();
        for alert in alerts::list(connection, scope)? {
            let words = description::describe(connection, &site, &alert.settings)?;
            let newest = alert_events::list(connection, alert.id, 1)?.pop();
            let names = known.iter().filter(|webhook| alert.settings.webhooks.contains(&webhook.id));
            let names: Vec<String> = names.map(|webhook| webhook.settings.name.clone()).collect();
            let fired = newest.map(|event| (event.title, event.fired_at.rfc3339()));
            listed.push((alert, words, fired, names));
        }
        Ok(listed)
    })?;
    if as_json {
        let listed =
            listed.iter().map(|(alert, words, fired, names)| alert_json(alert, words, fired.as_ref(), names));
        return Ok(json(&listed.collect()));
    }
    let rows = listed.into_iter().map(|(alert, words, fired, names)| {
        let mut how = vec!["bell".to_owned()];
        how.extend(alert.settings.by_mail.then(|| "mail".to_owned()));
        how.extend(names);
        let state = match &alert.stopped {
            Some((_, because)) => format!("stopped: {because}"),
            None => fired.map_or_else(|| "-".to_owned(), |(title, at)| format!("{at} {title}")),
        };
        vec![alert.id.to_string(), words, how.join(", "), state]
    });
    Ok(table(&["ID", "ALERT", "TOLD BY", "LAST FIRED"], &rows.collect::<Vec<_>>()))
}

fn alert_json(alert: &Alert, words: &str, fired: Option<&(String, String)>, webhooks: &[String]) -> Value {
    let settings = &alert.settings;
    json!({
        "alert_id": alert.id.0, "description": words, "kind": settings.kind.name(),
        "threshold": settings.threshold, "percent": settings.percent, "goal_id": settings.goal.map(|goal| goal.0),
        "mode": settings.mode.name(), "segment": settings.segment, "back_to_normal": settings.tells_end,
        "mail": settings.by_mail, "webhooks": webhooks, "stopped": alert.stopped.as_ref().map(|(_, because)| because),
        "last_fired_at": fired.map(|(_, at)| at), "last_title": fired.map(|(title, _)| title),
        "created_at": alert.created_at.seconds(),
    })
}
