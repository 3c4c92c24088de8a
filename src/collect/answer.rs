//! The responses to beacons, in the form that the sender can use, with the reason if the hit was not recorded.

use super::parameters::Mime;
use crate::http::compressed_body;
use crate::http::errors::retry_after;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::pipeline::HitReceipt;
use crate::limits;
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

/// The path of the part that measures web vitals.
pub const VITALS_PART: &str = "/vitals.js";
/// The path of the part that records clicks, and how far pages are read.
pub const HEATMAP_PART: &str = "/heatmap.js";
/// The response header with the reason.
pub const REASON: &str = "X-Clickstead-Reason";

/// A transparent GIF of one pixel.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Returns the response to a browser. A filtered hit gets the response of a recorded one, with the reason
/// header.
pub fn to_browser(answer: HitReceipt, mime: Mime) -> HttpResponse {
    let refused = answer.dropped.filter(|reason| !reason.is_filter());
    let status = refused.map_or(StatusCode::OK, status);
    let mut response = HttpResponse::build(status);
    if let Some(reason) = answer.dropped.or(answer.uncounted_revenue) {
        response.insert_header((REASON, reason.name()));
    }
    match mime {
        Mime::JavaScript => {
            response.content_type("text/javascript; charset=utf-8").body("/* Clickstead */\n")
        }
        Mime::Gif => response.content_type("image/gif").body(GIF),
        Mime::Json | Mime::Any if refused.is_some() => response.finish(),
        Mime::Json => match orders(answer) {
            Some(orders) => response.content_type("application/json").body(orders),
            None => response.status(StatusCode::NO_CONTENT).finish(),
        },
        Mime::Any => response.status(StatusCode::NO_CONTENT).finish(),
    }
}

/// Returns what the tracker is to do, as JSON: to keep the visitor's ID or to forget it, and to load parts. `None` for
/// nothing.
fn orders(answer: HitReceipt) -> Option<String> {
    let keep = answer.keep_cookie.map(|keep| format!("\"keep\":{keep}"));
    let wanted = [(answer.parts.vitals, VITALS_PART), (answer.parts.heatmap, HEATMAP_PART)];
    let named: Vec<String> =
        wanted.iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, part)| format!("\"{part}\"")).collect();
    let parts = (!named.is_empty()).then(|| format!("\"parts\":[{}]", named.join(",")));
    let orders: Vec<String> = keep.into_iter().chain(parts).collect();
    (!orders.is_empty()).then(|| format!("{{{}}}", orders.join(",")))
}

/// Returns the response to a site's server: `OK`, or a sentence with the problem; the status is 200 either way.
pub fn to_program(answer: HitReceipt) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(reason) = answer.dropped.or(answer.uncounted_revenue) {
        response.insert_header((REASON, reason.name()));
    }
    response.insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"));
    response.body(answer.dropped.map_or("OK", DropReason::sentence))
}

/// Returns the response to a beacon with a compressed body: 415.
pub fn compressed() -> HttpResponse {
    HttpResponse::UnsupportedMediaType()
        .insert_header(compressed_body::ACCEPTED_CODING)
        .insert_header((REASON, DropReason::CompressedBody.name()))
        .content_type("text/plain; charset=utf-8")
        .body(DropReason::CompressedBody.sentence())
}

/// Returns the response when no hit can be recorded now: 503, after which the tracker tries once more.
pub fn busy() -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header(retry_after(limits::BUSY_RETRY_AFTER))
        .insert_header((REASON, DropReason::Busy.name()))
        .finish()
}

fn status(reason: DropReason) -> StatusCode {
    match reason {
        DropReason::UnknownSite => StatusCode::NOT_FOUND,
        DropReason::TooManyHits => StatusCode::TOO_MANY_REQUESTS,
        DropReason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        DropReason::CompressedBody => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => StatusCode::BAD_REQUEST,
    }
}
