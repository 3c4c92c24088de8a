//! Changes to sub-accounts, recorded in the audit logs of all sites that such an account can open, because its
//! parent can open them too.

use super::audit::{Actor, AuditAction};
use crate::error::Result;
use crate::model::id::{Token, UserId};
use crate::store::sub_accounts;
use crate::store::users::{self, User};
use crate::store::{password_resets, shares, sites};
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

/// Stores a token for a new password of a sub-account. The parent sees the link and could use it to take the
/// account over, so the act is recorded where the sub-account's user can see it.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn reset(transaction: &Transaction<'_>, hand: &Actor, child: &User, token: &Token) -> Result<()> {
    password_resets::create(transaction, child.id, token, hand.at)?;
    tell(transaction, hand, child, AuditAction::ResetAccount, "")?;
    hand.note_account(transaction, child.id, AuditAction::ResetAccount)
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
