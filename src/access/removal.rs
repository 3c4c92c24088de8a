//! Removing an account: what goes with it is told in the logs of the sites that it concerns.

use super::audit::{Act, Hand};
use crate::error::Result;
use crate::id::UserId;
use crate::store::{sites, users};
use rusqlite::Transaction;

/// Removes an account with the sites that it owns. Who lets somebody see a site learns that they see it no more, and
/// not who removed them. What the account shared stays shared, and its sub-accounts become accounts of their own.
pub fn remove(transaction: &Transaction<'_>, hand: &Hand, user: UserId) -> Result<()> {
    for site in sites::list_of(transaction, user)? {
        sites::delete(transaction, site.id)?;
        hand.note(transaction, site.id, (Act::DeleteSite, &site.domain))?;
    }
    let username = users::get(transaction, user)?.username;
    let own = Hand { actor: Some(username), acting_for: None, address: None, at: hand.at };
    for (site, _) in sites::list_shared(transaction, user)? {
        own.note(transaction, site.id, (Act::Leave, "The account was removed."))?;
    }
    users::delete(transaction, user)
}
