//! The surface for visitors' browsers and sites' servers: tracker scripts, beacons, pixel. Open to every
//! origin.

mod answer;
mod beacon;
mod parameters;
mod script;

use crate::http::any_origin;
use crate::http::route::{Route, get, get_beacon, post};
use crate::limits;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::web;

/// Returns the routes of this surface.
pub fn routes() -> Vec<Route> {
    vec![
        get("/js", script::tracker),
        get("/media.js", script::media),
        get(answer::VITALS_PART, script::vitals),
        get(answer::HEATMAP_PART, script::heatmap),
        get("/overlay.js", script::overlay),
        get(r"/{site:\d+}.js", script::tracker),
        get_beacon("/in.php", beacon::take),
        post("/in.php", beacon::take),
        get_beacon(r"/{site:\d+}ns.gif", beacon::pixel),
    ]
}

/// Registers the routes and middleware of this surface.
pub fn configure(config: &mut web::ServiceConfig) {
    let scope = web::scope("")
        .guard(actix_web::guard::fn_guard(|context| is_ours(context.head().uri.path())))
        .app_data(web::PayloadConfig::new(limits::BODY_BYTES_MAX))
        .wrap(from_fn(beacon::refuse_compressed))
        .wrap(from_fn(for_any_origin))
        .configure(|config| crate::http::route::register(config, &routes()));
    config.service(scope);
}

/// Returns true if a path belongs to this surface; checked before all others, since most requests are hits.
fn is_ours(path: &str) -> bool {
    let numbered = |end: &str| {
        path.strip_prefix('/')
            .and_then(|path| path.strip_suffix(end))
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(
        path,
        "/in.php" | "/js" | "/media.js" | "/overlay.js" | answer::VITALS_PART | answer::HEATMAP_PART
    ) || numbered(".js")
        || numbered("ns.gif")
}

async fn for_any_origin<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    any_origin::allow(headers);
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}
