//! The live stream of a site's actions for the screens, and the number of visitors online.

use super::live_row::{self, LiveRow};
use crate::access::capability::SeeLiveVisitorList;
use crate::access::stream_limits::StreamClient;
use crate::app::App;
use crate::app::queue::Permit;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::http::client::{Client, header_text};
use crate::http::live_stream::{LiveStream, StreamReader};
use crate::http::stream_auth::StreamAuth;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::reports::answer::VisitAction;
use crate::reports::query::{Query, Wants};
use crate::reports::visibility::Visibility;
use crate::web::filters::query_params::QueryParams;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use std::net::IpAddr;

/// `GET /sites/{site}/online`: returns the number of visitors online as JSON.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a bad filter, with `Error::Missing` or `Error::Forbidden` when a filter reads what
/// the caller may not see, and when the data file cannot be read.
pub async fn online(
    access: SiteReader<SeeLiveVisitorList>,
    app: Data<App>,
    params: QueryParams,
) -> Result<HttpResponse> {
    let filters = params.filters()?;
    access.visibility().check(&filters).map_err(|_| access.refusal())?;
    let (site, visibility) = (access.site.clone(), access.visibility().clone());
    let query = Query { filters, ..Query::today(site, app.clock.now(), visibility) };
    let count = app.answer(query.with(Wants { online: true, ..Wants::default() })).await?.online.unwrap_or(0);
    Ok(HttpResponse::Ok().json(json!({ "online": count })))
}

/// `GET /sites/{site}/spy/stream`: returns the live stream as server-sent events.
///
/// # Errors
///
/// Fails as [`online()`] does, and with `Error::Busy` when the caller has no permit left.
pub async fn stream(
    access: SiteReader<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let filters = params.filters()?;
    access.visibility().check(&filters).map_err(|_| access.refusal())?;
    let auth = StreamAuth::from_request(&request, &app, &access)?;
    let client = match (&access.user, &access.link) {
        (Some(user), _) => StreamClient::Person(user.user),
        (None, Some(link)) => {
            StreamClient::Guest(link.id, Client::from_request(&request, &app.config).address)
        }
        (None, None) => return Err(access.refusal()),
    };
    // The page passes the time when it was rendered: browsers send `Last-Event-ID` only when they reconnect.
    let drawn_at = params.get("since").and_then(|since| since.parse().ok());
    let last_event = header_text(&request, "last-event-id").parse().ok().or(drawn_at).map(Timestamp);
    let guest = access.link.as_ref().map(|_| Client::from_request(&request, &app.config).address);
    let reader = Screen { app: app.clone(), base: access.base(), auth, guest };
    let (site, missed_max) = (access.site.clone(), limits::SPY_ACTIONS_MAX);
    LiveStream { app, site, filters, reader, missed_max }.respond(client, last_event)
}

/// A screen that shows a stream.
struct Screen {
    app: Data<App>,
    /// The path below which the site's screens stand.
    base: String,
    auth: StreamAuth,
    /// The IP address of a guest; `None` for a signed-in user.
    guest: Option<IpAddr>,
}

impl StreamReader for Screen {
    /// Only a few guests read at once.
    type Permit = Option<Permit>;

    async fn visibility_now(&self) -> Result<Option<Visibility>> {
        self.auth.check().await
    }

    async fn permit(&self) -> Result<Option<Permit>> {
        match self.guest {
            Some(address) => self.app.limited_work.guest_permit(address).await.map(Some),
            None => Ok(None),
        }
    }

    fn data(&self, live: &VisitAction, query: &Query) -> String {
        let row = LiveRow::new(live, query, &self.base);
        json!({ "key": row.key.clone(), "html": live_row::draw(&row).into_string() }).to_string()
    }
}
