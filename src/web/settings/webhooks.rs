//! Preferences → Webhooks: addresses at which programs and chat services are told of alerts, and what was sent there.

mod deliveries;
mod form_page;
mod list;
mod paths;
mod removal;
mod webhook_page;

pub use removal::{confirm, remove};

use crate::access::capability::SetSiteAlerts;
use crate::alerts::webhooks as acts;
use crate::alerts::webhooks::signature::WebhookSecret;
use crate::app::{App, webhooks as sending};
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::http::{client, requester};
use crate::model::id::{DeliveryId, SiteId, WebhookId};
use crate::model::webhook::{Webhook, WebhookSettings};
use crate::store::{webhook_deliveries, webhooks};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::FormState;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use form_page::WebhookForm;
use list::WebhookList;
use paths::{base, webhook_id};
use webhook_page::WebhookPage;

/// Returns the redirect to the page of a webhook after a change.
fn done(site: SiteId, id: WebhookId, change: &str) -> HttpResponse {
    see_other(&format!("{}/{id}?done={change}", base(site)))
}

/// Returns the webhook in an address; `None` for a new one.
async fn find_webhook(app: &Data<App>, site: SiteId, name: &str) -> Result<Option<Webhook>> {
    if name == "new" {
        return Ok(None);
    }
    let id = webhook_id(name)?;
    app.read(move |connection| webhooks::get(connection, site, id)).await.map(Some)
}

/// `GET /sites/{site}/preferences/webhooks`: lists the webhooks.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    WebhookList::answer(&app, &request, &access, &params).await
}

/// `GET /sites/{site}/preferences/webhooks/{webhook}`: shows a webhook with its deliveries, or the form of a new one.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, and when the data file cannot be read.
pub async fn edit(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    params: QueryParams,
) -> Result<HttpResponse> {
    let webhook = find_webhook(&app, access.site.id, &path.1).await?;
    let form = webhook.as_ref().map_or_else(WebhookForm::default, WebhookForm::from_webhook);
    let state = FormState::opened(form, &params, &webhook_page::NOTICES);
    WebhookPage { webhook, state, secret: None }.answer(&app, &request, &access).await
}

/// `POST /sites/{site}/preferences/webhooks/{webhook}`: adds or changes a webhook. The answer to a new one that signs shows its
/// secret, once.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, when the caller's right has ended, and when the data file cannot be
/// written.
pub async fn save(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<WebhookForm>,
) -> Result<HttpResponse> {
    let webhook = find_webhook(&app, access.site.id, &path.1).await?;
    let form = form.into_inner();
    let saved = match form.settings() {
        Ok(settings) => match &webhook {
            Some(webhook) => change(&access, &app, webhook.id, settings).await,
            None => add(&access, &app, &request, settings).await,
        },
        Err(error) => Err(error),
    };
    match saved {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let state = FormState::refused(form, error.problems()?);
            WebhookPage { webhook, state, secret: None }.answer(&app, &request, &access).await
        }
    }
}

async fn change(
    access: &SiteAccess<SetSiteAlerts>,
    app: &Data<App>,
    id: WebhookId,
    settings: WebhookSettings,
) -> Result<HttpResponse> {
    let (site, actor) = (access.site.clone(), access.actor.clone());
    access.write(app, move |tx| acts::change(tx, &actor, &site, id, settings.clone())).await?;
    Ok(done(access.site.id, id, "saved"))
}

async fn add(
    access: &SiteAccess<SetSiteAlerts>,
    app: &Data<App>,
    request: &HttpRequest,
    settings: WebhookSettings,
) -> Result<HttpResponse> {
    let (site, actor, secret) = (access.site.clone(), access.actor.clone(), WebhookSecret::generate()?);
    let (is_signed, key) = (settings.format.is_signed(), secret.clone());
    let id = access.write(app, move |tx| acts::add(tx, &actor, &site, settings.clone(), &key)).await?;
    if !is_signed {
        return Ok(done(access.site.id, id, "added"));
    }
    with_secret(access, app, request, id, secret, "The webhook is added.").await
}

