//! Removal of an account, recorded in the audit logs of the sites concerned.

use super::sub_accounts;
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::model::id::UserId;
use crate::sites::removal;
use crate::store::users::User;
use crate::store::{self, shares, sites, users};
use rusqlite::Transaction;

/// Removes an account and the sites that it owns. Sites shared with the account log its removal, but not who
/// removed it. Shares that the account gave to others stay, and its sub-accounts become independent.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn remove(transaction: &Transaction<'_>, hand: &Actor, user: UserId) -> Result<()> {
    for site in sites::list_of(transaction, user)? {
        removal::delete(transaction, hand, &site)?;
    }
    let nobody = Actor { user: None, acting_for: None, address: None, at: hand.at };
    for (site, level) in sites::list_shared(transaction, user)? {
        let share = shares::get(transaction, site.id, user)?;
        let about = format!("{}: {}", share.called(), level.title());
        nobody.record(transaction, site.id, AuditAction::RemoveAccount, &about)?;
    }
    for child in store::sub_accounts::list(transaction, user)? {
        sub_accounts::release(transaction, hand, child.id)?;
    }
    users::delete(transaction, user)
}

/// Removes an account, called `name`, that owns no site, as [`remove`] does.
///
/// # Errors
///
/// Fails with `Error::Setup` when it owns a site by now, and when the data file cannot be written.
pub fn remove_without_sites(
    transaction: &Transaction<'_>,
    hand: &Actor,
    user: UserId,
    name: &str,
) -> Result<()> {
    if let Some(site) = sites::list_of(transaction, user)?.first() {
        let sentence = format!("{name} owns {} by now; nothing was removed.", site.domain);
        return Err(Error::Setup(sentence));
    }
    remove(transaction, hand, user)
}

/// Checks the name that a user typed to delete the own account.
///
/// # Errors
///
/// Fails with `Error::Invalid` when it is another one.
pub fn check_name(username: &str, typed: &str) -> Result<()> {
    if typed.trim().eq_ignore_ascii_case(username) {
        return Ok(());
    }
    let sentence = format!("Type {username} to delete the account. Nothing was deleted.");
    Err(Error::invalid("username", sentence))
}

/// Removes a sub-account whose name its parent typed. The parent's acts on its sites are logged under both names.
///
/// # Errors
///
/// Fails with `Error::Invalid` when another name was typed, and when the data file cannot be written.
pub fn remove_sub_account(
    transaction: &Transaction<'_>,
    hand: &Actor,
    child: &User,
    typed: &str,
) -> Result<()> {
    if !typed.trim().eq_ignore_ascii_case(&child.username) {
        let sentence = format!("Type {} to remove the account. Nothing was removed.", child.username);
        return Err(Error::invalid("remove", sentence));
    }
    let hand = Actor { acting_for: Some(child.username.clone()), ..hand.clone() };
    remove(transaction, &hand, child.id)
}
