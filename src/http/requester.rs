//! As whom a request is counted and queued: a known device or a signed-in person for itself, anybody else with their
//! network.

use super::client::Client;
use super::cookie;
use crate::access::requester::Requester;
use crate::app::App;
use crate::error::Result;
use crate::id::UserId;
use crate::store::devices;
use crate::store::sign_ins::SignedIn;
use crate::store::users;
use crate::{email, username};
use actix_web::HttpRequest;
use rusqlite::Connection;

/// Somebody of whom nothing is known but their address.
pub fn stranger(app: &App, request: &HttpRequest) -> Requester {
    Requester::Stranger(Client::of(request, &app.config).address)
}

/// Somebody who is signed in; whoever acts for a sub-account is themselves.
pub fn person(app: &App, request: &HttpRequest, user: &SignedIn) -> Requester {
    let person = user.parent.as_ref().map_or(user.user, |parent| parent.user);
    Requester::Person(person, Client::of(request, &app.config).address)
}

/// Whoever tries to sign in under a name, and the name that counts: a device in which its person has signed in before has
/// tries of its own, under whatever name of theirs.
pub async fn of_name(app: &App, request: &HttpRequest, name: &str) -> Result<(String, Requester)> {
    let asked = name.trim().to_owned();
    let known = device_of(app, request, move |connection| {
        let user = users::find_signing_in(connection, &asked)?;
        Ok(user.map(|user| user.id))
    });
    Ok(known.await?.unwrap_or_else(|| (spelled(name), stranger(app, request))))
}

/// The one spelling of a name or an address that was typed: no further tries by full-width letters.
pub fn spelled(name: &str) -> String {
    username::canonical(&email::canonical(name))
}

/// Whoever tries codes of somebody.
pub async fn of_user(app: &App, request: &HttpRequest, user: UserId) -> Result<(String, Requester)> {
    let known = device_of(app, request, move |_| Ok(Some(user))).await?;
    Ok(known.unwrap_or_else(|| (user.to_string(), stranger(app, request))))
}

/// The known device that a request comes from, if somebody is its person. The file is asked only where a request carries
/// the cookie of one: a flood of requests without costs nothing here.
async fn device_of(
    app: &App,
    request: &HttpRequest,
    somebody: impl FnOnce(&Connection) -> Result<Option<UserId>> + Send + 'static,
) -> Result<Option<(String, Requester)>> {
    let Some(token) = cookie::read_device(request, Client::of(request, &app.config)) else { return Ok(None) };
    let now = app.clock.now();
    app.read(move |connection| {
        let Some(user) = somebody(connection)? else { return Ok(None) };
        let is_known = devices::is_known(connection, &token, user, now)?;
        Ok(is_known.then(|| (user.to_string(), Requester::holding(&token))))
    })
    .await
}
