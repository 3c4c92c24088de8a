//! The cookies of sign-ins, known devices and guest links: random tokens for this host alone, hidden from
//! scripts.

use super::client::Client;
use crate::limits;
use crate::model::id::Token;
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// Returns the name of the session cookie. Under HTTPS the prefix `__Host-` makes browsers bind it to this
/// host.
fn name(client: Client) -> &'static str {
    if client.is_https { "__Host-session" } else { "session" }
}

/// Returns the session token of a request.
pub fn read(request: &HttpRequest, client: Client) -> Option<Token> {
    request.cookie(name(client)).map(|cookie| Token::known(cookie.value()))
}

/// Returns the cookie of a new sign-in.
pub fn signed_in(client: Client, token: &Token) -> Cookie<'static> {
    let seconds = i64::try_from(limits::SIGN_IN_IDLE.as_secs()).unwrap_or(i64::MAX);
    build(client, name(client), token.expose().to_owned(), Duration::seconds(seconds))
}

/// Returns the cookie that ends a sign-in.
pub fn signed_out(client: Client) -> Cookie<'static> {
    build(client, name(client), String::new(), Duration::ZERO)
}

/// Returns the name of a known device's cookie.
fn device_name(client: Client) -> &'static str {
    if client.is_https { "__Host-device" } else { "device" }
}

/// Returns the token of a known device from a request.
pub fn read_device(request: &HttpRequest, client: Client) -> Option<Token> {
    request.cookie(device_name(client)).map(|cookie| Token::known(cookie.value()))
}

/// Returns the cookie of a known device, which remains when its user signs out.
pub fn device(client: Client, token: &Token) -> Cookie<'static> {
    let seconds = i64::try_from(limits::DEVICE_LASTS.as_secs()).unwrap_or(i64::MAX);
    build(client, device_name(client), token.expose().to_owned(), Duration::seconds(seconds))
}

/// Returns the name of a guest link's cookie.
fn guest_name(client: Client) -> &'static str {
    if client.is_https { "__Secure-guest" } else { "guest" }
}

/// Returns the token that a browser received for a guest link's password.
pub fn read_guest(request: &HttpRequest, client: Client) -> Option<Token> {
    request.cookie(guest_name(client)).map(|cookie| Token::known(cookie.value()))
}

/// Returns the cookie of a guest link's password as header text, restricted to that link's pages. In a frame on
/// another site's page, browsers store it only if it is partitioned and under HTTPS.
pub fn guest(client: Client, path: &str, pass: &Token, is_embedded: bool) -> String {
    let (name, seconds) = (guest_name(client), limits::LINK_PASS_LASTS.as_secs());
    let reach = match (client.is_https, is_embedded) {
        (true, true) => "SameSite=None; Secure; Partitioned",
        (true, false) => "SameSite=Lax; Secure",
        (false, _) => "SameSite=Lax",
    };
    format!("{name}={}; Path={path}; Max-Age={seconds}; HttpOnly; {reach}", pass.expose())
}

fn build(client: Client, name: &'static str, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(client.is_https)
        .max_age(age)
        .finish()
}
