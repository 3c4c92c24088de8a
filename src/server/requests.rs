//! The requests on their way to the program and their responses: report to a connection's progress the facts
//! that only HTTP knows, and send responses in pieces.

use super::connection::Connection;
use super::connections::Connections;
use super::forwarded::{Forwarded, InFlight};
use super::progress::{BodyKind, Progress};
use crate::error::Error;
use crate::http::client;
use crate::limits;
use actix_http::error::PayloadError;
use actix_http::{HttpMessage, Payload, Request, Response};
use actix_service::{Service, ServiceFactory};
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, ResponseError};
use futures_util::Stream;
use futures_util::future::LocalBoxFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

/// The factory of the observed program for each event loop.
pub struct ObservedFactory<F> {
    program: F,
    all: Arc<Connections>,
    forwarded: Forwarded,
}

impl<F> ObservedFactory<F> {
    /// Returns the factory of an observed program; `forwarded` counts the requests of all event loops.
    pub fn new(program: F, all: Arc<Connections>, forwarded: Forwarded) -> Self {
        Self { program, all, forwarded }
    }
}

impl<F, B> ServiceFactory<Request> for ObservedFactory<F>
where
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = actix_web::Error>,
    F::Future: 'static,
    <F::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Response<CountedBody>;
    type Error = actix_web::Error;
    type Config = ();
    type Service = Observed<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let program = self.program.new_service(AppConfig::default());
        let (all, forwarded) = (Arc::clone(&self.all), self.forwarded.clone());
        Box::pin(async move { Ok(Observed { program: program.await?, all, forwarded }) })
    }
}

/// The program of one event loop, whose requests are observed.
pub struct Observed<S> {
    program: S,
    all: Arc<Connections>,
    forwarded: Forwarded,
}

impl<S, B> Service<Request> for Observed<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Response<CountedBody>;
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Self::Error>>;

    actix_service::forward_ready!(program);

    fn call(&self, mut request: Request) -> Self::Future {
        let Some(connection) = request.conn_data::<Arc<Connection>>().cloned() else {
            return Box::pin(std::future::ready(Err(
                Error::Internal("a request without connection".into()).into()
            )));
        };
        let body_kind = body_kind(&mut request);
        connection.step(|progress| progress.head_came(Instant::now(), body_kind));
        if body_kind != BodyKind::Nothing {
            let body =
                Body { bytes: request.take_payload(), connection: Arc::clone(&connection), has_ended: false };
            *request.payload() = Payload::Stream { payload: Box::pin(body) };
        }
        let answered = Answered { connection, all: Arc::clone(&self.all), _in_flight: None };
        let answered = match self.begin(&request, answered) {
            Ok(answered) => answered,
            Err(answered) => return Box::pin(std::future::ready(Ok(refusal(answered)))),
        };
        let (method, came_at) = (request.method().clone(), Instant::now());
        let answer = self.program.call(request);
        Box::pin(async move {
            let (response, route) = match answer.await {
                Ok(response) => {
                    let route = tracing::enabled!(tracing::Level::DEBUG).then(|| route(response.request()));
                    (Response::from(response.map_into_boxed_body()), route)
                }
                Err(error) => (Response::from(error.error_response()), None),
            };
            let milliseconds = came_at.elapsed().as_millis();
            let (status, route) = (response.status().as_u16(), route.as_deref().unwrap_or(NO_ROUTE));
            tracing::debug!(%method, route, status, milliseconds, "request");
            Ok(answered.with(response))
        })
    }
}

impl<S> Observed<S> {
    /// Counts a request that a proxy forwards until it is answered.
    ///
    /// # Errors
    ///
    /// Fails with `answered` itself when there are too many.
    fn begin(&self, request: &Request, answered: Answered) -> Result<Answered, Answered> {
        let config = self.all.config();
        let peer = request.peer_addr().map(|peer| peer.ip()).filter(|peer| config.trusts(*peer));
        let Some(peer) = peer else { return Ok(answered) };
        let address = client::forwarded(request.headers(), config, peer);
        if self.all.is_exempt(address) {
            return Ok(answered);
        }
        match self.forwarded.begin(&self.all, address, &answered.connection) {
            Some(in_flight) => Ok(Answered { _in_flight: Some(in_flight), ..answered }),
            None => Err(answered),
        }
    }
}

