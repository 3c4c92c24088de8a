//! Sign-ins of an account and the known devices beside them.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{Token, UserId};
use crate::store::devices;
use crate::store::sign_ins::{self, Browser};
use rusqlite::Transaction;

/// The tokens of a browser: the session and the known device.
pub struct BrowserTokens<S> {
    /// The token of the session.
    pub session: S,
    /// The token of the known device.
    pub device: S,
}

/// Signs a user in: starts a session, ends the browser's old one, and makes the browser a known device.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn sign_in(
    tx: &Transaction<'_>,
    user: UserId,
    browser: &Browser<'_>,
    old: &BrowserTokens<Option<Token>>,
    new: &BrowserTokens<Token>,
    now: Timestamp,
) -> Result<()> {
    if let Some(session) = &old.session {
        sign_ins::delete(tx, session)?;
    }
    sign_ins::create(tx, user, &new.session, browser, now)?;
    devices::remember(tx, user, old.device.as_ref(), &new.device, browser, now)
}

/// Ends every sign-in of a user, and forgets every known device.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn sign_out_everywhere(tx: &Transaction<'_>, user: UserId) -> Result<()> {
    devices::delete_all(tx, user)?;
    sign_ins::delete_all(tx, user)
}

/// Ends every sign-in of a user but one session, and forgets every known device but one.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn sign_out_elsewhere(
    tx: &Transaction<'_>,
    user: UserId,
    session: &Token,
    device: Option<&Token>,
) -> Result<()> {
    devices::delete_others(tx, user, device)?;
    sign_ins::delete_others(tx, user, session)
}

/// Ends a session.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn sign_out(tx: &Transaction<'_>, session: &Token) -> Result<()> {
    sign_ins::delete(tx, session)
}

/// Ends one sign-in of a user, by the hash of its token; one that has ended meanwhile needs no error.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn end_sign_in(tx: &Transaction<'_>, user: UserId, hash: &[u8; 32]) -> Result<()> {
    sign_ins::delete_one(tx, user, hash)
}

/// Forgets one known device of a user, by the hash of its token.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn forget_device(tx: &Transaction<'_>, user: UserId, hash: &[u8; 32]) -> Result<()> {
    devices::delete_one(tx, user, hash)
}

/// Forgets every known device of a user.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn forget_devices(tx: &Transaction<'_>, user: UserId) -> Result<()> {
    devices::delete_all(tx, user)
}
