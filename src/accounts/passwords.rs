//! Passwords of accounts: changing one's own, and links that set a new one.

use super::{email_confirmation, letter};
use crate::error::{Error, Result};
use crate::limits;
use crate::mail::templates::{Letters, Recipient};
use crate::model::clock::Timestamp;
use crate::model::id::{Token, UserId};
use crate::store::{outbox, password_resets, users};
use rusqlite::{Connection, Transaction};

/// Returns the path of a link that sets a password, with the secret of a mailed one.
pub fn reset_path(token: &Token, letter: &str) -> String {
    let query: String = form_urlencoded::byte_serialize(letter.as_bytes()).collect();
    let query = if query.is_empty() { query } else { format!("?letter={query}") };
    format!("/reset/{}{query}", token.expose())
}

/// Changes a user's password, which ends all their sign-ins, and writes them a letter about it.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    id: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<()> {
    let user = users::get(tx, id)?;
    users::update_password(tx, id, hash)?;
    letter::send(tx, letters, &user, now, Letters::password_changed)
}

/// Sets a user's password on the operator's word, which ends all their sign-ins.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn set_by_operator(tx: &Transaction<'_>, id: UserId, hash: &str) -> Result<()> {
    users::update_password(tx, id, hash)
}

/// Makes a link for a new password that the operator hands over.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn create_link_by_operator(
    tx: &Transaction<'_>,
    id: UserId,
    token: &Token,
    now: Timestamp,
) -> Result<()> {
    password_resets::create(tx, id, token, now)
}

/// Writes the letter with a link for a new password to the user that a name means. Unknown and disabled users get
/// none, and neither does an unconfirmed address: whatever name was typed, a link there would open an account.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn request_link(
    tx: &Transaction<'_>,
    letters: &Letters,
    name: &str,
    token: &Token,
    now: Timestamp,
) -> Result<()> {
    let user = users::find_meant(tx, name)?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none() && user.has_proved_email()) else {
        return Ok(());
    };
    if password_resets::are_enough(tx, user.id, now)? {
        return Ok(());
    }
    password_resets::create(tx, user.id, token, now)?;
    let recipient = Recipient { user: Some(user.id), name: &user.username, address: &user.email };
    let letter = letters.reset(recipient, &reset_path(token, ""));
    outbox::create_until(tx, &letter, now, now.after(limits::RESET_LASTS))
}

/// Checks that a link for a new password is valid.
///
/// # Errors
///
/// Fails with `Error::Missing` when it is not, and when the data file cannot be read.
pub fn check_link(connection: &Connection, token: &Token, now: Timestamp) -> Result<()> {
    let user = password_resets::find(connection, token, now)?;
    user.map(drop).ok_or(Error::Missing("link: it was used, or is older than an hour"))
}

/// Sets a new password by a link. `mailed` is the secret that only a mailed link has: it confirms the address.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link was used by now, and when the data file cannot be written.
pub fn set_by_link(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    token: &Token,
    mailed: &Token,
    hash: &str,
    now: Timestamp,
) -> Result<()> {
    // Checked again: of two requests at once, the second finds the link used.
    let id = password_resets::find(tx, token, now)?.ok_or(Error::Missing("link: it was used already"))?;
    let user = users::get(tx, id)?;
    users::update_password(tx, id, hash)?;
    email_confirmation::prove_by_letter(tx, mailed, id, now)?;
    letter::send(tx, letters, &user, now, Letters::password_changed)
}
