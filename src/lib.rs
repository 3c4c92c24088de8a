//! Clickstead: web analytics for people who run their own server. One executable, one SQLite file.
//!
//! The house, from the ground up; imports go downward only:
//! words (`model` `error` `limits` `log` `config`) → the file (`store`) → counting (`ingest` `reports`) → rules (`access`
//! `mail` `outbound`) → acts on sites, accounts, goals, recordings and alerts, and whole sites (`sites` `accounts` `goals` `recordings` `alerts`
//! `transfer` `demo`) →
//! the whole program (`app`) → drivers (`jobs` `http`) → surfaces (`collect` `web` `api`) → outside
//! (`server` `cli`).

mod access;
mod accounts;
mod alerts;
mod api;
mod app;
mod cli;
mod collect;
mod config;
mod demo;
mod error;
mod goals;
mod http;
mod ingest;
mod jobs;
mod limits;
mod log;
mod mail;
mod model;
mod outbound;
mod recordings;
mod reports;
mod server;
mod sites;
mod store;
mod transfer;
mod web;

/// Runs the command line of this process and returns its exit code.
pub fn main() -> std::process::ExitCode {
    cli::main()
}

/// Returns every route for the tests: method, path, and the row of the access table that it requires.
pub fn routes() -> Vec<(String, &'static str, &'static str)> {
    let all = collect::routes().into_iter().chain(web::routes()).chain(api::routes());
    all.map(|route| (route.method.to_string(), route.path, route.capability.row())).collect()
}

/// Returns the name of every row of the access table, in the table's order.
pub fn capabilities() -> Vec<&'static str> {
    access::capability::Capability::ALL.iter().map(|capability| capability.row()).collect()
}
