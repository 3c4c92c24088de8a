//! The removal of a webhook, which is asked about once.

use super::paths::{SCREEN, base, webhook_id};
use crate::access::capability::SetSiteAlerts;
use crate::alerts::webhooks as acts;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::store::webhooks;
use crate::web::layout::form_state;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{NavItem, load};
use crate::web::settings::Tabs;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::html;

/// `GET /sites/{site}/preferences/webhooks/{webhook}/remove`: says what a removal does, and asks.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such webhook, and when the data file cannot be read.
pub async fn confirm(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site) = (webhook_id(&path.1)?, access.site.id);
    let frame = SiteFrameRequest::new(&request, &access)?;
    let loaded = app.view(move |reader| {
        let webhook = webhooks::get(reader.connection, site, id)?;
        Ok((frame.load(reader, "Remove a webhook", NavItem::Preferences)?, webhook))
    });
    let ((frame, webhook), own) = (loaded.await?, format!("{}/{id}", base(site)));
    Ok(load::html(Tabs::for_screen(&access, SCREEN).page(
        &frame,
        &html! {
            p.crumbs { a href=(base(site)) { "← All webhooks" } }
            h2 { "Remove “" (webhook.settings.name) "”?" }
            ul {
                li { "Nothing more is sent there, and messages that wait are dropped." }
                li { "Its list of deliveries is deleted. Alerts keep firing and stay in their history." }
            }
            form method="post" action={ (own) "/remove" } {
                p.buttons { button.warning type="submit" { "Remove" } " " a.button href=(own) { "Cancel" } }
            }
        },
    )))
}

/// `POST /sites/{site}/preferences/webhooks/{webhook}/remove`: removes a webhook.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site, actor) = (webhook_id(&path.1)?, access.site.clone(), access.actor.clone());
    let removed = access.write(&app, move |tx| acts::remove(tx, &actor, &site, id)).await;
    let list = base(access.site.id);
    match removed {
        Ok(()) => Ok(form_state::done(&list, "removed")),
        Err(Error::Missing(_)) => Ok(form_state::done(&list, "gone")),
        Err(error) => Err(error),
    }
}
