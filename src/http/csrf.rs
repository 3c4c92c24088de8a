//! Protection against cross-site request forgery: every change of state must come from our own pages. Browsers
//! declare the origin by `Sec-Fetch-Site`, and on plain HTTP by `Origin`.

use super::client::{self, header_text};
use crate::app::App;
use crate::error::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, ResponseError};

/// A middleware that refuses changes from other origins, for surfaces that a cookie could authorise.
///
/// # Errors
///
/// Fails only as the handler itself does; a refusal is a response.
pub async fn same_origin<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if request.method().is_safe() || is_ours(request.request()) {
        Ok(next.call(request).await?.map_into_left_body())
    } else {
        let refused = Error::CrossSite.error_response();
        Ok(request.into_response(refused).map_into_right_body())
    }
}

fn is_ours(request: &HttpRequest) -> bool {
    match header_text(request, "sec-fetch-site") {
        "" => {
            let Some(app) = request.app_data::<Data<App>>() else { return false };
            let origin = header_text(request, "origin");
            !origin.is_empty() && origin == client::origin(request, &app.config)
        }
        site => site == "same-origin",
    }
}
