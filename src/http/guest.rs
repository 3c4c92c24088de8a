//! Guest links: the credentials of a request, the access that they give, and the origins that may frame the
//! response. A user's session is never read here.

use super::auth::SiteContext;
use super::client::Client;
use super::cookie;
use crate::access;
use crate::access::capability::Capability;
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::Token;
use crate::store::links::{self, Link};
use crate::store::sites;
use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;
use rusqlite::Connection;

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
    token: Token,
    pass: Option<Token>,
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

/// Returns the site and rights that a guest link gives. Live streams check it again before each event. A wrong,
/// disabled, removed or expired link gets the same answer as a page that the link does not show.
///
/// # Errors
///
/// Fails with `Error::Missing` when no open link has the token or the link does not give the capability, with
/// `Error::PasswordAsked` when its password is required, and when the data file cannot be read.
pub fn admit(
    connection: &Connection,
    credentials: &GuestCredentials,
    now: Timestamp,
    capability: Capability,
) -> Result<SiteContext> {
    let link = links::find_open(connection, &credentials.token, now)?.ok_or(Error::Missing("page"))?;
    if link.password.is_some() {
        let pass = credentials.pass.as_ref();
        let is_known = pass.map(|pass| links::has_pass(connection, link.id, pass, now)).transpose()?;
        if is_known != Some(true) {
            return Err(Error::PasswordAsked(format!("{}/password", path(&link.token))));
        }
    }
    let site = sites::get(connection, link.site)?;
    let standing = access::standing_of_guest(&link);
    if !standing.may(capability) {
        return Err(Error::Missing("page"));
    }
    Ok(SiteContext { site, standing, link: Some(link) })
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
