//! Guest links: their paths, the credentials of a request, and the origins that may frame the response. A user's session is never read here.

use super::client::Client;
use super::cookie;
use crate::app::App;
use crate::model::id::Token;
use crate::store::links::Link;
use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

/// The beginning of every guest link's path.
pub const PREFIX: &str = "/s/";

/// Returns the path of a guest link.
pub fn path(token: &Token) -> String {
    format!("{PREFIX}{}", token.expose())
}

/// Returns true if a request is for a guest link: by its route, however its path is spelled; without a route,
/// by its decoded path.
pub fn is_below(request: &HttpRequest) -> bool {
    match request.match_pattern() {
        Some(pattern) => pattern.starts_with(PREFIX),
        None => percent_decode_str(request.path()).decode_utf8_lossy().starts_with(PREFIX),
    }
}

/// The credentials of a guest's request.
#[derive(Clone)]
pub struct GuestCredentials {
    /// The token of the link.
    pub token: Token,
    /// The pass that the correct password gave.
    pub pass: Option<Token>,
}

impl GuestCredentials {
    /// Returns the credentials of a request below a guest link's path; `None` elsewhere.
    pub fn from_request(app: &App, request: &HttpRequest) -> Option<Self> {
        if !is_below(request) {
            return None;
        }
        let token = Token::known(request.match_info().get("token")?);
        let pass = cookie::read_guest(request, Client::from_request(request, &app.config));
        Some(Self { token, pass })
    }
}

/// The origins whose pages may show a response in a frame.
#[derive(Clone, Debug)]
pub struct FrameAncestors(pub Vec<String>);

impl FrameAncestors {
    /// Returns the origins of a guest link.
    pub fn for_link(link: &Link) -> Self {
        Self(link.embed_origins.clone())
    }
}
