//! The parts that all HTTP surfaces share: authorisation, error responses, cookies, routes and embedded files.

pub mod assets;
pub mod broken_off;
pub mod change;
pub mod client;
pub mod compressed_body;
pub mod cookie;
pub mod entry;
pub mod failed_sign_in;
pub mod form;
pub mod guest;
pub mod hangup;
pub mod origin;
pub mod reply;
pub mod requester;
pub mod route;
pub mod standing_right;
pub mod upload;
