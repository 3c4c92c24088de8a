//! Removing an account: what goes with it is told in the logs of the sites that it concerns.

use super::audit::{Act, Hand};
use super::sub_accounts;
use crate::error::Result;
use crate::id::UserId;
use crate::store::{self, shares, sites, users};
use rusqlite::Transaction;

/// Removes an account with the sites that it owns. Who lets somebody see a site learns that they see it no more, and
/// not who removed them. What the account shared stays shared, and its sub-accounts become accounts of their own.
pub fn remove(transaction: &Transaction<'_>, hand: &Hand, user: UserId) -> Result<()> {
    for site in sites::list_of(transaction, user)? {
        sites::delete(transaction, site.id)?;
        hand.note(transaction, site.id, (Act::DeleteSite, &site.domain))?;
    }
    let nobody = Hand { actor: None, acting_for: None, address: None, at: hand.at };
    for (site, level) in sites::list_shared(transaction, user)? {
        let share = shares::get(transaction, site.id, user)?;
        let about = format!("{}: {}", share.called(), level.title());
        nobody.note(transaction, site.id, (Act::RemoveAccount, &about))?;
    }
    for child in store::sub_accounts::list(transaction, user)? {
        sub_accounts::release(transaction, hand, child.id)?;
    }
    users::delete(transaction, user)
}
