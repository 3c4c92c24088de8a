//! The endpoint for assistants: the Model Context Protocol over streamable HTTP, without sessions. Every request shows
//! its own personal token and is answered from one moment of the data file, in which the token's rights are checked.

mod boundary;
mod catalogue;
mod dispatch;
mod endpoint;
mod explain_filter;
mod goals;
mod headers;
mod list_sites;
mod message;
mod query;
mod report;
mod schema;
mod tool;
mod tools;
mod visitor_text;
mod visits;

use crate::http::compressed_body;
use crate::http::route::{Route, post_program, register};
use crate::limits;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{guard, web};

/// The path of the endpoint.
const PATH: &str = "/mcp";

/// Returns the routes of this surface.
pub fn routes() -> Vec<Route> {
    vec![post_program(PATH, endpoint::serve)]
}

/// Registers the routes and middleware of this surface. Without sessions and streams of the server's own there is
/// nothing to `GET` or `DELETE`: both get 405, as the protocol allows.
pub fn configure(config: &mut web::ServiceConfig) {
    let scope = web::scope("")
        .guard(guard::fn_guard(|context| context.head().uri.path() == PATH))
        .app_data(web::PayloadConfig::new(limits::MCP_BODY_BYTES_MAX))
        .wrap(from_fn(compressed_body::refuse))
        .wrap(from_fn(boundary::answer))
        .wrap(Compress::default())
        .configure(|config| register(config, &routes()));
    config.service(scope);
}
