//! The actor of a request for the audit log, with the client's address.

use super::client::Client;
use crate::access::audit::Actor;
use crate::app::App;
use crate::store::sign_ins::SignedIn;
use actix_web::HttpRequest;

/// Returns the actor of a request for the audit log.
pub fn request_actor(app: &App, request: &HttpRequest, user: &SignedIn) -> Actor {
    let (actor, acting_for) = match &user.parent {
        Some(parent) => (&parent.username, Some(user.username.clone())),
        None => (&user.username, None),
    };
    let address = Client::from_request(request, &app.config).address.to_string();
    Actor { user: Some(actor.clone()), acting_for, address: Some(address), at: app.clock.now() }
}

/// Returns the actor for a user without a sign-in: one whose account this request creates, or whose password it has.
pub fn named_actor(app: &App, request: &HttpRequest, username: &str) -> Actor {
    let address = Client::from_request(request, &app.config).address.to_string();
    Actor { user: Some(username.to_owned()), acting_for: None, address: Some(address), at: app.clock.now() }
}
