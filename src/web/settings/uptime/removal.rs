//! The removal of a monitor, which is asked about once.

use super::paths::{TAB, form_path, monitor_id};
use crate::access::capability::SetSiteAlerts;
use crate::alerts::monitors::acts;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::store::monitors;
use crate::web::layout::form_state;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{NavItem, load};
use crate::web::settings::Tabs;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::html;

/// `GET /sites/{site}/preferences/uptime/{monitor}/remove`: says what a removal does, and asks.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such monitor, and when the data file cannot be read.
pub async fn confirm(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site) = (monitor_id(&path.1)?, access.site.id);
    let frame = SiteFrameRequest::new(&request, &access)?;
    let loaded = app.view(move |reader| {
        let monitor = monitors::get(reader.connection, site, id)?;
        Ok((frame.load(reader, "Remove a monitor", NavItem::Preferences)?, monitor))
    });
    let ((frame, monitor), list) = (loaded.await?, Tabs::path(site, TAB));
    Ok(load::html(Tabs::for_screen(&access, TAB).page(
        &frame,
        &html! {
            p.crumbs { a href=(list) { "← All monitors" } }
            h2 { "Remove “" (monitor.label()) "”?" }
            ul {
                li { "Its checks, response times and outages are deleted. There is no way back." }
                li { "To stop the checks and keep the history, pause it instead." }
            }
            form method="post" action={ (form_path(site, id)) "/remove" } {
                p.buttons { button.warning type="submit" { "Remove" } " " a.button href=(list) { "Cancel" } }
            }
        },
    )))
}

/// `POST /sites/{site}/preferences/uptime/{monitor}/remove`: removes a monitor.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site, actor) = (monitor_id(&path.1)?, access.site.id, access.actor.clone());
    let removed = access.write(&app, move |tx| acts::remove(tx, &actor, site, id)).await;
    let list = Tabs::path(site, TAB);
    match removed {
        Ok(()) => Ok(form_state::done(&list, "removed")),
        Err(Error::Missing(_)) => Ok(form_state::done(&list, "gone")),
        Err(error) => Err(error),
    }
}