/// The placeholder for the route of a request that has none. Its path is not logged: it may be a mistyped one
/// with a secret.
const NO_ROUTE: &str = "-";

/// Returns the pattern of a request's path, with only the names of sites and reports filled in: other parts
/// name people or give access by themselves, as queries do.
fn route(request: &HttpRequest) -> String {
    let pattern = request.match_pattern().unwrap_or_else(|| NO_ROUTE.into());
    ["site", "report"].iter().fold(pattern, |text, name| match request.match_info().get(name) {
        Some(value) => text.replace(&format!("{{{name}}}"), value),
        None => text,
    })
}

/// Returns the kind of body that a request's head announces.
fn body_kind(request: &mut Request) -> BodyKind {
    if matches!(request.payload(), Payload::None) {
        return BodyKind::Nothing;
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.trim().parse().ok()).map_or(BodyKind::Chunks, BodyKind::Bytes)
}

fn refusal(answered: Answered) -> Response<CountedBody> {
    let mut response = Error::Busy.error_response();
    let reason = header::HeaderValue::from_static("busy");
    response.headers_mut().insert(header::HeaderName::from_static("x-clickstead-reason"), reason);
    answered.with(Response::from(response))
}

/// The body of a request, as it arrives.
struct Body {
    bytes: Payload,
    connection: Arc<Connection>,
    has_ended: bool,
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.bytes).poll_next(context);
        self.has_ended |= matches!(polled, Poll::Ready(None));
        self.connection.step(|progress| match &polled {
            Poll::Ready(Some(Ok(bytes))) => progress.body_came(bytes.len()),
            Poll::Ready(None) => progress.body_ended(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => progress.body_is_awaited(),
        });
        polled
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if !self.has_ended {
            self.connection.step(Progress::body_is_awaited);
        }
    }
}

/// The claims of a request that end with its response, however it ends.
struct Answered {
    connection: Arc<Connection>,
    all: Arc<Connections>,
    _in_flight: Option<InFlight>,
}

impl Answered {
    fn with(self, response: Response<BoxBody>) -> Response<CountedBody> {
        self.connection.step(Progress::answer_began);
        response.map_body(|_, body| CountedBody {
            body,
            rest: Bytes::new(),
            waiting_bytes: 0,
            answered: self,
        })
    }
}

/// The body of a response, in pieces: bytes queued for a slow client are not copied as a whole, and are
/// counted.
pub struct CountedBody {
    body: BoxBody,
    /// The unsent rest of the body's last chunk.
    rest: Bytes,
    /// The number of bytes of that chunk counted as queued. All stay in memory until the last one is sent.
    waiting_bytes: usize,
    answered: Answered,
}

impl CountedBody {
    fn piece(&mut self) -> Bytes {
        let piece = self.rest.split_to(self.rest.len().min(limits::ANSWER_PIECE_BYTES));
        if self.rest.is_empty() {
            self.release();
        }
        piece
    }

    fn release(&mut self) {
        if self.waiting_bytes > 0 {
            self.answered.all.release(&self.answered.connection, std::mem::take(&mut self.waiting_bytes));
        }
    }
}

impl MessageBody for CountedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(bytes)) => self.rest = bytes,
                end => return Poll::Ready(end),
            }
            if self.rest.len() > limits::ANSWER_PIECE_BYTES {
                self.waiting_bytes = self.rest.len();
                self.answered.all.keep(&self.answered.connection, self.waiting_bytes);
            }
        }
        Poll::Ready(Some(Ok(self.piece())))
    }
}

impl Drop for CountedBody {
    fn drop(&mut self) {
        self.release();
        self.answered.connection.step(|progress| progress.answer_ended(Instant::now()));
    }
}
