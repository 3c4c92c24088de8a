//! The screens: handlers that ask once and pages that are functions of a view. Knows nothing of beacons.

mod asked;
mod chart;
mod chips;
mod dashboard;
mod error_page;
mod export;
mod field;
mod format;
mod frame;
mod icon;
mod item;
mod licenses;
mod line;
mod live;
mod map;
mod new_site;
mod page_code;
mod pages;
mod projection;
mod report;
mod setup;
mod shell;
mod sign_in;
mod site_form;
mod site_home;
mod site_info;
mod site_list;
mod spy;
mod visit;
mod visitor;
mod visitors;

use crate::error::Error;
use crate::http::origin::same_origin;
use crate::http::route::{Route, get, post, register};
use crate::limits;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web;

/// Every address of this surface.
pub fn routes() -> Vec<Route> {
    vec![
        get("/", site_list::show),
        get("/sites/new", new_site::show),
        post("/sites/new", new_site::create),
        get("/sites/{site}", dashboard::show),
        get("/sites/{site}/reports", report::index),
        get("/sites/{site}/reports/{report}", report::show),
        get("/sites/{site}/export/{report}.csv", export::csv),
        get("/sites/{site}/visitors", visitors::show),
        get("/sites/{site}/visitors/{visitor}", visitor::show),
        get("/sites/{site}/visits/{visit}", visit::show),
        get("/sites/{site}/spy", spy::show),
        get("/sites/{site}/spy/stream", live::stream),
        get("/sites/{site}/online", live::online),
        get("/sites/{site}/preferences/info", site_info::show),
        post("/sites/{site}/preferences/info/keys", site_info::show_keys),
        post("/sites/{site}/preferences/info/rotate", site_info::rotate_keys),
        get("/setup", setup::show),
        post("/setup", setup::create),
        get("/login", sign_in::show),
        post("/login", sign_in::sign_in),
        post("/logout", sign_in::sign_out),
        get("/licenses", licenses::show),
        get("/assets/{name:.*}", shell::asset),
        get("/healthz", shell::health),
    ]
}

/// Registers this surface; it also answers what no surface knows.
pub fn configure(config: &mut web::ServiceConfig) {
    let scope = web::scope("")
        .app_data(web::FormConfig::default().limit(limits::BODY_BYTES_MAX))
        .wrap(from_fn(same_origin))
        .wrap(from_fn(pages::render))
        .wrap(Compress::default())
        .configure(|config| register(config, &routes()))
        .default_service(web::to(|| async { Err::<String, _>(Error::Missing("page")) }));
    config.service(scope);
}
