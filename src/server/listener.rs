//! The listener: accepts connections, admits or refuses them, and passes their requests to the program. Actix's
//! `HttpServer` would do the same, but can neither refuse a connection nor time one.

use super::connection::Connection;
use super::connections::Connections;
use super::forwarded::Forwarded;
use super::requests::ObservedFactory;
use super::stream::{self, Stream};
use crate::error::Result;
use crate::http::hangup::Hangup;
use crate::limits;
use actix_http::{HttpServiceBuilder, Protocol, Request};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, ServiceResponse};
use actix_web::rt::net::TcpStream;
use futures_util::future::LocalBoxFuture;
use std::fmt::Debug;
use std::future::poll_fn;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// The number of threads for blocking work of one event loop; there are fewer reading connections.
const BLOCKING_THREADS: usize = 8;

/// The settings of a listener.
pub struct ListenerSettings {
    /// The number of event loops.
    pub workers: usize,
    /// The largest number of open connections.
    pub connections: usize,
}

/// Returns the server that runs a program on a listener. `program` is called once for each event loop.
///
/// # Errors
///
/// Fails when the listener's address or socket cannot be used.
pub fn serve<P, I, F, B>(
    listener: TcpListener,
    settings: ListenerSettings,
    connections: Arc<Connections>,
    program: P,
) -> Result<Server>
where
    P: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<F, Request>,
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = actix_web::Error>
        + 'static,
    F::InitError: Debug,
    F::Future: 'static,
    <F::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let address = listener.local_addr()?;
    let forwarded = Forwarded::default();
    // An event loop at this number accepts no further ones: a backstop for connections accepted but not yet
    // admitted.
    let per_worker = (settings.connections + limits::CONNECTIONS_QUEUED_MAX).div_ceil(settings.workers);
    let builder = Server::build()
        .workers(settings.workers)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .max_concurrent_connections(per_worker)
        .shutdown_timeout(limits::STOP_WITHIN.as_secs())
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let doors = move || {
        let stopping = stopping.clone();
        let observed =
            ObservedFactory::new(program().into_factory(), Arc::clone(&connections), forwarded.clone());
        let http = HttpServiceBuilder::<Stream, _>::default()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(limits::KEEP_ALIVE)
            // The deadline of heads is set here, for every request of a connection, not only the first.
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(limits::CLOSE_WITHIN)
            .local_addr(address)
            .on_connect_ext(|stream: &Stream, data| {
                data.insert::<Arc<Connection>>(Arc::clone(stream.connection()));
                data.insert::<Hangup>(stream.connection().hangup.clone());
            })
            .finish(observed);
        Doors { http, connections: Arc::clone(&connections) }
    };
    Ok(builder.listen("clickstead", listener, doors)?.run())
}

/// The factory of a `Door` for each event loop.
struct Doors<F> {
    http: F,
    connections: Arc<Connections>,
}

impl<F> ServiceFactory<TcpStream> for Doors<F>
where
    F: ServiceFactory<(Stream, Protocol, Option<SocketAddr>), Config = (), Response = ()>,
    F::Future: 'static,
    F::Error: 'static,
    <F::Service as Service<(Stream, Protocol, Option<SocketAddr>)>>::Future: 'static,
{
    type Response = ();
    type Error = F::Error;
    type Config = ();
    type Service = Door<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, std::result::Result<Self::Service, Self::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (http, connections) = (self.http.new_service(()), Arc::clone(&self.connections));
        Box::pin(async move { Ok(Door { http: http.await?, connections }) })
    }
}

/// The service of one event loop that admits connections.
struct Door<S> {
    http: S,
    connections: Arc<Connections>,
}

impl<S> Door<S> {
    /// Returns the stream of an admitted connection; `None` if there is no slot, or the client is gone already.
    fn let_in(&self, io: TcpStream) -> Option<(Stream, SocketAddr)> {
        let peer = io.peer_addr().ok()?;
        let Some(slot) = self.connections.admit(peer.ip(), Instant::now()) else {
            stream::refuse(io);
            return None;
        };
        Some((Stream::new(io, slot), peer))
    }
}

impl<S> Service<TcpStream> for Door<S>
where
    S: Service<(Stream, Protocol, Option<SocketAddr>), Response = ()>,
    S::Future: 'static,
    S::Error: 'static,
{
    type Response = ();
    type Error = S::Error;
    type Future = LocalBoxFuture<'static, std::result::Result<(), S::Error>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        self.http.poll_ready(context)
    }

    fn call(&self, io: TcpStream) -> Self::Future {
        let Some((stream, peer)) = self.let_in(io) else { return Box::pin(std::future::ready(Ok(()))) };
        let connection = Arc::clone(stream.connection());
        let mut served = Box::pin(self.http.call((stream, Protocol::Http1, Some(peer))));
        // A connection that is cut ends here, whatever state its request is in.
        Box::pin(poll_fn(move |context| match connection.poll_cut(context) {
            Poll::Ready(()) => Poll::Ready(Ok(())),
            Poll::Pending => served.as_mut().poll(context),
        }))
    }
}
