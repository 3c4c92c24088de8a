//! The tracker and its parts: the same file for every site, kept by browsers for an hour.

use crate::access::capability::SendHits;
use crate::error::{Error, Result};
use crate::http::assets;
use crate::http::entry::Open;
use crate::limits;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

const AN_HOUR: &str = "public, max-age=3600";

/// `GET /js` and `GET /{id}.js`. Behind a site's own proxy, `?in=/path` says where that site takes the beacons; the
/// browser does not see it there, so the script is told.
pub async fn tracker(_: Open<SendHits>, request: HttpRequest) -> Result<HttpResponse> {
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

/// A path of the page's own host, in letters that mean nothing in a script.
fn is_plain_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= limits::WORD_BYTES_MAX
        && path.bytes().all(is_plain)
}

/// `GET /media.js`, loaded by the tracker where media are followed.
pub async fn media(_: Open<SendHits>, request: HttpRequest) -> Result<HttpResponse> {
    assets::serve(&request, "media.js", AN_HOUR).ok_or(Error::Missing("script"))
}
