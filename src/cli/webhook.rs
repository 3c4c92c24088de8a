//! `clickstead webhook`: addresses at which programs and chat services are told of a site's alerts.

use super::context::Context;
use super::output::{json, table};
use crate::alerts::webhooks as acts;
use crate::alerts::webhooks::message;
use crate::alerts::webhooks::retry::{self, Decision};
use crate::alerts::webhooks::settings;
use crate::alerts::webhooks::signature::WebhookSecret;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{DeliveryId, SiteId, WebhookId};
use crate::model::webhook::{Webhook, WebhookFormat, WebhookSettings};
use crate::outbound::webhook_post::WebhookPoster;
use crate::store::sites::{self, Site};
use crate::store::webhook_deliveries::{self, Delivery};
use crate::store::webhooks;
use rusqlite::Connection;
use serde_json::{Value, json};
use strum::VariantArray;

/// The verbs of `webhook`.
#[derive(clap::Subcommand)]
pub enum WebhookArgs {
    /// Add a webhook; what signs messages is printed once
    Add(AddWebhookArgs),
    /// List the webhooks of a site
    List {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a webhook; what you leave out stays
    Change(ChangeWebhookArgs),
    /// Send a test message now
    Test {
        #[command(flatten)]
        webhook: WebhookSelector,
        /// Let the message reach this machine and private networks
        #[arg(long, env = "CLICKSTEAD_ALLOW_PRIVATE_TARGETS")]
        allow_private_targets: bool,
    },
    /// List the messages to a webhook, newest first
    Deliveries {
        #[command(flatten)]
        webhook: WebhookSelector,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a new secret; the old one works for one more day
    RotateSecret {
        #[command(flatten)]
        webhook: WebhookSelector,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send nothing there for now
    Pause {
        #[command(flatten)]
        webhook: WebhookSelector,
    },
    /// Send there again
    Resume {
        #[command(flatten)]
        webhook: WebhookSelector,
    },
    /// Remove a webhook
    Remove {
        #[command(flatten)]
        webhook: WebhookSelector,
    },
}

/// A webhook of a site.
#[derive(clap::Args)]
pub struct WebhookSelector {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// Its name or number, see `webhook list`
    webhook: String,
}

/// The options of `webhook add`.
#[derive(clap::Args)]
pub struct AddWebhookArgs {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// Its name
    #[arg(long, value_name = "N")]
    name: String,
    /// Who receives it: json (your own program), slack, discord, teams or ntfy
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = format)]
    format: WebhookFormat,
    /// The address that messages are sent to
    #[arg(long, value_name = "URL")]
    url: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The options of `webhook change`.
#[derive(clap::Args)]
pub struct ChangeWebhookArgs {
    #[command(flatten)]
    webhook: WebhookSelector,
    /// A new name
    #[arg(long, value_name = "N")]
    name: Option<String>,
    /// Another receiver: json, slack, discord, teams or ntfy
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<WebhookFormat>,
    /// A new address
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

fn format(text: &str) -> std::result::Result<WebhookFormat, String> {
    let names = || WebhookFormat::VARIANTS.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
    text.parse().map_err(|_| format!("write one of {}", names()))
}

impl WebhookArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add(add) => add.run(context),
            Self::List { site, json } => list(context, site, json),
            Self::Change(change) => change.run(context),
            Self::Test { webhook, allow_private_targets } => webhook.test(context, allow_private_targets),
            Self::Deliveries { webhook, json } => webhook.deliveries(context, json),
            Self::RotateSecret { webhook, json } => webhook.rotate_secret(context, json),
            Self::Pause { webhook } => webhook.set_paused(context, true),
            Self::Resume { webhook } => webhook.set_paused(context, false),
            Self::Remove { webhook } => webhook.remove(context),
        }
    }
}

