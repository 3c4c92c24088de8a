//! Removal of an account, recorded in the audit logs of the sites concerned.

use super::audit::{Actor, AuditAction};
use super::sub_accounts;
use crate::error::Result;
use crate::model::id::UserId;
use crate::store::site_deletion;
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
        site_deletion::delete(transaction, site.id)?;
        hand.record(transaction, site.id, AuditAction::DeleteSite, &site.domain)?;
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
