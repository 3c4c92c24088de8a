//! The surface for programs: our own API, the endpoint for assistants, and Clicky's, which scripts and integrations read after changing the host name.

mod clicky;
mod mcp;
mod v1;

use crate::http::any_origin;
use crate::http::compressed_body;
use crate::http::program;
use crate::http::route::{Route, get_program, get_script, register};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::guard;
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::web;

/// The paths that scripts of every website may read.
const STATS: [&str; 4] = ["/api/stats/4", "/api/stats/4/", "/stats/api4", "/stats/api4/"];
/// The paths that they may not read: every website could let its visitors' browsers guess passwords.
const ACCOUNT_SITES: [&str; 2] = ["/api/account/sites", "/api/account/sites/"];

/// Returns the routes of this surface.
pub fn routes() -> Vec<Route> {
    clicky_routes().into_iter().chain(v1::routes()).chain(mcp::routes()).collect()
}

fn clicky_routes() -> Vec<Route> {
    let stats = STATS.into_iter().map(|path| get_script(path, clicky::stats::show));
    let sites = ACCOUNT_SITES.into_iter().map(|path| get_program(path, clicky::account::sites));
    stats.chain(sites).collect()
}

/// Registers the routes and middleware of this surface.
pub fn configure(config: &mut web::ServiceConfig) {
    let scope = web::scope("")
        .guard(guard::fn_guard(|context| is_here(context.head().uri.path())))
        .wrap(from_fn(compressed_body::refuse))
        .wrap(from_fn(answer))
        .wrap(Compress::default())
        .configure(|config| register(config, &clicky_routes()));
    config.service(scope);
    v1::configure(config);
    mcp::configure(config);
}

/// Returns true if a path belongs to Clicky's API.
fn is_here(path: &str) -> bool {
    STATS.contains(&path) || ACCOUNT_SITES.contains(&path)
}

async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if !STATS.contains(&request.path()) {
        return program::answer(request, next, clicky::response::of_failure).await;
    }
    let mut response = program::answer(request, next, clicky::response::of_failure_for_script).await?;
    any_origin::allow(response.headers_mut());
    Ok(response)
}
