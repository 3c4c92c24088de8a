//! The middleware for programs: errors as the program asked for them, and headers of a response whose address may hold a
//! secret.

use super::errors::Failure;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse};

/// The headers of every response. A surface for scripts of other websites replaces the last one.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    // A browser that opens the address itself runs nothing of what visitors may have sent.
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// A middleware that lets `render` make the responses to failures, and sets the headers of every response. Programs
/// expect status 200 also with an error; only a server that can't be used answers 503, and a compressed body, which no
/// program sends, gets 415.
///
/// # Errors
///
/// Fails only as the handler itself does.
pub async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    render: impl Fn(&HttpRequest, &Failure) -> HttpResponse,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let failure = response.response_mut().extensions_mut().remove::<Failure>();
    if let Some(failure) = failure {
        let kept = [header::RETRY_AFTER, header::ACCEPT_ENCODING];
        let kept = kept.map(|name| response.headers().get(&name).cloned().map(|value| (name, value)));
        let mut rendered = render(response.request(), &failure);
        *rendered.status_mut() = match failure.status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::UNSUPPORTED_MEDIA_TYPE => failure.status,
            _ => StatusCode::OK,
        };
        for (name, value) in kept.into_iter().flatten() {
            rendered.headers_mut().insert(name, value);
        }
        response = response.into_response(rendered);
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
