//! Clickstead: web analytics for people who run their own server. One executable, one SQLite file.
//!
//! The house, from the ground up; imports go downward only:
//! words (`error` `id` `address` `clock` `month` `money` `config` `clicks` `page_form` `level` `limits` `log` `email` `username`) → the file (`store`) → rules (`access`
//! `ingest` `reports` `billing` `mail` `fetch` `demo` `import`)
//! → the whole (`app`) → drivers (`jobs` `http`) → surfaces (`collect` `web`) → outside (`server` `cli`).

mod access;
mod address;
mod app;
mod billing;
mod cli;
mod clicks;
mod clock;
mod collect;
mod config;
mod demo;
mod email;
mod error;
mod fetch;
mod http;
mod id;
mod import;
mod ingest;
mod jobs;
mod level;
mod limits;
mod log;
mod mail;
mod money;
mod month;
mod page_form;
mod reports;
mod server;
mod store;
mod username;
mod web;

/// Runs the command line of this process and returns its exit code.
pub fn main() -> std::process::ExitCode {
    cli::main()
}

/// Returns every route for the tests: method, path, and the row of the access table that it requires.
pub fn routes() -> Vec<(String, &'static str, &'static str)> {
    let all = collect::routes().into_iter().chain(web::routes());
    all.map(|route| (route.method.to_string(), route.path, route.capability.row())).collect()
}

/// Returns the name of every row of the access table, in the table's order.
pub fn capabilities() -> Vec<&'static str> {
    access::capability::Capability::ALL.iter().map(|capability| capability.row()).collect()
}
