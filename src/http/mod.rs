//! The parts that all HTTP surfaces share: authorisation, error responses, cookies, routes and embedded files.

pub mod any_origin;
pub mod assets;
pub mod auth;
mod authorize;
mod authorized_write;
pub mod broken_off;
pub mod client;
pub mod compressed_body;
pub mod cookie;
pub mod csrf;
pub mod csv_file;
pub mod errors;
pub mod failed_sign_in;
pub mod form;
pub mod guest;
mod guest_access;
pub mod hangup;
#[expect(dead_code, reason = "the routes of the API are its only callers")]
pub mod key_access;
#[expect(dead_code, reason = "the routes of the API are its only callers")]
pub mod password_access;
pub mod password_check;
#[expect(dead_code, reason = "the routes of the API are its only callers")]
pub mod program;
mod query;
pub mod request_actor;
pub mod requester;
pub mod route;
pub mod session;
pub mod site_context;
pub mod stream_auth;
pub mod upload;
mod usage;
