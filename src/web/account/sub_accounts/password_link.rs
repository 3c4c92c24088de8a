//! The link that sets a sub-account's password: shown to the parent, and mailed if the address may get it.

use crate::access::requester::Requester;
use crate::app::App;
use crate::error::Result;
use crate::http::client;
use crate::model::clock::Timestamp;
use crate::model::id::Token;
use crate::store::users::User;
use crate::web::account::email_confirmation;
use crate::web::sign_in::password_reset::reset_path;
use actix_web::HttpRequest;
use actix_web::web::Data;
use rusqlite::Transaction;

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

/// Returns the path of the mailed link, which also proves the address if that is not proved yet.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn mailed_path(
    tx: &Transaction<'_>,
    child: &User,
    token: &Token,
    proof: &Token,
    now: Timestamp,
) -> Result<String> {
    let is_kept = email_confirmation::keep_link(tx, child, proof, now)?;
    Ok(reset_path(token, if is_kept { proof.expose() } else { "" }))
}

/// Returns the address for a letter that gives access to the account: one that is proved, or one that its
/// parent gave, until the first sign-in.
pub fn mailbox(child: &User) -> Option<String> {
    let is_right = child.has_proved_email() || (child.signed_in_at.is_none() && child.mailbox().is_some());
    is_right.then(|| child.email.clone())
}
