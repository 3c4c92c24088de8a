//! The end of requests that take too long or whose client is gone: the handler's future is dropped, and with it
//! its queries. Forms and beacons are not cut off: their changes are intended.

use crate::error::Error;
use crate::limits;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::watch;

/// The signal that a connection's client has closed its side; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Hangup(Arc<watch::Sender<bool>>);

impl Hangup {
    /// Records that the client is gone.
    pub fn signal(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the client is gone.
    async fn wait(self) {
        self.0.subscribe().wait_for(|is_gone| *is_gone).await.ok();
    }
}

/// A middleware for screens: answers `Error::TooSlow` after `SCREEN_WITHIN`, and ends when the client is gone.
///
/// # Errors
///
/// Fails only as the handler itself does; the deadline gives a response.
pub async fn screen(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    answer(request, next, Some((limits::SCREEN_WITHIN, Error::TooSlow))).await
}

/// A middleware for programs: answers `Error::TooSlowForProgram` after `PROGRAM_WITHIN`, and ends when the client is
/// gone.
///
/// # Errors
///
/// Fails only as the handler itself does; the deadline gives a response.
pub async fn program(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    answer(request, next, Some((limits::PROGRAM_WITHIN, Error::TooSlowForProgram))).await
}

/// A middleware for files: has no deadline, and ends when the client is gone.
///
/// # Errors
///
/// Fails only as the handler itself does.
pub async fn file(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    answer(request, next, None).await
}

async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    deadline: Option<(Duration, Error)>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let hangup = request.conn_data::<Hangup>().cloned().unwrap_or_default();
    let http_request = request.request().clone();
    let overdue = async {
        match deadline {
            Some((within, error)) => {
                tokio::time::sleep(within).await;
                error
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        response = next.call(request) => Ok(response?.map_body(|_, body| until_gone(body.boxed(), hangup))),
        () = hangup.clone().wait() => Ok(ServiceResponse::from_err(Error::Abandoned, http_request)),
        error = overdue => Ok(ServiceResponse::from_err(error, http_request)),
    }
}

/// Returns the body of a response; a streamed one ends when its client is gone.
fn until_gone(body: BoxBody, hangup: Hangup) -> BoxBody {
    match body.size() {
        BodySize::Stream => BoxBody::new(UntilGone { body, gone: Box::pin(hangup.wait()) }),
        BodySize::None | BodySize::Sized(_) => body,
    }
}

struct UntilGone {
    body: BoxBody,
    gone: LocalBoxFuture<'static, ()>,
}

impl MessageBody for UntilGone {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.gone.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(Error::Abandoned.into())));
        }
        Pin::new(&mut self.body).poll_next(context)
    }
}
