//! The link that sets a sub-account's password: shown to the parent, and mailed if the address may get it.

use crate::access::requester::Requester;
use crate::accounts::passwords::reset_path;
use crate::app::App;
use crate::error::Result;
use crate::http::client;
use crate::model::id::Token;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// A link that sets a password.
pub struct PasswordLink {
    pub username: String,
    pub address: String,
    pub sent: Sent,
    pub is_first: bool,
}

impl PasswordLink {
    /// Returns the link of a token; `mailbox` is the address that gets a letter with it.
    pub fn new(
        app: &Data<App>,
        request: &HttpRequest,
        username: &str,
        token: &Token,
        mailbox: Option<String>,
        is_first: bool,
    ) -> Self {
        Self {
            username: username.to_owned(),
            address: format!("{}{}", client::origin(request, &app.config), reset_path(token, "")),
            sent: match mailbox {
                _ if app.mail.letters.is_none() => Sent::NoMail,
                Some(mailbox) => Sent::To(mailbox),
                None => Sent::Unproved,
            },
            is_first,
        }
    }
}

/// The letter that carries the link, if there is one.
pub enum Sent {
    /// A letter to this address.
    To(String),
    /// No letter: the address is not confirmed.
    Unproved,
    /// No letter: this server sends no mail.
    NoMail,
}

/// Takes the tries for a letter to a sub-account: a user who adds accounts must not flood the mailboxes of
/// strangers, nor one of them by many accounts.
///
/// # Errors
///
/// Fails with `Error::Throttled` when there were too many.
pub fn allow_letter(app: &Data<App>, person: Requester, username: &str, email: &str) -> Result<()> {
    if app.mail.letters.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    app.throttles.letters.admit(email, person, now)?;
    app.throttles.resets.admit(&format!("sub-account {username}"), person, now).map(drop)
}
