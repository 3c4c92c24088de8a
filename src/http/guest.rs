//! Whoever opens a guest link: what their request carries, what it opens, and whose pages may hold the answer in a
//! frame. A person's session is never read here.

use super::client::Client;
use super::cookie;
use super::entry::Ground;
use crate::access;
use crate::access::capability::Capability;
use crate::app::App;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::Token;
use crate::store::links::{self, Link};
use crate::store::sites;
use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;
use rusqlite::Connection;

/// What every guest link's path begins with.
pub const PREFIX: &str = "/s/";

/// The path of a guest link.
pub fn path(token: &Token) -> String {
    format!("{PREFIX}{}", token.expose())
}

/// Whether a request is one for a guest link: by its route, however its path is written; where there is none, by its
/// path as it is read.
pub fn is_below(request: &HttpRequest) -> bool {
    match request.match_pattern() {
        Some(pattern) => pattern.starts_with(PREFIX),
        None => percent_decode_str(request.path()).decode_utf8_lossy().starts_with(PREFIX),
    }
}

/// What a guest's request carries.
#[derive(Clone)]
pub struct Ticket {
    token: Token,
    pass: Option<Token>,
}

impl Ticket {
    /// Of a request below a guest link's path; none elsewhere.
    pub fn of(app: &App, request: &HttpRequest) -> Option<Self> {
        if !is_below(request) {
            return None;
        }
        let token = Token::known(request.match_info().get("token")?);
        let pass = cookie::read_guest(request, Client::of(request, &app.config));
        Some(Self { token, pass })
    }
}

/// What a guest link opens; asked again by every event of a live stream. A link that is wrong, disabled, removed or has
/// run out is answered the same, and so is what it does not show.
pub fn admit(
    connection: &Connection,
    (ticket, now): (&Ticket, Timestamp),
    capability: Capability,
) -> Result<Ground> {
    let link = links::find_open(connection, &ticket.token, now)?.ok_or(Error::Missing("page"))?;
    if link.password.is_some() {
        let pass = ticket.pass.as_ref();
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
    Ok(Ground { site, standing, link: Some(link) })
}

/// Whose pages may hold an answer in a frame.
#[derive(Clone, Debug)]
pub struct Framing(pub Vec<String>);

impl Framing {
    /// As a guest link says.
    pub fn of(link: &Link) -> Self {
        Self(link.embed_origins.clone())
    }
}
