//! The list of alerts that a person was told of, which the bell opens. Opening it makes them seen.

use super::history;
use crate::access::capability::UseOwnAccount;
use crate::alerts::received::{self, Received};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::OwnAccount;
use crate::limits;
use crate::log;
use crate::model::clock::Zone;
use crate::store::alert_events;
use crate::web::layout::load;
use crate::web::layout::{Frame, frame_request::FrameRequest};
use crate::web::ui::format::{self, Moment};
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// `GET /alerts`: lists what the person was told, the newest first.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (frame, user) = (FrameRequest::for_user(&request, &account.user), account.user.user);
    let loaded = app.view(move |reader| {
        let events = received::list(reader.connection, user, false, limits::ALERT_EVENTS_LISTED)?;
        Ok((frame.load(reader, "Alerts")?, events))
    });
    let (frame, events) = loaded.await?;
    let newest = events.iter().filter(|one| !one.event.is_seen).map(|one| one.event.event.id).max();
    if let Some(newest) = newest.filter(|_| request.method() != Method::HEAD) {
        let now = app.clock.now();
        let marked = account.write(&app, move |tx| alert_events::mark_seen(tx, user, newest, now)).await;
        // The list is shown even where nothing can be written.
        if let Err(error) = marked
            && let Some(left_out) = log::failure("alerts seen", &error)
        {
            tracing::warn!(%error, left_out, "alerts were not marked as seen");
        }
    }
    Ok(load::html(page(&frame, &events)))
}

fn page(frame: &Frame, events: &[Received]) -> Markup {
    frame.page(&html! {
        p.crumbs { a href="/account/alerts" { "Set your alerts" } " · " a href="/help/alerts" { "Help: Alerts" } }
        h1 { "Alerts" }
        @if events.is_empty() {
            div.empty { h2 { "No alerts yet" } p { "Set one, and we'll tell you when something happens: a traffic spike, a goal, an outage." } p.buttons { a.button.primary href="/account/alerts" { "Set an alert" } } }
        }
        ul.plain.rows { @for one in events { (row(one)) } }
    })
}

fn row(one: &Received) -> Markup {
    let event = &one.event.event;
    let zone = one.site.as_ref().map_or_else(Zone::utc, |site| site.zone.clone());
    html! {
        li.unseen[!one.event.is_seen] {
            div {
                @if !one.event.is_seen { span.tag { "new" } " " }
                @if let Some(site) = &one.site { a href={ "/sites/" (site.id) } { (site.name) } " · " }
                (format::moment(&zone, event.fired_at, Moment::Full)) br;
                (history::told(event, &zone))
            }
            a.button.small href=(event.link) { "See the details" span.hidden { " of " (event.title) } }
        }
    }
}
