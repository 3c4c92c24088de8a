//! Changes to sub-accounts, recorded in the audit logs of all sites that such an account can open, because its
//! parent can open them too.

use super::account_form::Profile;
use super::billing::plan;
use super::email_confirmation;
use super::passwords::reset_path;
use crate::access::audit::{Actor, AuditAction};
use crate::access::password;
use crate::error::{Error, Result};
use crate::mail::templates::{Letters, Recipient};
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, Token, UserId};
use crate::store::users::{self, NewUser, User};
use crate::store::{outbox, password_resets, shares, sign_ins, sites, sub_accounts};
use rusqlite::Transaction;

/// Makes an account a sub-account of another one.
///
/// # Errors
///
/// Fails with `Error::Invalid` when either account may not take its role (see
/// [`crate::store::sub_accounts::adopt`]), with `Error::Missing` when one does not exist, and when the data
/// file cannot be written.
pub fn adopt(transaction: &Transaction<'_>, hand: &Actor, parent: UserId, child: UserId) -> Result<()> {
    sub_accounts::adopt(transaction, parent, child)?;
    let about = format!("{} manages it", users::get(transaction, parent)?.username);
    tell(transaction, hand, &users::get(transaction, child)?, AuditAction::AdoptAccount, &about)
}

/// Makes a sub-account independent.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the account is no sub-account, and when the data file cannot be written.
pub fn release(transaction: &Transaction<'_>, hand: &Actor, child: UserId) -> Result<()> {
    let parent = users::parent(transaction, child)?;
    sub_accounts::release(transaction, child)?;
    let about = parent.map(|parent| format!("{} manages it no more", parent.username)).unwrap_or_default();
    tell(transaction, hand, &users::get(transaction, child)?, AuditAction::ReleaseAccount, &about)
}

/// A new sub-account.
pub struct NewSubAccount {
    /// The account that manages it.
    pub parent: UserId,
    /// The name and e-mail address.
    pub profile: Profile,
    /// The most sites that it may own; `None` for any number.
    pub sites_max: Option<i64>,
}

/// The tokens of a link that sets a sub-account's password.
#[derive(Clone)]
pub struct PasswordLinkTokens {
    /// The token of the link, which the parent sees too.
    pub link: Token,
    /// The token that only the letter carries: the account's user shows by it that the address is theirs.
    pub proof: Token,
}

/// Creates a sub-account without a password, and the link that sets one, which also goes there in a letter.
///
/// # Errors
///
/// Fails with `Error::Invalid` when name or address are taken or the parent may have no more sub-accounts, and when the
/// data file cannot be written.
pub fn create(
    tx: &Transaction<'_>,
    hand: &Actor,
    letters: Option<&Letters>,
    new: &NewSubAccount,
    tokens: &PasswordLinkTokens,
) -> Result<()> {
    let Profile { username, email } = &new.profile;
    let password = password::nobodys_hash();
    let child = users::create(tx, &NewUser { username, email, password: &password, created_at: hand.at })?;
    adopt(tx, hand, new.parent, child)?;
    plan::allow_sites(tx, child, new.sites_max)?;
    password_resets::create(tx, child, &tokens.link, hand.at)?;
    let Some(letters) = letters else { return Ok(()) };
    let path = mailed_path(tx, &users::get(tx, child)?, tokens, hand.at)?;
    let parent = users::get(tx, new.parent)?;
    let letter = letters.sub_account(
        Recipient { user: Some(child), name: username, address: email },
        &parent.username,
        &path,
    );
    outbox::create(tx, &letter, hand.at)
}

/// Makes a link for a new password of a sub-account; the old password holds until the link is used. The parent sees the
/// link and could use it to take the account over, so the act is recorded where the sub-account's user can see it.
///
/// # Errors
///
/// Fails with `Error::Missing` when it is no sub-account of the parent, with `Error::Invalid` when it is disabled, and
/// when the data file cannot be written.
pub fn reset(
    tx: &Transaction<'_>,
    hand: &Actor,
    letters: Option<&Letters>,
    parent: UserId,
    child: UserId,
    tokens: &PasswordLinkTokens,
) -> Result<User> {
    let child = sub_accounts::get(tx, parent, child)?;
    if child.disabled_at.is_some() {
        return Err(Error::invalid("username", "Enable the account first."));
    }
    password_resets::create(tx, child.id, &tokens.link, hand.at)?;
    tell(tx, hand, &child, AuditAction::ResetAccount, "")?;
    hand.note_account(tx, child.id, AuditAction::ResetAccount)?;
    if let Some((letters, mailbox)) = letters.zip(mailbox(&child)) {
        let path = mailed_path(tx, &child, tokens, hand.at)?;
        let recipient = Recipient { user: Some(child.id), name: &child.username, address: &mailbox };
        let letter = letters.reset_by_parent(recipient, &users::get(tx, parent)?.username, &path);
        outbox::create(tx, &letter, hand.at)?;
    }
    Ok(child)
}

/// Returns the path of the mailed link, which also proves the address if that is not proved yet.
fn mailed_path(
    tx: &Transaction<'_>,
    child: &User,
    tokens: &PasswordLinkTokens,
    now: Timestamp,
) -> Result<String> {
    let is_kept = email_confirmation::create_link(tx, child, &tokens.proof, now)?;
    Ok(reset_path(&tokens.link, if is_kept { tokens.proof.expose() } else { "" }))
}

/// Returns the address for a letter that gives access to the account: one that is proved, or one that its
/// parent gave, until the first sign-in.
pub fn mailbox(child: &User) -> Option<String> {
    let is_right = child.has_proved_email() || (child.signed_in_at.is_none() && child.mailbox().is_some());
    is_right.then(|| child.email.clone())
}

/// Begins to act for a sub-account. Returns the site, if the sub-account owns it.
///
/// # Errors
///
/// Fails with `Error::Missing` when it is no sub-account of the parent, and when the data file cannot be written.
pub fn begin_acting(
    tx: &Transaction<'_>,
    session: &Token,
    parent: UserId,
    child: UserId,
    site: Option<SiteId>,
) -> Result<Option<SiteId>> {
    sub_accounts::get(tx, parent, child)?;
    sign_ins::update_acting_for(tx, session, Some(child))?;
    let own = sites::list_of(tx, child)?;
    Ok(own.into_iter().map(|site| site.id).find(|own| Some(*own) == site))
}

/// Stops acting for a sub-account.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn end_acting(tx: &Transaction<'_>, session: &Token) -> Result<()> {
    sign_ins::update_acting_for(tx, session, None)
}

/// Writes an act to the log of every site that an account owns or that is shared with it, under the name known
/// there.
fn tell(
    transaction: &Transaction<'_>,
    hand: &Actor,
    child: &User,
    act: AuditAction,
    about: &str,
) -> Result<()> {
    let note = |site, name: &str| {
        let about = if about.is_empty() { name.to_owned() } else { format!("{name}: {about}") };
        // An act of a signed-in user is recorded under both names; a command has no user name.
        let acting_for = hand.user.as_ref().map(|_| name.to_owned());
        Actor { acting_for, ..hand.clone() }.record(transaction, site, act, &about)
    };
    for site in sites::list_of(transaction, child.id)? {
        note(site.id, &child.username)?;
    }
    for (site, _) in sites::list_shared(transaction, child.id)? {
        note(site.id, shares::get(transaction, site.id, child.id)?.called())?;
    }
    Ok(())
}
