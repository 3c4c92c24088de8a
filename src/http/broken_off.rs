//! The log of responses that break off after they began. The client already has the head and a part and can't
//! be informed any more, so the log names the response and the cause.

use crate::app::App;
use crate::error::Error::Abandoned;
use crate::log;
use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::watch;

/// The name of the path segment that holds a token: the token gives access by itself and does not belong in a
/// log.
const SECRET: &str = "{token}";

/// A middleware that watches streamed responses. An event stream is not watched: it has no end to miss.
///
/// # Errors
///
/// Fails only as the handler itself does.
pub async fn note<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, Watched>>, Error> {
    let response = next.call(request).await?;
    let is_live = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let is_watched = !is_live && response.response().body().size() == BodySize::Stream;
    let Some(app) = response.request().app_data::<Data<App>>().filter(|_| is_watched) else {
        return Ok(response.map_into_left_body());
    };
    let stopping = app.stopping();
    let pattern = response.request().match_pattern().unwrap_or_default();
    let path = if pattern.contains(SECRET) { pattern } else { response.request().path().to_owned() };
    Ok(response.map_body(|_, body| {
        EitherBody::right(Watched { body: body.boxed(), path, stopping, is_over: false })
    }))
}

/// A streamed response body that logs when it breaks off.
pub struct Watched {
    body: BoxBody,
    path: String,
    stopping: watch::Receiver<bool>,
    is_over: bool,
}

impl MessageBody for Watched {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let part = ready!(Pin::new(&mut self.body).poll_next(context));
        let is_abandoned = |error: &Self::Error| matches!(error.downcast_ref(), Some(Abandoned));
        if matches!(&part, Some(Err(error)) if is_abandoned(error)) {
            // Logged when it is dropped, as for any client that is gone.
            return Poll::Ready(part);
        }
        self.is_over = !matches!(part, Some(Ok(_)));
        if let Some(Err(error)) = &part {
            let cause = error.to_string();
            if let Some(left_out) = log::due("broken off", &format!("{} {cause}", self.path)) {
                tracing::warn!(path = self.path, cause, left_out, "an answer broke off");
            }
        }
        Poll::Ready(part)
    }
}

impl Drop for Watched {
    /// Logs the response if its client did not take all of it.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let is_stopping = *self.stopping.borrow();
        let cause = if is_stopping {
            "the program stops"
        } else {
            "whoever asked has gone, or took nothing for too long"
        };
        let Some(left_out) = log::due("broken off", &format!("{} {cause}", self.path)) else { return };
        if is_stopping {
            tracing::warn!(path = self.path, cause, left_out, "an answer broke off");
        } else {
            // People close pages: nothing is wrong here.
            tracing::info!(path = self.path, cause, left_out, "an answer broke off");
        }
    }
}