impl WebhookSelector {
    /// Finds the site and its webhook.
    fn find(&self, connection: &Connection) -> Result<(Site, Webhook)> {
        let site = sites::get(connection, self.site)?;
        let webhooks = webhooks::list(connection, site.id)?;
        let by_name = webhooks.iter().find(|webhook| webhook.settings.name == self.webhook);
        let by_id = || webhooks.iter().find(|webhook| WebhookId::parse(&self.webhook) == Some(webhook.id));
        let found = by_name.or_else(by_id).cloned();
        Ok((site, found.ok_or(Error::Missing("webhook"))?))
    }

    /// Posts a message from this command and prints the answer. It is not listed with the deliveries.
    fn test(&self, context: &Context, allows_private: bool) -> Result<String> {
        let (site, webhook, keys) = context.read(|connection| {
            let (site, webhook) = self.find(connection)?;
            let (_, keys) =
                webhooks::find_with_keys(connection, webhook.id)?.ok_or(Error::Missing("webhook"))?;
            Ok((site, webhook, keys))
        })?;
        let event = acts::test_event(&site, &webhook, String::new(), context.now);
        let delivery = unsent(&webhook, &event.title, event.to_json().to_string(), context.now);
        let message = message::write(&webhook, &keys, &delivery, context.now)?;
        let answer = WebhookPoster::new(allows_private).post(&message.url, &message.headers, &message.body);
        let Decision { outcome, .. } = retry::decide(answer, 0, limits::WEBHOOK_TRIES_MAX);
        let (name, host) = (&webhook.settings.name, settings::host(&webhook.settings.url));
        match outcome.problem {
            None => Ok(format!("{host} has taken a test message to {name}.")),
            Some(problem) => Err(Error::Setup(format!("{host} did not take it: {problem}"))),
        }
    }

    fn deliveries(&self, context: &Context, as_json: bool) -> Result<String> {
        let deliveries = context.read(|connection| {
            let (_, webhook) = self.find(connection)?;
            webhook_deliveries::list(connection, webhook.id, limits::WEBHOOK_DELIVERIES_KEPT)
        })?;
        if as_json {
            return Ok(json(&deliveries.iter().map(delivery_json).collect()));
        }
        let rows = deliveries.iter().map(|delivery| {
            let outcome = delivery.last_try.as_ref().and_then(|last| last.outcome.as_ref());
            let status = outcome.and_then(|outcome| outcome.status).map(|status| status.to_string());
            let problem = outcome.and_then(|outcome| outcome.problem.clone());
            vec![
                delivery.created_at.rfc3339(),
                state(delivery).to_owned(),
                delivery.tries.to_string(),
                status.unwrap_or_else(|| "–".to_owned()),
                delivery.title.clone(),
                problem.unwrap_or_default(),
            ]
        });
        Ok(table(&["WRITTEN", "STATE", "TRIES", "ANSWER", "MESSAGE", "PROBLEM"], &rows.collect::<Vec<_>>()))
    }

    fn rotate_secret(&self, context: &Context, as_json: bool) -> Result<String> {
        let secret = WebhookSecret::generate()?;
        let name = context.change(|tx| {
            let (site, webhook) = self.find(tx)?;
            acts::rotate_secret(tx, &context.actor(), &site, webhook.id, &secret)?;
            Ok(webhook.settings.name)
        })?;
        if as_json {
            return Ok(json(&json!({"secret": secret.expose()})));
        }
        Ok(format!("The new secret of {name}: {}\nThe old one works for one more day.", secret.expose()))
    }

    fn set_paused(&self, context: &Context, is_paused: bool) -> Result<String> {
        let name = context.change(|tx| {
            let (site, webhook) = self.find(tx)?;
            acts::set_paused(tx, &context.actor(), &site, webhook.id, is_paused)?;
            Ok(webhook.settings.name)
        })?;
        Ok(if is_paused {
            format!("{name} is paused.")
        } else {
            format!("{name} goes on with the next alert.")
        })
    }

