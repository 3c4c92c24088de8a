//! Letters about an account to its user.

use crate::error::Result;
use crate::mail::templates::{Letters, Recipient};
use crate::model::clock::Timestamp;
use crate::store::outbox::{self, Letter};
use crate::store::users::User;
use rusqlite::Transaction;

/// Puts a letter to a user into the outbox; none if the server sends no mail, or another account has confirmed the
/// user's address.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn send(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    user: &User,
    now: Timestamp,
    write: impl FnOnce(&Letters, Recipient<'_>) -> Letter,
) -> Result<()> {
    let Some((letters, address)) = letters.zip(user.mailbox()) else { return Ok(()) };
    outbox::create(tx, &write(letters, Recipient { user: Some(user.id), name: &user.username, address }), now)
}
