//! The surface for programs: Clicky's API, which scripts and integrations read after changing the host name.

mod clicky;

use crate::http::compressed_body;
use crate::http::program;
use crate::http::route::{Route, get_program, register};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::guard;
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::web;

/// Returns the routes of this surface.
pub fn routes() -> Vec<Route> {
    vec![
        get_program("/api/stats/4", clicky::stats::show),
        get_program("/api/stats/4/", clicky::stats::show),
        get_program("/stats/api4", clicky::stats::show),
        get_program("/stats/api4/", clicky::stats::show),
        get_program("/api/account/sites", clicky::account::sites),
        get_program("/api/account/sites/", clicky::account::sites),
    ]
}

/// Registers the routes and middleware of this surface.
pub fn configure(config: &mut web::ServiceConfig) {
    let scope = web::scope("")
        .guard(guard::fn_guard(|context| is_here(context.head().uri.path())))
        .wrap(from_fn(compressed_body::refuse))
        .wrap(from_fn(answer))
        .wrap(Compress::default())
        .configure(|config| register(config, &routes()));
    config.service(scope);
}

/// Returns true if a path belongs to this surface.
fn is_here(path: &str) -> bool {
    routes().iter().any(|route| route.path == path)
}

async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    program::answer(request, next, clicky::response::of_failure).await
}
