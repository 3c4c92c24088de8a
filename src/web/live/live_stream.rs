//! The live stream of a site's actions, and the number of visitors online. A stream checks its right before each event
//! and every second, sends `gone` when the right has ended, and fills gaps from the data file.

use super::live_row::{self, LiveRow};
use crate::access::capability::SeeLiveVisitorList;
use crate::access::stream_limits::StreamClient;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteReader;
use crate::http::client::{Client, header_text};
use crate::http::stream_auth::StreamAuth;
use crate::ingest::live::LiveAction;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::reports::answer::VisitAction;
use crate::reports::filter::Filter;
use crate::reports::query::{LiveWant, Query, Wants};
use crate::store::sites::Site;
use crate::web::filters::query_params::QueryParams;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::unfold;
use serde_json::json;
use std::cell::Cell;
use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::mpsc;

/// The interval between checks of a stream's right when nothing happens.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Seconds without an event after which a comment keeps proxies from closing the stream.
const QUIET_SECONDS_MAX: u32 = 15;
/// The time that a returning stream looks back further: events may be written in another order than they happened.
const OVERLAP: Duration = Duration::from_secs(10);

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
    let permit = app.stream_limits.take(client).ok_or(Error::Busy)?;
    // The page passes the time when it was rendered: browsers send `Last-Event-ID` only when they reconnect.
    let drawn_at = params.get("since").and_then(|since| since.parse().ok());
    let last_event = header_text(&request, "last-event-id").parse().ok().or(drawn_at).map(Timestamp);
    let (events, outgoing) = mpsc::channel::<Bytes>(limits::STREAM_EVENTS_WAITING_MAX);
    let live_stream = LiveStream {
        app: app.clone(),
        site: access.site.clone(),
        base: access.base(),
        filters,
        guest: access.link.as_ref().map(|_| Client::from_request(&request, &app.config).address),
        auth,
        events,
        quiet_seconds: Cell::new(0),
    };
    actix_web::rt::spawn(async move {
        // The permit is released however the stream ends.
        let _permit = permit;
        live_stream.run(last_event).await;
    });
    let body = unfold(outgoing, |mut outgoing| async {
        let event = outgoing.recv().await;
        event.map(|event| (Ok::<_, Infallible>(event), outgoing))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Content-Encoding", "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

struct LiveStream {
    app: Data<App>,
    site: Site,
    base: String,
    /// The filters of the page that the stream belongs to.
    filters: Vec<Filter>,
    auth: StreamAuth,
    /// The IP address of a guest; `None` for a signed-in user.
    guest: Option<IpAddr>,
    events: mpsc::Sender<Bytes>,
    /// The seconds since this stream sent something: a silence must not reveal events that it does not show.
    quiet_seconds: Cell<u32>,
}

/// The end of a stream.
struct Ended;

impl LiveStream {
    async fn run(self, last_event: Option<Timestamp>) {
        // The feed is subscribed before the file is read, so that nothing is missed; the page drops duplicates by key.
        let mut feed = self.app.intake.feed.watch();
        let mut stopping = self.app.stopping();
        let mut pulse = tokio::time::interval(CHECK_INTERVAL);
        let now = self.app.clock.now();
        let since = last_event.map_or(now, |at| at.before(OVERLAP).max(now.before(limits::SPY_BACK)));
        let mut outcome = self.open(last_event.is_some().then_some(since)).await;
        while outcome.is_ok() {
            tokio::select! {
                _ = stopping.changed() => break,
                () = self.events.closed() => break,
                received = feed.recv() => {
                    outcome = match received {
                        Ok(action) if action.site == self.site.id => self.send_ready(action, &mut feed).await,
                        Ok(_) => Ok(()),
                        Err(RecvError::Lagged(_)) => self.catch_up_again().await,
                        Err(RecvError::Closed) => break,
                    };
                }
                _ = pulse.tick() => outcome = self.pulse().await,
            }
        }
    }

    /// Opens the stream: the first bytes make the browser report it as open; then missed actions follow.
    async fn open(&self, missed_since: Option<Timestamp>) -> Result<(), Ended> {
        self.send("retry: 2000\n\n".into()).await?;
        match missed_since {
            Some(since) => self.catch_up(since).await,
            None => Ok(()),
        }
    }

    async fn pulse(&self) -> Result<(), Ended> {
        // If the file cannot be read, the stream ends silently, and the browser reconnects.
        if self.auth.check().await.map_err(|_| Ended)?.is_none() {
            return self.end().await;
        }
        self.quiet_seconds.set(self.quiet_seconds.get() + 1);
        if self.quiet_seconds.get() < QUIET_SECONDS_MAX {
            return Ok(());
        }
        self.send(": quiet\n\n".into()).await
    }

    async fn catch_up(&self, since: Timestamp) -> Result<(), Ended> {
        self.send_live(LiveWant::Since(since)).await
    }

    /// Sends the actions that a lagging stream missed.
    async fn catch_up_again(&self) -> Result<(), Ended> {
        self.catch_up(self.app.clock.now().before(OVERLAP)).await
    }

    /// Sends an action and those of the site that follow at once, with one read of the data file.
    async fn send_ready(&self, first: LiveAction, feed: &mut Receiver<LiveAction>) -> Result<(), Ended> {
        let mut ready = vec![first];
        let mut has_lagged = false;
        while ready.len() < limits::STREAM_EVENTS_AT_ONCE && !has_lagged {
            match feed.try_recv() {
                Ok(action) if action.site == self.site.id => ready.push(action),
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => has_lagged = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        self.send_live(LiveWant::Actions(ready)).await?;
        if has_lagged { self.catch_up_again().await } else { Ok(()) }
    }

    /// Sends actions, if the right to see them still holds.
    async fn send_live(&self, live: LiveWant) -> Result<(), Ended> {
        let Some(texts) = self.texts(live).await.map_err(|_| Ended)? else { return self.end().await };
        for text in texts {
            self.send(text).await?;
        }
        Ok(())
    }

    /// Returns actions as events; `None` when the right has ended. A guest's permit is released before anything is
    /// sent, so that a slow reader blocks nobody.
    async fn texts(&self, live: LiveWant) -> Result<Option<Vec<String>>> {
        let _permit = match self.guest {
            Some(address) => Some(self.app.limited_work.guest_permit(address).await?),
            None => None,
        };
        let Some(visibility) = self.auth.check().await? else { return Ok(None) };
        if !visibility.allows(&self.filters) {
            return Ok(None);
        }
        let query = Query::today(self.site.clone(), self.app.clock.now(), visibility);
        let query = Query { filters: self.filters.clone(), ..query };
        let wants = Wants { live: Some(live), ..Wants::default() };
        let answer = self.app.answer(query.with(wants)).await?;
        Ok(Some(answer.live.iter().map(|live| event(live, &query, &self.base)).collect()))
    }

    async fn end(&self) -> Result<(), Ended> {
        self.send("event: gone\ndata: {}\n\n".into()).await?;
        Err(Ended)
    }

    async fn send(&self, text: String) -> Result<(), Ended> {
        self.quiet_seconds.set(0);
        self.events.send(text.into()).await.map_err(|_| Ended)
    }
}

/// Returns an action as an event.
fn event(live: &VisitAction, query: &Query, base: &str) -> String {
    let row = LiveRow::new(live, query, base);
    let data = json!({ "key": row.key.clone(), "html": live_row::draw(&row).into_string() });
    format!("event: action\nid: {}\ndata: {data}\n\n", row.at.0)
}
