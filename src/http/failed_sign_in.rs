//! The log of failed sign-ins, one line each, by which programs such as fail2ban block attackers. It names the
//! address, never the input: users type passwords into the field of the name.

use super::client::Client;
use crate::app::App;
use crate::error::Error;
use crate::log;
use crate::model::address::wide_network;
use crate::model::id::SiteId;
use actix_web::HttpRequest;
use std::net::IpAddr;
use strum::IntoStaticStr;

/// The credential that was wrong.
#[derive(Clone, Copy, Debug, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum WrongCredential {
    /// The name or the password.
    Password,
    /// The code of the second factor.
    Code,
    /// The password of a guest link.
    LinkPassword,
}

impl WrongCredential {
    fn name(self) -> &'static str {
        self.into()
    }
}

/// Logs a wrong try. The lines are limited by the throttle of tries for each address and network.
pub fn note(app: &App, request: &HttpRequest, cause: WrongCredential) {
    let address = Client::from_request(request, &app.config).address;
    tracing::warn!(%address, cause = cause.name(), "sign-in failed");
}

/// Logs a throttled try, once a minute for each address; other errors are not logged.
pub fn note_refused(app: &App, request: &HttpRequest, cause: WrongCredential, error: &Error) {
    if !matches!(error, Error::Throttled(_)) {
        return;
    }
    let address = Client::from_request(request, &app.config).address;
    if let Some(left_out) = log::due("failed sign-in", &address.to_string()) {
        tracing::warn!(%address, cause = cause.name(), left_out, "sign-in failed");
    }
}

/// Logs a wrong site key, once a minute for each network. It is no failed sign-in: a program that was not told of a new key
/// goes on asking with its old one.
pub fn note_site_key(site: SiteId, address: IpAddr) {
    if let Some(left_out) = log::due("site key", &wide_network(address).to_string()) {
        tracing::warn!(site = site.0, %address, left_out, "a site key was wrong");
    }
}

/// Logs a wrong token, once a minute for each network: a program whose token was removed goes on asking with it.
pub fn note_token(address: IpAddr) {
    if let Some(left_out) = log::due("token", &wide_network(address).to_string()) {
        tracing::warn!(%address, left_out, "a token was wrong");
    }
}
