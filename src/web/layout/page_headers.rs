//! The middleware of all pages: strict headers, and error pages.

use super::error_page;
use super::letter_page;
use super::load;
use super::{Frame, GuestFrame, Theme};
use crate::app::App;
use crate::config::PublicUrl;
use crate::http::chunked_body::without_stream;
use crate::http::client::{Client, header_text};
use crate::http::errors::Failure;
use crate::http::guest::{self, FrameAncestors};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

/// The content security policy of a page; guest links may add frame ancestors.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The HSTS header, for a year. Leaves out subdomains: other hosts of the domain are not this program's to
/// decide about.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

const TITLE: &str = "Not possible";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// A middleware that renders failures as pages and sets the headers of every response.
///
/// # Errors
///
/// Fails only as the handler itself does.
pub async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // The request must not be held while it is routed: the router writes its path's parts into it.
    let mut response = next.call(request).await?.map_into_boxed_body();
    let failure = response.response_mut().extensions_mut().remove::<Failure>();
    if let Some(failure) = failure {
        let page = answer(response.request(), &failure, response.response()).await;
        response = response.into_response(page);
    }
    let ancestors = response.request().extensions().get::<FrameAncestors>().cloned();
    let is_letter = response.request().extensions().get::<letter_page::IsLetter>().is_some();
    let insists_on_https = insists_on_https(response.request());
    set_headers(response.headers_mut());
    if insists_on_https {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    if is_letter && response.status().is_success() {
        let policy = HeaderValue::from_static(letter_page::POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(FrameAncestors(origins)) = ancestors {
        set_guest_headers(response.headers_mut(), &origins);
    }
    Ok(if response.request().method() == Method::HEAD { without_stream(response) } else { response })
}

/// Returns the page of a failure. A live stream whose right has ended gets 204, which stops it from reconnecting (HTML
/// Standard, 9.2).
async fn answer(request: &HttpRequest, failure: &Failure, plain: &HttpResponse) -> HttpResponse {
    if header_text(request, "accept").starts_with("text/event-stream") && !failure.status.is_server_error() {
        return HttpResponse::NoContent().finish();
    }
    let mut response = HttpResponse::build(failure.status);
    for name in [header::LOCATION, header::RETRY_AFTER, header::ACCEPT_ENCODING] {
        if let Some(value) = plain.headers().get(&name) {
            response.insert_header((name, value.clone()));
        }
    }
    if failure.status.is_redirection() {
        return response.finish();
    }
    let is_guest = guest::is_below(request);
    // Guest pages never read the session; the error page is also shown when the data file cannot be read.
    let signed_in_frame = if is_guest { None } else { load::open_frame(request, TITLE).await.ok() };
    let mut frame = signed_in_frame.unwrap_or_else(|| Frame::bare(TITLE, Theme::from_cookie(request)));
    frame.guest = is_guest.then(GuestFrame::default);
    response
        .content_type("text/html; charset=utf-8")
        .body(error_page::page(&frame, &error_page::ErrorPage::from_failure(failure)).into_string())
}

/// Sets the headers of a guest link's page: no search engines, and the frame ancestors of its settings.
fn set_guest_headers(headers: &mut HeaderMap, origins: &[String]) {
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    let own = POLICY.trim_end_matches("'none'");
    let policy = format!("{own}{}", origins.join(" "));
    if let Some(policy) = HeaderValue::from_str(&policy).ok().filter(|_| !origins.is_empty()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.remove(header::X_FRAME_OPTIONS);
    }
}

/// Returns true if the response tells the browser to use HTTPS only: if the operator's public URL is HTTPS and the
/// request came by HTTPS (RFC 6797, section 7.2, forbids the header elsewhere).
fn insists_on_https(request: &HttpRequest) -> bool {
    request.app_data::<Data<App>>().is_some_and(|app| {
        let is_named = app.config.public_url.as_ref().is_some_and(PublicUrl::is_https);
        is_named && Client::from_request(request, &app.config).is_https
    })
}

fn set_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
