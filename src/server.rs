//! The assembly of the server: the program, its tasks and its surfaces on one listener, with start and graceful
//! stop. The modules below accept, limit and time connections.

mod closed;
mod connection;
mod connections;
mod descriptors;
mod forwarded;
mod listener;
mod progress;
mod requests;
mod stream;

use crate::app::App;
use crate::config::ServeConfig;
use crate::error::{Error, Result};
use crate::jobs::{self, count_dropped_hits, refresh_live_days, send_letters};
use crate::model::clock::Clock;
use crate::store::{self, users};
use crate::{api, collect, limits, web};
use actix_web::rt::task::JoinHandle;
use actix_web::web::Data;
use connections::Connections;
use listener::ListenerSettings;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;
use tokio::signal::unix::{SignalKind, signal};

/// The number of SIGXFSZ, sent when a file reaches the process's size limit.
const FILE_SIZE_SIGNAL: i32 = 25;

/// The facts to show once the server answers.
pub struct Started {
    /// The address of the listener.
    pub address: SocketAddr,
    /// The path of the set-up page with its token; `None` once there is a user.
    pub setup_path: Option<String>,
}

/// Runs the server until it is asked to stop, then finishes the accepted requests.
///
/// # Errors
///
/// Fails with `Error::Setup` when the address is not available or a setting is not valid, when the data file
/// cannot be opened, and with `Error::Internal` when the listener fails.
pub fn run(config: ServeConfig, started: impl FnOnce(&Started)) -> Result<()> {
    let workers = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
    let most = descriptors::connections(descriptors::raise(), workers);
    let connections = Arc::new(Connections::new(config.clone(), most));
    let listener = listen(config.listen)?;
    let file = std::path::absolute(&config.data).unwrap_or_else(|_| config.data.clone());
    actix_web::rt::System::new().block_on(async move {
        // With a handler, a write beyond the limit fails like one on a full disk; without one, the signal ends
        // the program.
        drop(signal(SignalKind::from_raw(FILE_SIZE_SIGNAL))?);
        let app = Data::new(App::start(config, Clock::system())?);
        let has_users = app.read(|connection| Ok(users::count(connection)? > 0)).await?;
        let setup_path = (!has_users).then(|| format!("/setup?token={}", app.setup.expose()));
        let address = listener.local_addr()?;
        let serving = app.clone();
        let settings = ListenerSettings { workers, connections: most };
        let server = listener::serve(listener, settings, Arc::clone(&connections), move || {
            actix_web::App::new()
                .app_data(serving.clone())
                .configure(collect::configure)
                .configure(api::configure)
                .configure(web::configure)
        })?;
        let handle = server.handle();
        let running = actix_web::rt::spawn(server);
        let checking = check(connections);
        let keeping = actix_web::rt::spawn(refresh_live_days::run(app.clone()));
        let tasks = jobs::start(&app).await?;
        // The reader of the start message may ask for a stop at once.
        let told_to_stop = listen_for_stop()?;
        let (version, schema) = (env!("CARGO_PKG_VERSION"), store::SCHEMA_VERSION);
        tracing::info!(version, file = %file.display(), %address, schema, "Clickstead has started");
        started(&Started { address, setup_path });
        told_to_stop.await;
        tracing::info!("Clickstead stops: what was accepted is finished first");
        app.announce_stop();
        futures_util::future::join(handle.stop(true), send_letters::finish(&app)).await;
        tasks.iter().chain([&keeping]).for_each(actix_web::rt::task::JoinHandle::abort);
        if let Err(error) = count_dropped_hits::write_counts(&app).await {
            tracing::warn!(%error, "refusals were not written down");
        }
        app.stop();
        checking.abort();
        running.await.map_err(|error| Error::Internal(error.to_string()))??;
        tracing::info!("Clickstead has stopped");
        Ok(())
    })
}

/// Starts the periodic check of connections, which runs until aborted.
fn check(connections: Arc<Connections>) -> JoinHandle<()> {
    actix_web::rt::spawn(async move {
        let mut pulse = tokio::time::interval(limits::CONNECTIONS_CHECKED_EVERY);
        loop {
            pulse.tick().await;
            connections.check(Instant::now());
        }
    })
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        Error::Setup(format!(
            "Can't listen on {address} ({error}). Choose another address with --listen ADDR:PORT."
        ))
    })
}

/// Catches the signals for a stop from now on; the returned future waits for one.
///
/// # Errors
///
/// Fails when a signal handler cannot be installed.
fn listen_for_stop() -> Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // The terminal is gone, unless the program was started by `nohup` to outlive it.
    let mut hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
    Ok(async move {
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hung_up => {}
        }
    })
}

/// Returns true if the program was started with SIGHUP ignored: the lowest bit of the mask of ignored signals
/// (proc(5), `SigIgn`).
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
