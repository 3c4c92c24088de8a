//! The confirmation of an e-mail address: by a link in a letter, or on the operator's word. Until then the address cannot
//! be used to sign in.

use crate::error::{Error, Result};
use crate::limits;
use crate::mail::templates::{Letters, Recipient};
use crate::model::clock::Timestamp;
use crate::model::email;
use crate::model::id::{Token, UserId};
use crate::store::email_confirmations::{self, Proof};
use crate::store::emails::{self, EmailState};
use crate::store::outbox;
use crate::store::users::{self, User};
use rusqlite::{Connection, Transaction};

const GONE: Error = Error::Missing(
    "link: it was used, is older than three days, or the address was changed or confirmed by another account since",
);

/// The state of an unconfirmed address.
pub struct UnconfirmedEmail {
    /// True if a letter with a link can be requested.
    pub may_send_link: bool,
    /// True if this server sends mail.
    pub sends_mail: bool,
}

impl UnconfirmedEmail {
    /// Returns the state of a user's address; `None` if it is confirmed.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn find(
        connection: &Connection,
        user: &User,
        sends_mail: bool,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        if user.has_proved_email() {
            return Ok(None);
        }
        let may_send_link = sends_mail && may_write(connection, user, now)?;
        Ok(Some(Self { may_send_link, sends_mail }))
    }
}

/// Returns true if a further link may go to a user's address: not while enough of them are valid, so that nobody fills
/// a stranger's mailbox, even with many accounts.
fn may_write(connection: &Connection, user: &User, now: Timestamp) -> Result<bool> {
    let may_be_proved = matches!(user.email_state, EmailState::Unproved | EmailState::Grandfathered);
    Ok(may_be_proved
        && email_confirmations::count(connection, user.id, now)? < limits::PROOFS_PER_USER_MAX
        && email_confirmations::count_to(connection, &user.email, now)? < limits::PROOFS_PER_MAILBOX_MAX)
}

/// Writes the letter with the link. Returns false, and writes nothing, if the server sends no mail, the address may
/// not be confirmed, or its mailbox has enough valid links.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn send_link(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    id: UserId,
    token: &Token,
    now: Timestamp,
) -> Result<bool> {
    let user = users::get(tx, id)?;
    let Some(letters) = letters else { return Ok(false) };
    if !create_link(tx, &user, token, now)? {
        return Ok(false);
    }
    let path = format!("/confirm/{}", token.expose());
    outbox::create(
        tx,
        &letters.prove_email(
            Recipient { user: Some(user.id), name: &user.username, address: &user.email },
            &path,
        ),
        now,
    )?;
    Ok(true)
}

/// Stores a link that confirms a user's address, for a letter; returns false if no further link may go there.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn create_link(tx: &Transaction<'_>, user: &User, token: &Token, now: Timestamp) -> Result<bool> {
    let may_write = may_write(tx, user, now)?;
    if may_write {
        email_confirmations::create(
            tx,
            &Proof { user: Some(user.id), email: user.email.clone() },
            token,
            now,
        )?;
    }
    Ok(may_write)
}

/// Returns true if a link came in the letter of an invitation to this address, and deletes the link.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn came_by_letter(tx: &Transaction<'_>, link: &Token, email: &str, now: Timestamp) -> Result<bool> {
    let proof = email_confirmations::find(tx, link, now)?;
    let is_right =
        proof.is_some_and(|proof| proof.user.is_none() && email::key(&proof.email) == email::key(email));
    if is_right {
        email_confirmations::delete(tx, link)?;
    }
    Ok(is_right)
}

/// Confirms a user's address by a link that came in a letter to them, and deletes the link; other links are ignored.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn prove_by_letter(tx: &Transaction<'_>, link: &Token, id: UserId, now: Timestamp) -> Result<()> {
    match owner(tx, link, now) {
        Ok(user) if user.id == id => {
            email_confirmations::delete(tx, link)?;
            emails::prove(tx, id)
        }
        Ok(_) | Err(Error::Missing(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Returns the user whose address a link confirms, if it is still their address.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be read.
pub fn owner(connection: &Connection, link: &Token, now: Timestamp) -> Result<User> {
    let proof = email_confirmations::find(connection, link, now)?.ok_or(GONE)?;
    let user = users::get(connection, proof.user.ok_or(GONE)?)?;
    let is_theirs =
        email::key(&user.email) == email::key(&proof.email) && user.email_state != EmailState::Taken;
    if is_theirs { Ok(user) } else { Err(GONE) }
}

/// Confirms the address of a link, and returns its user.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be written.
pub fn confirm(tx: &Transaction<'_>, link: &Token, now: Timestamp) -> Result<User> {
    let user = owner(tx, link, now)?;
    emails::prove(tx, user.id)?;
    email_confirmations::delete(tx, link)?;
    Ok(user)
}

/// Confirms a user's e-mail address on the operator's word. Returns the names of the accounts that lose it as a name.
///
/// # Errors
///
/// Fails with `Error::Setup` when another account has confirmed the address, and when the data file cannot be written.
pub fn confirm_by_operator(tx: &Transaction<'_>, user: &User) -> Result<Vec<String>> {
    if user.email_state == EmailState::Taken {
        let holder = users::find_meant(tx, &user.email)?.map(|holder| holder.username).unwrap_or_default();
        return Err(Error::Setup(format!(
            "{} is the confirmed address of {holder}; nothing was changed. To give it to {}, let {holder} enter \
             another address under Your account → Profile first, or remove {holder}.",
            user.email, user.username
        )));
    }
    take(tx, user.id, &user.email)
}

/// Confirms an address that no other account has confirmed, and returns the names of the accounts that lose it as a name.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn take(tx: &Transaction<'_>, user: UserId, email: &str) -> Result<Vec<String>> {
    let others = emails::list_claimants(tx, email)?.into_iter().filter(|(other, _)| *other != user);
    emails::prove(tx, user)?;
    Ok(others.map(|(_, name)| name).collect())
}
