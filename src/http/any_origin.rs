//! The headers by which browsers let pages of every website read a response, and the response to their preflight
//! requests (Fetch Standard, "CORS protocol"). Only for surfaces that no cookie opens.

use crate::limits;
use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

/// Lets pages of every website read a response.
pub fn allow(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("Retry-After, X-Clickstead-Reason"),
    );
    // Pages with a cross-origin embedder policy (COEP) load only resources that carry this header.
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Answers a preflight request for a resource that is only read: pages may send it with any headers.
pub async fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"))
        // "*" does not include this one.
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "*, Authorization"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, limits::PREFLIGHT_LASTS.as_secs().to_string()))
        .finish()
}
