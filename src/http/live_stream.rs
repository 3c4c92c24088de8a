//! Live streams of a site's actions as server-sent events, whoever reads them. A stream checks its right before each event and
//! every second, sends `gone` when the right has ended, and fills gaps from the data file. What an event holds is up to the
//! surface that opens the stream.

use crate::access::stream_limits::StreamClient;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ingest::live::LiveAction;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::reports::answer::{Answer, VisitAction};
use crate::reports::filter::Filter;
use crate::reports::query::{LiveWant, Query, Wants};
use crate::reports::visibility::Visibility;
use crate::store::sites::Site;
use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use futures_util::stream::unfold;
use std::cell::Cell;
use std::convert::Infallible;
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

/// The reader of a stream: its right, and the form of its events.
pub trait StreamReader: 'static {
    /// The permit to read.
    type Permit;

    /// Returns what the reader may see now; `None` if the right has ended.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the data file cannot be read at the moment.
    fn visibility_now(&self) -> impl Future<Output = Result<Option<Visibility>>>;

    /// Waits for the permit to read, for readers of whom only a few read at once.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the wait takes too long.
    fn permit(&self) -> impl Future<Output = Result<Self::Permit>>;

    /// Returns the data of the event of an action, as JSON.
    fn data(&self, action: &VisitAction, query: &Query) -> String;
}

/// A live stream of the actions of a site.
pub struct LiveStream<R> {
    /// The program's state.
    pub app: Data<App>,
    /// The site.
    pub site: Site,
    /// The filters on visits.
    pub filters: Vec<Filter>,
    /// The reader.
    pub reader: R,
    /// The most missed actions that are sent when the stream begins.
    pub missed_max: usize,
}

impl<R: StreamReader> LiveStream<R> {
    /// Returns the response with the stream. It begins with the actions missed since the last event that the client saw.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the client has as many streams as it may.
    pub fn respond(self, client: StreamClient, last_event: Option<Timestamp>) -> Result<HttpResponse> {
        let permit = self.app.stream_limits.take(client).ok_or(Error::Busy)?;
        let (events, outgoing) = mpsc::channel::<Bytes>(limits::STREAM_EVENTS_WAITING_MAX);
        let open = OpenStream { stream: self, events, quiet_seconds: Cell::new(0) };
        actix_web::rt::spawn(async move {
            // The permit is released however the stream ends.
            let _permit = permit;
            open.run(last_event).await;
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
}

/// A stream whose client reads.
struct OpenStream<R> {
    stream: LiveStream<R>,
    events: mpsc::Sender<Bytes>,
    /// The seconds since this stream sent something: a silence must not reveal events that it does not show.
    quiet_seconds: Cell<u32>,
}

/// The end of a stream.
struct Ended;

/// A question about live actions, without what it wants, and its answer.
struct Asked {
    query: Query,
    live: Vec<VisitAction>,
    live_keys: Vec<LiveAction>,
}

impl<R: StreamReader> OpenStream<R> {
    async fn run(self, last_event: Option<Timestamp>) {
        let app = &self.stream.app;
        // The feed is subscribed before the file is read, so that nothing is missed; the client drops duplicates by key.
        let mut feed = app.intake.feed.watch();
        let mut stopping = app.stopping();
        let mut pulse = tokio::time::interval(CHECK_INTERVAL);
        let now = app.clock.now();
        let since = last_event.map_or(now, |at| at.before(OVERLAP).max(now.before(limits::SPY_BACK)));
        let mut outcome = self.open(last_event.is_some().then_some(since)).await;
        while outcome.is_ok() {
            tokio::select! {
                _ = stopping.changed() => break,
                () = self.events.closed() => break,
                received = feed.recv() => {
                    outcome = match received {
                        Ok(action) if action.site == self.stream.site.id => self.send_ready(action, &mut feed).await,
                        Ok(_) => Ok(()),
                        Err(RecvError::Lagged(_)) => self.catch_up_again().await,
                        Err(RecvError::Closed) => break,
                    };
                }
                _ = pulse.tick() => outcome = self.pulse().await,
            }
        }
    }

    /// Opens the stream: the first bytes make the client report it as open; then missed actions follow.
    async fn open(&self, missed_since: Option<Timestamp>) -> Result<(), Ended> {
        self.send("retry: 2000\n\n".into()).await?;
        match missed_since {
            Some(since) => self.catch_up(since).await,
            None => Ok(()),
        }
    }

    async fn pulse(&self) -> Result<(), Ended> {
        // If the file cannot be read, the stream ends silently, and the client reconnects.
        let visibility = self.stream.reader.visibility_now().await.map_err(|_| Ended)?;
        if !visibility.is_some_and(|visibility| visibility.allows(&self.stream.filters)) {
            return self.end().await;
        }
        self.quiet_seconds.set(self.quiet_seconds.get() + 1);
        if self.quiet_seconds.get() < QUIET_SECONDS_MAX {
            return Ok(());
        }
        self.send(": quiet\n\n".into()).await
    }

    /// Sends the actions since a time, a few at a time: a client that does not read must not have them all in memory.
    async fn catch_up(&self, since: Timestamp) -> Result<(), Ended> {
        let wants = Wants { live_keys: Some((since, self.stream.missed_max)), ..Wants::default() };
        let Some(answer) = self.ask(wants).await.map_err(|_| Ended)? else { return self.end().await };
        for keys in answer.live_keys.chunks(limits::STREAM_EVENTS_AT_ONCE) {
            self.send_live(keys.to_vec()).await?;
        }
        Ok(())
    }

    /// Sends the actions that a lagging stream missed.
    async fn catch_up_again(&self) -> Result<(), Ended> {
        self.catch_up(self.stream.app.clock.now().before(OVERLAP)).await
    }

    /// Sends an action and those of the site that follow at once, with one read of the data file.
    async fn send_ready(&self, first: LiveAction, feed: &mut Receiver<LiveAction>) -> Result<(), Ended> {
        let mut ready = vec![first];
        let mut has_lagged = false;
        while ready.len() < limits::STREAM_EVENTS_AT_ONCE && !has_lagged {
            match feed.try_recv() {
                Ok(action) if action.site == self.stream.site.id => ready.push(action),
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => has_lagged = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        self.send_live(ready).await?;
        if has_lagged { self.catch_up_again().await } else { Ok(()) }
    }

    /// Sends actions, if the right to see them still holds.
    async fn send_live(&self, live: Vec<LiveAction>) -> Result<(), Ended> {
        let wants = Wants { live: Some(LiveWant::Actions(live)), ..Wants::default() };
        let Some(answer) = self.ask(wants).await.map_err(|_| Ended)? else { return self.end().await };
        for live in answer.live {
            let (id, data) = (live.action.at.0, self.stream.reader.data(&live, &answer.query));
            self.send(format!("event: action\nid: {id}\ndata: {data}\n\n")).await?;
        }
        Ok(())
    }

    /// Asks about the site as its reader may see it now; `None` when the right has ended. The permit is released before
    /// anything is sent, so that a slow reader blocks nobody.
    async fn ask(&self, wants: Wants) -> Result<Option<Asked>> {
        let LiveStream { app, site, filters, reader, .. } = &self.stream;
        let _permit = reader.permit().await?;
        let Some(visibility) = reader.visibility_now().await? else { return Ok(None) };
        if !visibility.allows(filters) {
            return Ok(None);
        }
        let query = Query::today(site.clone(), app.clock.now(), visibility);
        let query = Query { filters: filters.clone(), ..query };
        let Answer { live, live_keys, .. } = app.answer(query.with(wants)).await?;
        Ok(Some(Asked { query, live, live_keys }))
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
