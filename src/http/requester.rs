//! The requester under which a request is counted and queued: a known device or a signed-in user by itself,
//! anyone else by network.

use super::client::Client;
use super::cookie;
use crate::access::requester::Requester;
use crate::app::App;
use crate::error::Result;
use crate::model::id::UserId;
use crate::model::{email, username};
use crate::store::devices;
use crate::store::sign_ins::SignedIn;
use crate::store::users;
use actix_web::HttpRequest;
use rusqlite::Connection;

/// Returns the sender of a request as a stranger, of whom only the IP address is known.
pub fn stranger(app: &App, request: &HttpRequest) -> Requester {
    Requester::Stranger(Client::from_request(request, &app.config).address)
}

/// Returns the requester of a signed-in user; a user who acts for a sub-account counts as themselves.
pub fn person(app: &App, request: &HttpRequest, user: &SignedIn) -> Requester {
    let person = user.parent.as_ref().map_or(user.user, |parent| parent.user);
    Requester::Person(person, Client::from_request(request, &app.config).address)
}

/// Returns the name and the requester under which a try to sign in counts: a known device has tries of its own,
/// under whichever name of its user.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn for_name(app: &App, request: &HttpRequest, name: &str) -> Result<(String, Requester)> {
    let name_or_email = name.trim().to_owned();
    let device = device_of(app, request, move |connection| {
        let user = users::find_signing_in(connection, &name_or_email)?;
        Ok(user.map(|user| user.id))
    });
    Ok(device.await?.unwrap_or_else(|| (spelled(name), stranger(app, request))))
}

/// Returns the one spelling of a typed name or e-mail address: full-width letters give no further tries.
pub fn spelled(name: &str) -> String {
    username::canonical(&email::canonical(name))
}

/// Returns the name and the requester under which a try at a user's codes counts.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn for_user(app: &App, request: &HttpRequest, user: UserId) -> Result<(String, Requester)> {
    let device = device_of(app, request, move |_| Ok(Some(user))).await?;
    Ok(device.unwrap_or_else(|| (user.to_string(), stranger(app, request))))
}

/// Finds the known device of a request, if it is one of the user that `owner` finds. The file is read only for a request with
/// a device's cookie: a flood of requests without one costs nothing here.
async fn device_of(
    app: &App,
    request: &HttpRequest,
    owner: impl FnOnce(&Connection) -> Result<Option<UserId>> + Send + 'static,
) -> Result<Option<(String, Requester)>> {
    let Some(token) = cookie::read_device(request, Client::from_request(request, &app.config)) else {
        return Ok(None);
    };
    let now = app.clock.now();
    app.read(move |connection| {
        let Some(user) = owner(connection)? else { return Ok(None) };
        let is_known = devices::is_known(connection, &token, user, now)?;
        Ok(is_known.then(|| (user.to_string(), Requester::holding(&token))))
    })
    .await
}
