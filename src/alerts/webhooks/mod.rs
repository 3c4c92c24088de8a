//! Webhooks of a site: adding, changing, pausing and removing them, and the messages that wait for them.

pub mod message;
pub mod retry;
pub mod settings;
pub mod signature;

use self::signature::WebhookSecret;
use super::fired::Fired;
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{DeliveryId, WebhookId, hex, random};
use crate::model::webhook::{Webhook, WebhookSettings};
use crate::store::sites::Site;
use crate::store::webhook_deliveries::{self, NewDelivery};
use crate::store::webhooks;
use rusqlite::Transaction;
use serde_json::json;

/// Adds a webhook.
///
/// # Errors
///
/// Fails with `Error::Invalid` when a setting is not valid, the name is taken, or the site has too many webhooks, and when the
/// data file cannot be written.
pub fn add(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    new: WebhookSettings,
    secret: &WebhookSecret,
) -> Result<WebhookId> {
    let new = settings::checked(new)?;
    let others = webhooks::list(tx, site.id)?;
    if others.len() >= limits::WEBHOOKS_PER_SITE_MAX {
        let most = limits::WEBHOOKS_PER_SITE_MAX;
        return Err(Error::invalid(
            "name",
            format!("A site has room for {most} webhooks. Remove one first."),
        ));
    }
    settings::check_name_is_free(&others, &new.name, None)?;
    let id = webhooks::create(tx, site.id, &new, secret.key(), actor.at)?;
    actor.record(tx, site.id, AuditAction::AddWebhook, &describe(&new))?;
    Ok(id)
}

/// Changes the settings of a webhook. Messages that wait are sent to the new address.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, with `Error::Invalid` when a setting is not valid or the name is
/// taken, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    id: WebhookId,
    new: WebhookSettings,
) -> Result<()> {
    let before = webhooks::get(tx, site.id, id)?.settings;
    let new = settings::checked(new)?;
    if before == new {
        return Ok(());
    }
    settings::check_name_is_free(&webhooks::list(tx, site.id)?, &new.name, Some(id))?;
    webhooks::update(tx, site.id, id, &new)?;
    actor.record(tx, site.id, AuditAction::ChangeWebhook, &describe(&new))
}

/// Pauses a webhook, or lets it go on. Messages that wait for a paused one are given up: old news helps nobody.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, and when the data file cannot be written.
pub fn set_paused(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    id: WebhookId,
    is_paused: bool,
) -> Result<()> {
    let webhook = webhooks::get(tx, site.id, id)?;
    if webhook.is_paused == is_paused {
        return Ok(());
    }
    webhooks::set_paused(tx, site.id, id, is_paused)?;
    if is_paused {
        webhook_deliveries::give_up_waiting(tx, id, actor.at)?;
    }
    let act = if is_paused { AuditAction::PauseWebhook } else { AuditAction::ResumeWebhook };
    actor.record(tx, site.id, act, &webhook.settings.name)
}

/// Gives a webhook a new secret. The old one signs too for [`limits::WEBHOOK_OLD_SECRET_LASTS`], so that receivers can change
/// over without losing a message.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, and when the data file cannot be written.
pub fn rotate_secret(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    id: WebhookId,
    secret: &WebhookSecret,
) -> Result<()> {
    let webhook = webhooks::get(tx, site.id, id)?;
    let until = actor.at.after(limits::WEBHOOK_OLD_SECRET_LASTS);
    webhooks::rotate_key(tx, site.id, id, secret.key(), until)?;
    actor.record(tx, site.id, AuditAction::RotateWebhookSecret, &webhook.settings.name)
}

/// Removes a webhook with its deliveries.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, site: &Site, id: WebhookId) -> Result<()> {
    let webhook = webhooks::get(tx, site.id, id)?;
    webhooks::delete(tx, site.id, id)?;
    actor.record(tx, site.id, AuditAction::RemoveWebhook, &webhook.settings.name)
}

/// Queues a message to each of these webhooks of the event's site, in the transaction of the event. Webhooks that are paused,
/// were removed meanwhile, or are another site's, are passed over.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn queue(tx: &Transaction<'_>, fired: &Fired, ids: &[WebhookId], at: Timestamp) -> Result<()> {
    let is_meant = |webhook: &&Webhook| ids.contains(&webhook.id) && !webhook.is_paused;
    for webhook in webhooks::list(tx, fired.site)?.iter().filter(is_meant) {
        create(tx, webhook.id, fired, at, at)?;
    }
    Ok(())
}

/// Writes a message that tries a webhook out; `link` is the full address of the site's dashboard. It is the caller who sends it:
/// the task leaves it alone for [`limits::WEBHOOK_LEFT_TO_CALLER`].
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, and when the data file cannot be written.
pub fn queue_test(
    tx: &Transaction<'_>,
    site: &Site,
    id: WebhookId,
    link: String,
    at: Timestamp,
) -> Result<DeliveryId> {
    let webhook = webhooks::get(tx, site.id, id)?;
    create(
        tx,
        webhook.id,
        &test_event(site, &webhook, link, at),
        at,
        at.after(limits::WEBHOOK_LEFT_TO_CALLER),
    )
}

/// Returns the event of a message that tries a webhook out.
pub fn test_event(site: &Site, webhook: &Webhook, link: String, at: Timestamp) -> Fired {
    Fired {
        event: 0,
        site: site.id,
        domain: site.domain.clone(),
        kind: message::TEST,
        title: format!("Test: the webhook “{}” of {} works", webhook.settings.name, site.domain),
        lines: vec!["Alerts of this site will look like this message.".to_owned()],
        numbers: json!({}),
        link,
        at,
        is_over: false,
    }
}

/// Lets a message be sent again, with all its tries. It is the caller who sends it: the task leaves it alone for
/// [`limits::WEBHOOK_LEFT_TO_CALLER`].
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such message, with `Error::Invalid` when the webhook is paused, and when the data
/// file cannot be written.
pub fn send_again(
    tx: &Transaction<'_>,
    site: &Site,
    id: WebhookId,
    delivery: DeliveryId,
    at: Timestamp,
) -> Result<()> {
    if webhooks::get(tx, site.id, id)?.is_paused {
        return Err(Error::invalid("webhook", "The webhook is paused. Let it go on first."));
    }
    webhook_deliveries::retry(tx, id, delivery, at.after(limits::WEBHOOK_LEFT_TO_CALLER))
}

fn create(
    tx: &Transaction<'_>,
    webhook: WebhookId,
    fired: &Fired,
    at: Timestamp,
    due: Timestamp,
) -> Result<DeliveryId> {
    let (message_id, event) = (format!("msg_{}", hex(&random::<16>()?)), fired.to_json().to_string());
    let new = NewDelivery { webhook, message_id: &message_id, title: &fired.title, event: &event };
    webhook_deliveries::create(tx, new, at, due)
}

/// Returns the line of the audit log for a webhook. Its address may hold a secret, so that only its host is written.
fn describe(new: &WebhookSettings) -> String {
    format!("{}: {}, {}", new.name, new.format.title(), settings::host(&new.url))
}
