//! The session of a request: its credentials, and the user who is signed in with them.

use super::client::{Client, header_text};
use super::cookie;
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::id::Token;
use crate::store::sign_ins::{self, SignedIn};
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The credentials of a request, not yet checked.
pub struct Credentials {
    /// The program's state.
    pub app: Data<App>,
    /// The session token of the request.
    pub token: Token,
}

impl Credentials {
    /// Returns the credentials of a request.
    ///
    /// # Errors
    ///
    /// Fails with `Error::SignedOut` when the request has no session cookie.
    pub fn from_request(request: &HttpRequest) -> Result<Self> {
        let app = app(request)?;
        let client = Client::from_request(request, &app.config);
        let token = cookie::read(request, client).ok_or_else(|| signed_out(request))?;
        Ok(Self { app, token })
    }
}

/// Returns the error for a signed-out caller, with the address to return to after signing in.
pub fn signed_out(request: &HttpRequest) -> Error {
    let is_page = request.method().is_safe();
    Error::SignedOut(if is_page { request.uri().to_string() } else { String::new() })
}

/// Returns the program's state.
///
/// # Errors
///
/// Fails with `Error::Internal` when the route was registered without it.
pub fn app(request: &HttpRequest) -> Result<Data<App>> {
    let app = request.app_data::<Data<App>>().cloned();
    app.ok_or_else(|| Error::Internal("a route was registered without the program".into()))
}

/// Returns the signed-in user on a public page, if there is one.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn signed_in(request: &HttpRequest) -> Result<Option<SignedIn>> {
    let Ok(Credentials { app, token }) = Credentials::from_request(request) else { return Ok(None) };
    let now = app.clock.now();
    app.read(move |connection| sign_ins::find(connection, &token, now)).await
}

/// Returns the `User-Agent` of a request for the list of sign-ins, cut off at `AGENT_BYTES_MAX` bytes.
pub fn browser_text(request: &HttpRequest) -> String {
    let agent = header_text(request, "user-agent");
    agent[..agent.floor_char_boundary(limits::AGENT_BYTES_MAX)].to_owned()
}
