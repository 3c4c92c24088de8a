//! The page of one webhook: its form, its secret, a test, and its deliveries.

use super::deliveries::Deliveries;
use super::form_page::WebhookForm;
use super::paths::{SCREEN, base};
use crate::access::capability::SetSiteAlerts;
use crate::alerts::webhooks::signature::WebhookSecret;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::limits;
use crate::model::webhook::Webhook;
use crate::web::layout::form_state::FormState;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::settings::Tabs;
use crate::web::ui::field;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The notices after changes.
pub const NOTICES: [(&str, &str); 5] = [
    ("added", "The webhook is added. Send a test, then choose it in an alert."),
    ("saved", "Saved."),
    ("sent", "The message was delivered."),
    ("paused", "The webhook is paused. Alerts aren't sent there, and messages that waited were dropped."),
    ("resumed", "The webhook goes on with the next alert."),
];

/// The page of a webhook.
pub struct WebhookPage {
    /// The webhook; `None` for a new one.
    pub webhook: Option<Webhook>,
    /// The state of its form.
    pub state: FormState<WebhookForm>,
    /// The secret that was made by this request.
    pub secret: Option<WebhookSecret>,
}

impl WebhookPage {
    /// Returns the response with this page.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub async fn answer(
        self,
        app: &Data<App>,
        request: &HttpRequest,
        access: &SiteAccess<SetSiteAlerts>,
    ) -> Result<HttpResponse> {
        let (frame, site) = (SiteFrameRequest::new(request, access)?, access.site.clone());
        let name = self.webhook.as_ref().map(|webhook| webhook.settings.name.clone());
        let (title, webhook) = (name.unwrap_or_else(|| "Add a webhook".to_owned()), self.webhook.clone());
        let loaded = app.view(move |reader| {
            let frame = frame.load(reader, &title, NavItem::Preferences)?;
            let deliveries = webhook.map(|webhook| Deliveries::load(reader, &site, webhook)).transpose()?;
            Ok((frame, deliveries))
        });
        let (frame, deliveries) = loaded.await?;
        let page = draw(
            &frame,
            &Tabs::for_screen(access, SCREEN),
            &self,
            &base(access.site.id),
            deliveries.as_ref(),
        );
        Ok(self.state.response(page))
    }
}

fn draw(
    frame: &Frame,
    tabs: &Tabs,
    page: &WebhookPage,
    list: &str,
    deliveries: Option<&Deliveries>,
) -> Markup {
    let own = page
        .webhook
        .as_ref()
        .map_or_else(|| format!("{list}/new"), |webhook| format!("{list}/{}", webhook.id));
    tabs.page(frame, &html! {
        p.crumbs { a href=(list) { "← All webhooks" } }
        h2 {
            @match &page.webhook { Some(webhook) => (webhook.settings.name), None => "Add a webhook" }
            @if page.webhook.as_ref().is_some_and(|webhook| webhook.is_paused) { " " span.tag.quiet-tag { "paused" } }
        }
        @match &page.secret {
            Some(secret) => (shown_once(secret, page.state.notice)),
            None => (page.state.notice()),
        }
        (page.state.refusal("Nothing was saved: see the notes below."))
        form.settings method="post" action=(own) {
            (page.state.form.fields(&page.state.problems))
            div.buttons {
                button.primary type="submit" { @if page.webhook.is_some() { "Save" } @else { "Add webhook" } }
                a.button href=(list) { "Cancel" }
            }
        }
        @if let Some(webhook) = &page.webhook {
            section id="test" {
                h2 { "Test" }
                p { "Sends a message now and shows the answer below." }
                form method="post" action={ (own) "/test" } { button type="submit" { "Send a test message" } }
            }
            @if let Some(deliveries) = deliveries { (deliveries.draw(&own)) }
            @if webhook.settings.format.is_signed() { (secret(&own)) }
            (ends(webhook, &own))
        }
    })
}

fn shown_once(secret: &WebhookSecret, notice: Option<&str>) -> Markup {
    html! {
        section.notice id="new" role="status" {
            @if let Some(notice) = notice { p { "✓ " (notice) " Copy its secret now: " b { "it won't be shown again." } } }
            (field::copyable("Secret", "webhook-secret", &secret.expose()))
            p { a href="/help/webhooks#check-a-signature" { "How your program checks messages" } }
        }
    }
}

fn secret(own: &str) -> Markup {
    let hours = limits::WEBHOOK_OLD_SECRET_LASTS.as_secs() / 3_600;
    html! {
        section id="secret" {
            h2 { "Secret" }
            p { "Messages are signed as " a href="https://www.standardwebhooks.com" rel="noreferrer" { "Standard Webhooks" } " says. " a href="/help/webhooks#check-a-signature" { "How your program checks messages" } }
            details {
                summary { "Create a new secret …" }
                p { "For " (hours) " hours, messages are signed with both the old and the new secret. Then the old one stops working." }
                form method="post" action={ (own) "/secret" } { button.warning type="submit" { "Create a new secret" } }
            }
        }
    }
}

fn ends(webhook: &Webhook, own: &str) -> Markup {
    html! {
        section {
            h2 { @if webhook.is_paused { "Resume or remove" } @else { "Pause or remove" } }
            div.buttons {
                @if webhook.is_paused {
                    form method="post" action={ (own) "/resume" } { button type="submit" { "Resume" } }
                } @else {
                    form method="post" action={ (own) "/pause" } { button type="submit" { "Pause" } }
                }
                a.button href={ (own) "/remove" } { "Remove …" }
            }
        }
    }
}
