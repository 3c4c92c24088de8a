//! Blocking work, away from the event loops: on the pool's threads, or on a thread of its own.

use crate::error::{Error, Result};
use tokio::sync::oneshot;

/// Runs work that keeps a processor or the disk busy, such as a password check, on a thread of the pool.
///
/// # Errors
///
/// Fails with `Error::Busy` when the work panics or the program is stopping, and as the work itself does.
#[expect(clippy::disallowed_methods, reason = "this is the one home of blocking work")]
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    actix_web::web::block(work).await.map_err(|_| Error::Busy)?
}

/// Runs work that waits for other machines, on a thread of its own: the pool's threads must end before the
/// program can, and a slow server must not delay a stop.
///
/// # Errors
///
/// Fails with `Error::Internal` when no thread can be started, with `Error::Busy` when the thread ends
/// without a result, and as the work itself does.
pub async fn outside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let (reply, answer) = oneshot::channel();
    // The receiver may be gone already.
    let run = move || drop(reply.send(work()));
    std::thread::Builder::new().name("outside".into()).spawn(run)?;
    answer.await.map_err(|_| Error::Busy)?
}
