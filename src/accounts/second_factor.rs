//! The second factor of an account: turning it on and off, new recovery codes, and using up a code.

use super::letter;
use super::second_factor_codes::{hash, step_of};
use super::sign_ins::sign_out_elsewhere;
use crate::error::{Error, Result};
use crate::mail::templates::Letters;
use crate::model::clock::Timestamp;
use crate::model::id::{Token, UserId};
use crate::store::recovery_codes;
use crate::store::users::{self, SecondFactor};
use rusqlite::Transaction;

/// The browser that turns a second factor on.
pub struct ThisBrowser {
    /// The session.
    pub session: Token,
    /// The known device, if it is one.
    pub device: Option<Token>,
}

/// Turns the second factor on, signs out all other sessions and forgets all other devices: they had the password
/// alone. `codes` are the hashes of the recovery codes.
///
/// # Errors
///
/// Fails with `Error::Invalid` when it is on already, and when the data file cannot be written.
pub fn turn_on(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    id: UserId,
    factor: &SecondFactor,
    codes: &[[u8; 32]],
    browser: &ThisBrowser,
    now: Timestamp,
) -> Result<()> {
    if users::second_factor(tx, id)?.is_some() {
        return Err(Error::invalid("code", "It is on already. Turn it off first."));
    }
    users::update_second_factor(tx, id, Some(factor))?;
    recovery_codes::replace(tx, id, codes)?;
    sign_out_elsewhere(tx, id, &browser.session, browser.device.as_ref())?;
    let user = users::get(tx, id)?;
    letter::send(tx, letters, &user, now, |letters, to| letters.second_factor_changed(to, true))
}

/// Turns the second factor off, with a code. Returns false, and changes nothing, if the code is wrong.
///
/// # Errors
///
/// Fails with `Error::Missing` when it is off, and when the data file cannot be written.
pub fn turn_off(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    id: UserId,
    code: &str,
    now: Timestamp,
) -> Result<bool> {
    let is_right = consume_present(tx, id, code, now)?;
    if is_right {
        remove(tx, id)?;
        let user = users::get(tx, id)?;
        letter::send(tx, letters, &user, now, |letters, to| letters.second_factor_changed(to, false))?;
    }
    Ok(is_right)
}

/// Replaces the recovery codes by those with these hashes, with a code. Returns false, and changes nothing, if the code
/// is wrong.
///
/// # Errors
///
/// Fails with `Error::Missing` when the second factor is off, and when the data file cannot be written.
pub fn renew_recovery_codes(
    tx: &Transaction<'_>,
    id: UserId,
    code: &str,
    codes: &[[u8; 32]],
    now: Timestamp,
) -> Result<bool> {
    let is_right = consume_present(tx, id, code, now)?;
    if is_right {
        recovery_codes::replace(tx, id, codes)?;
    }
    Ok(is_right)
}

/// Removes the second factor without a code, as the operator may.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, id: UserId) -> Result<()> {
    users::update_second_factor(tx, id, None)?;
    recovery_codes::replace(tx, id, &[])
}

fn consume_present(tx: &Transaction<'_>, id: UserId, code: &str, now: Timestamp) -> Result<bool> {
    if users::second_factor(tx, id)?.is_none() {
        return Err(Error::Missing("second factor"));
    }
    consume(tx, id, code, now)
}

/// Uses up a code of the app or a recovery code. Returns false if it is wrong or was used before.
///
/// # Errors
///
/// Fails when the data file cannot be read or written, and with `Error::Internal` when the stored secret is not
/// valid.
fn consume(tx: &Transaction<'_>, user: UserId, code: &str, now: Timestamp) -> Result<bool> {
    let Some(factor) = users::second_factor(tx, user)? else { return Ok(false) };
    match step_of(&factor.secret, code, now)? {
        Some(step) if factor.step.is_none_or(|used| step > used) => {
            users::update_second_factor(tx, user, Some(&SecondFactor { step: Some(step), ..factor }))?;
            Ok(true)
        }
        Some(_) => Ok(false),
        None => recovery_codes::consume(tx, user, &hash(code)),
    }
}

/// Uses up the code of a sign-in that began with a password of this hash. Returns false if the code is wrong; `None` if
/// the sign-in is over: the user was disabled, or has a new password.
///
/// # Errors
///
/// Fails as [`turn_off`] does.
pub fn sign_in(
    tx: &Transaction<'_>,
    id: UserId,
    password: &str,
    code: &str,
    now: Timestamp,
) -> Result<Option<bool>> {
    if users::get(tx, id)?.disabled_at.is_some() || users::password(tx, id)? != password {
        return Ok(None);
    }
    consume(tx, id, code, now).map(Some)
}

/// Writes a user the letter about many wrong codes in a row: whoever typed them knows the password.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn warn_of_wrong_codes(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    id: UserId,
    now: Timestamp,
) -> Result<()> {
    letter::send(tx, letters, &users::get(tx, id)?, now, Letters::wrong_codes)
}
