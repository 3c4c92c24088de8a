//! The responses of the API: JSON with an entity tag, problem details, rate limits, and the headers that all have.

use super::problem;
use crate::access::request_rates::RequestAllowance;
use crate::error::{Error, Result};
use crate::http::chunked_body::without_stream;
use crate::http::errors::Failure;
use crate::limits;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, EntityTag, Header, HeaderMap, HeaderName, HeaderValue, IfNoneMatch};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::Serialize;

const HEADERS: [(HeaderName, &str); 4] = [
    (header::REFERRER_POLICY, "no-referrer"),
    // A browser that opens the address itself runs nothing of what visitors may have sent.
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];
/// The number of requests that may still be sent, and the largest one (draft-ietf-httpapi-ratelimit-headers-10).
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Returns a value as JSON with an entity tag; 304 without it if the client already has the same.
///
/// # Errors
///
/// Fails with `Error::Internal` for a value that is no JSON.
pub fn json(request: &HttpRequest, value: &impl Serialize) -> Result<HttpResponse> {
    let text = serde_json::to_vec(value).map_err(|error| Error::Internal(error.to_string()))?;
    let tag = EntityTag::new_weak(format!("{:016x}", foldhash_of(&text)));
    let has_it = IfNoneMatch::parse(request).is_ok_and(|known| match known {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    });
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, tag));
    if has_it {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(response.content_type("application/json").body(text))
}

/// A middleware that turns failures into problem details, and sets the headers of every response.
///
/// # Errors
///
/// Fails only as the handler itself does.
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let failure = response.response_mut().extensions_mut().remove::<Failure>();
    let status = response.status();
    let is_bare = status.is_client_error() && response.response().body().size() == BodySize::Sized(0);
    let problem = match failure {
        Some(failure) => Some(problem::response(&failure)),
        None if is_bare => Some(problem::of_status(status)),
        None => None,
    };
    if let Some(mut problem) = problem {
        for name in [header::RETRY_AFTER, header::ACCEPT_ENCODING, header::ALLOW] {
            if let Some(value) = response.headers().get(&name).cloned() {
                problem.headers_mut().insert(name, value);
            }
        }
        response = response.into_response(problem);
    }
    set_headers(&mut response);
    Ok(if response.request().method() == Method::HEAD { without_stream(response) } else { response })
}

/// Sets the headers of every response to a program: what it may still send, and that nobody else reads the response.
pub fn set_headers(response: &mut ServiceResponse<BoxBody>) {
    let allowance = response.request().extensions().get::<RequestAllowance>().copied();
    let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    if is_unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Clickstead\""));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    set_rate_limit(headers, allowance);
}

fn set_rate_limit(headers: &mut HeaderMap, allowance: Option<RequestAllowance>) {
    let policy = format!("\"minute\";q={};w=60", limits::API_REQUESTS_PER_MINUTE);
    let Some(RequestAllowance { remaining, reset }) = allowance else { return };
    let limit = format!("\"minute\";r={remaining};t={}", reset.as_secs_f64().ceil());
    for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, limit)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// Returns a hash of a body, by which clients tell whether it changed.
fn foldhash_of(text: &[u8]) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    hasher.write(text);
    hasher.finish()
}
