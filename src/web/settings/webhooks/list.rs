//! The list of a site's webhooks.

use super::paths::{SCREEN, base};
use crate::access::capability::SetSiteAlerts;
use crate::alerts::webhooks::settings;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::limits;
use crate::model::clock::Zone;
use crate::model::id::SiteId;
use crate::model::webhook::Webhook;
use crate::store::webhook_deliveries::{self, Delivery};
use crate::store::webhooks;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem, load};
use crate::web::settings::Tabs;
use crate::web::ui::field;
use crate::web::ui::format::{self, Moment};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The webhooks of a site, each with its newest message.
pub struct WebhookList {
    tabs: Tabs,
    site: SiteId,
    zone: Zone,
    webhooks: Vec<(Webhook, Option<Delivery>)>,
    notice: Option<&'static str>,
}

impl WebhookList {
    /// Returns the response with the list.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub async fn answer(
        app: &Data<App>,
        request: &HttpRequest,
        access: &SiteAccess<SetSiteAlerts>,
        params: &QueryParams,
    ) -> Result<HttpResponse> {
        let (frame, site) = (SiteFrameRequest::new(request, access)?, access.site.id);
        let loaded = app.view(move |reader| {
            let frame = frame.load(reader, "Webhooks", NavItem::Preferences)?;
            let with_newest = |webhook: Webhook| {
                let newest = webhook_deliveries::list(reader.connection, webhook.id, 1)?;
                Ok((webhook, newest.into_iter().next()))
            };
            let webhooks = webhooks::list(reader.connection, site)?.into_iter().map(with_newest);
            Ok((frame, webhooks.collect::<Result<_>>()?))
        });
        let (frame, webhooks) = loaded.await?;
        let notice = match params.get("done") {
            Some("removed") => Some("The webhook is removed."),
            Some("gone") => Some("That webhook was removed already."),
            _ => None,
        };
        let (tabs, zone) = (Tabs::for_screen(access, SCREEN), access.site.zone.clone());
        Ok(load::html(Self { tabs, site, zone, webhooks, notice }.page(&frame)))
    }

    fn page(&self, frame: &Frame) -> Markup {
        let most = limits::WEBHOOKS_PER_SITE_MAX;
        self.tabs.page(frame, &html! {
            (field::notice(self.notice))
            p { "A webhook sends this site's alerts to your team chat or your own program. Add it here, then choose it in an " a href=(Tabs::path(self.site, "alerts")) { "alert" } "." }
            @if self.webhooks.len() < most {
                p.buttons { a.button.primary href={ (base(self.site)) "/new" } { "Add a webhook" } }
            } @else {
                p.quiet { "A site has room for " (most) " webhooks." }
            }
            @if self.webhooks.is_empty() {
                div.empty { h3 { "No webhooks yet" } p { "Works with Slack, Discord, Microsoft Teams, ntfy, and any program that reads JSON." } }
            } @else {
                ul.plain.rows { @for (webhook, newest) in &self.webhooks { (self.row(webhook, newest.as_ref())) } }
            }
        })
    }

    fn row(&self, webhook: &Webhook, newest: Option<&Delivery>) -> Markup {
        let name = &webhook.settings.name;
        html! {
            li {
                div {
                    b.cut-any { (name) } " " span.tag { (webhook.settings.format.title()) }
                    @if webhook.is_paused { " " span.tag.quiet-tag { "paused" } }
                    br;
                    span.quiet { (settings::host(&webhook.settings.url)) " · " (self.last(newest)) }
                }
                a.button.small href={ (base(self.site)) "/" (webhook.id) } { "Open" span.hidden { " " (name) } }
            }
        }
    }

    /// Renders what became of the newest message.
    fn last(&self, newest: Option<&Delivery>) -> Markup {
        let moment = |at| format::moment(&self.zone, at, Moment::Short);
        html! {
            @match newest {
                None => "nothing sent yet",
                Some(Delivery { delivered_at: Some(at), due_at: None, .. }) => { "last delivered " (moment(*at)) }
                Some(Delivery { given_up_at: Some(at), .. }) => { "last message failed " (moment(*at)) }
                Some(Delivery { last_try: Some(_), .. }) => "last message failed, trying again",
                Some(_) => "a message is waiting",
            }
        }
    }
}