/// `POST /sites/{site}/preferences/webhooks/{webhook}/secret`: gives a webhook a new secret and shows it, once.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, when the caller's right has ended, and when the data file cannot be
/// written.
pub async fn rotate_secret(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (site, actor, secret) = (access.site.clone(), access.actor.clone(), WebhookSecret::generate()?);
    let (id, key) = (webhook_id(&path.1)?, secret.clone());
    access.write(&app, move |tx| acts::rotate_secret(tx, &actor, &site, id, &key)).await?;
    with_secret(&access, &app, &request, id, secret, "The webhook has a new secret.").await
}

async fn with_secret(
    access: &SiteAccess<SetSiteAlerts>,
    app: &Data<App>,
    request: &HttpRequest,
    id: WebhookId,
    secret: WebhookSecret,
    notice: &'static str,
) -> Result<HttpResponse> {
    let site = access.site.id;
    let webhook = app.read(move |connection| webhooks::get(connection, site, id)).await?;
    let state = FormState::changed(WebhookForm::from_webhook(&webhook), notice);
    WebhookPage { webhook: Some(webhook), state, secret: Some(secret) }.answer(app, request, access).await
}

/// `POST /sites/{site}/preferences/webhooks/{webhook}/test`: sends a test message and waits for the answer.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, when the caller's right has ended, and when the data file cannot be
/// written.
pub async fn test(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site, now) = (webhook_id(&path.1)?, access.site.clone(), app.clock.now());
    let link = format!("{}/sites/{}", client::origin(&request, &app.config), site.id);
    let delivery = access.write(&app, move |tx| acts::queue_test(tx, &site, id, link.clone(), now)).await?;
    send(&access, &app, &request, id, delivery).await
}

/// `POST /sites/{site}/preferences/webhooks/{webhook}/deliveries/{delivery}/again`: sends a message again and waits for the
/// answer.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such message, with `Error::Invalid` when the webhook is paused, when the caller's
/// right has ended, and when the data file cannot be written.
pub async fn send_again(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse> {
    let (id, site, now) = (webhook_id(&path.1)?, access.site.clone(), app.clock.now());
    let delivery = DeliveryId::parse(&path.2).ok_or(Error::Missing("message"))?;
    access.write(&app, move |tx| acts::send_again(tx, &site, id, delivery, now)).await?;
    send(&access, &app, &request, id, delivery).await
}

/// Sends a message that the task leaves to its person for a while, and returns the redirect that says how it went.
async fn send(
    access: &SiteAccess<SetSiteAlerts>,
    app: &Data<App>,
    request: &HttpRequest,
    id: WebhookId,
    delivery: DeliveryId,
) -> Result<HttpResponse> {
    let permit = app.limited_work.message_permit(requester::person(app, request, &access.user)).await?;
    let find = move |connection: &rusqlite::Connection| webhook_deliveries::get(connection, id, delivery);
    let (waiting, background) = (app.read(find).await?, app.clone());
    // The outcome is recorded, even if the browser is gone by then.
    let sent = actix_web::rt::spawn(async move {
        let _permit = permit;
        sending::send(&background, waiting).await
    });
    sent.await.map_err(|_| Error::Busy)??;
    let is_delivered = app.read(find).await?.delivered_at.is_some();
    Ok(done(access.site.id, id, if is_delivered { "sent" } else { "not-sent" }))
}

/// `POST /sites/{site}/preferences/webhooks/{webhook}/pause`: pauses a webhook.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, when the caller's right has ended, and when the data file cannot be
/// written.
pub async fn pause(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    set_paused(&access, &app, webhook_id(&path.1)?, true).await
}

/// `POST /sites/{site}/preferences/webhooks/{webhook}/resume`: lets a webhook go on.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, when the caller's right has ended, and when the data file cannot be
/// written.
pub async fn resume(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    set_paused(&access, &app, webhook_id(&path.1)?, false).await
}

async fn set_paused(
    access: &SiteAccess<SetSiteAlerts>,
    app: &Data<App>,
    id: WebhookId,
    is_paused: bool,
) -> Result<HttpResponse> {
    let (site, actor) = (access.site.clone(), access.actor.clone());
    access.write(app, move |tx| acts::set_paused(tx, &actor, &site, id, is_paused)).await?;
    Ok(done(access.site.id, id, if is_paused { "paused" } else { "resumed" }))
}
