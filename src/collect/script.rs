//! The tracker scripts: the same files for every site, cached by browsers for an hour.

use crate::access::capability::SendHits;
use crate::error::{Error, Result};
use crate::http::assets;
use crate::http::auth::Public;
use crate::limits;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

const AN_HOUR: &str = "public, max-age=3600";

/// `GET /js` and `GET /{id}.js`: the tracker. Behind a site's own proxy, `?in=/path` names the path for
/// beacons; the browser does not see that query, so the path is written into the script.
///
/// # Errors
///
/// Fails with `Error::Missing` when the script is not built in.
pub async fn tracker(_: Public<SendHits>, request: HttpRequest) -> Result<HttpResponse> {
    let beacon_path =
        form_urlencoded::parse(request.query_string().as_bytes()).find(|(name, _)| name == "in");
    match beacon_path {
        Some((_, path)) if is_plain_path(&path) => {
            let script = format!("((clickstead_in)=>{{{}\n}})(\"{path}\")", assets::text("tracker.js"));
            Ok(HttpResponse::Ok()
                .content_type("text/javascript; charset=utf-8")
                .insert_header((header::CACHE_CONTROL, AN_HOUR))
                .body(script))
        }
        _ => assets::serve(&request, "tracker.js", AN_HOUR).ok_or(Error::Missing("script")),
    }
}

/// Returns true for a path on the page's own host whose characters have no meaning in a script.
fn is_plain_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= limits::WORD_BYTES_MAX
        && path.bytes().all(is_plain)
}

/// `GET /media.js`: the part that the tracker loads to follow media.
///
/// # Errors
///
/// Fails with `Error::Missing` when the script is not built in.
pub async fn media(_: Public<SendHits>, request: HttpRequest) -> Result<HttpResponse> {
    assets::serve(&request, "media.js", AN_HOUR).ok_or(Error::Missing("script"))
}

/// `GET /vitals.js`: the part that the tracker loads to measure web vitals.
///
/// # Errors
///
/// Fails with `Error::Missing` when the script is not built in.
pub async fn vitals(_: Public<SendHits>, request: HttpRequest) -> Result<HttpResponse> {
    assets::serve(&request, "vitals.js", AN_HOUR).ok_or(Error::Missing("script"))
}

/// `GET /overlay.js`: the part that the tracker loads to show a heatmap over its page.
///
/// # Errors
///
/// Fails with `Error::Missing` when the script is not built in.
pub async fn overlay(_: Public<SendHits>, request: HttpRequest) -> Result<HttpResponse> {
    assets::serve(&request, "overlay.js", AN_HOUR).ok_or(Error::Missing("script"))
}

/// `GET /heatmap.js`: the part that the tracker loads to tell of clicks and of how far pages are read.
///
/// # Errors
///
/// Fails with `Error::Missing` when the script is not built in.
pub async fn heatmap(_: Public<SendHits>, request: HttpRequest) -> Result<HttpResponse> {
    assets::serve(&request, "heatmap.js", AN_HOUR).ok_or(Error::Missing("script"))
}
