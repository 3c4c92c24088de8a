//! The change of a user's name and e-mail address.

use super::account_form::Profile;
use super::{email_confirmation, letter};
use crate::error::Result;
use crate::mail::templates::Letters;
use crate::model::clock::Timestamp;
use crate::model::email;
use crate::model::id::{Token, UserId};
use crate::store::users;
use rusqlite::Transaction;

/// Changes a user's name and address. A letter to the old address says so; one to the new address has a link that
/// confirms it, with this token.
///
/// # Errors
///
/// Fails with `Error::Invalid` when name or address are taken, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    id: UserId,
    profile: &Profile,
    token: &Token,
    now: Timestamp,
) -> Result<()> {
    let before = users::get(tx, id)?;
    users::update_profile(tx, id, &profile.username, &profile.email)?;
    if email::key(&before.email) == email::key(&profile.email) {
        return Ok(());
    }
    letter::send(tx, letters, &before, now, Letters::email_changed)?;
    email_confirmation::send_link(tx, letters, id, token, now).map(drop)
}