    fn remove(&self, context: &Context) -> Result<String> {
        let name = context.change(|tx| {
            let (site, webhook) = self.find(tx)?;
            acts::remove(tx, &context.actor(), &site, webhook.id)?;
            Ok(webhook.settings.name)
        })?;
        Ok(format!("The webhook {name} is removed."))
    }
}

impl AddWebhookArgs {
    fn run(self, context: &Context) -> Result<String> {
        let secret = WebhookSecret::generate()?;
        let id = context.change(|tx| {
            let site = sites::get(tx, self.site)?;
            let settings =
                WebhookSettings { name: self.name.clone(), format: self.format, url: self.url.clone() };
            acts::add(tx, &context.actor(), &site, settings, &secret)
        })?;
        let secret = self.format.is_signed().then(|| secret.expose());
        if self.json {
            return Ok(json(&json!({"webhook_id": id.0, "secret": secret})));
        }
        let added = format!("{} is webhook {id} of site {}.", self.name.trim(), self.site);
        Ok(match secret {
            Some(secret) => format!("{added}\nIts secret, which isn't shown again: {secret}"),
            None => added,
        })
    }
}

impl ChangeWebhookArgs {
    fn run(self, context: &Context) -> Result<String> {
        let name = context.change(|tx| {
            let (site, before) = self.webhook.find(tx)?;
            let settings = WebhookSettings {
                name: self.name.clone().unwrap_or(before.settings.name),
                format: self.format.unwrap_or(before.settings.format),
                url: self.url.clone().unwrap_or(before.settings.url),
            };
            acts::change(tx, &context.actor(), &site, before.id, settings)?;
            Ok(webhooks::get(tx, site.id, before.id)?.settings.name)
        })?;
        Ok(format!("{name} is changed."))
    }
}

fn list(context: &Context, site: SiteId, as_json: bool) -> Result<String> {
    let webhooks = context.read(|connection| webhooks::list(connection, sites::get(connection, site)?.id))?;
    if as_json {
        return Ok(json(&webhooks.iter().map(webhook_json).collect()));
    }
    let rows = webhooks.iter().map(|webhook| {
        let WebhookSettings { name, format, url } = &webhook.settings;
        let state = if webhook.is_paused { "paused" } else { "on" };
        let format = format.name().to_owned();
        vec![webhook.id.to_string(), name.clone(), format, settings::host(url), state.to_owned()]
    });
    Ok(table(&["ID", "NAME", "FORMAT", "HOST", "STATE"], &rows.collect::<Vec<_>>()))
}

fn webhook_json(webhook: &Webhook) -> Value {
    let WebhookSettings { name, format, url } = &webhook.settings;
    json!({
        "webhook_id": webhook.id.0, "name": name, "format": format.name(), "url": url,
        "is_paused": webhook.is_paused, "created_at": webhook.created_at.seconds(),
    })
}

fn delivery_json(delivery: &Delivery) -> Value {
    let outcome = delivery.last_try.as_ref().and_then(|last| last.outcome.as_ref());
    json!({
        "message_id": delivery.message_id, "title": delivery.title, "state": state(delivery),
        "tries": delivery.tries, "status": outcome.and_then(|outcome| outcome.status),
        "answer": outcome.and_then(|outcome| outcome.answer.as_ref()),
        "problem": outcome.and_then(|outcome| outcome.problem.as_ref()),
        "created_at": delivery.created_at.seconds(), "due_at": delivery.due_at.map(Timestamp::seconds),
    })
}

fn state(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery { due_at: Some(_), .. } => "waiting",
        Delivery { given_up_at: Some(_), .. } => "failed",
        _ => "delivered",
    }
}

/// Returns a message that is not stored.
fn unsent(webhook: &Webhook, title: &str, event: String, at: Timestamp) -> Delivery {
    Delivery {
        id: DeliveryId(0),
        webhook: webhook.id,
        message_id: format!("msg_test_{}", at.0),
        title: title.to_owned(),
        event,
        created_at: at,
        due_at: None,
        tries: 0,
        last_try: None,
        delivered_at: None,
        given_up_at: None,
    }
}
