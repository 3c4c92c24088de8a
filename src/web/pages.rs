//! What every page leaves with: strict headers, and, for a failure, a page that says it in words.

use super::error_page;
use super::frame::Frame;
use super::shell;
use crate::http::client::header_text;
use crate::http::reply::Failure;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse};

const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// A middleware: renders failures as pages and sets the headers of every answer.
pub async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // The request must not be held while it is routed: the router writes its path's parts into it.
    let mut response = next.call(request).await?.map_into_boxed_body();
    let failure = response.response_mut().extensions_mut().remove::<Failure>();
    if let Some(failure) = failure {
        let page = answer(response.request(), &failure, response.response());
        response = response.into_response(page);
    }
    dress(response.headers_mut());
    Ok(response)
}

/// A failure as a page. A live stream whose right has ended is told by 204 not to come back.
fn answer(request: &HttpRequest, failure: &Failure, plain: &HttpResponse) -> HttpResponse {
    if header_text(request, "accept").starts_with("text/event-stream") && !failure.status.is_server_error() {
        return HttpResponse::NoContent().finish();
    }
    let mut response = HttpResponse::build(failure.status);
    for name in [header::LOCATION, header::RETRY_AFTER] {
        if let Some(value) = plain.headers().get(&name) {
            response.insert_header((name, value.clone()));
        }
    }
    if failure.status.is_redirection() {
        return response.finish();
    }
    let frame = Frame::bare("Not possible", shell::theme(request));
    response
        .content_type("text/html; charset=utf-8")
        .body(error_page::page(&frame, &error_page::View::of(failure)).into_string())
}

fn dress(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
