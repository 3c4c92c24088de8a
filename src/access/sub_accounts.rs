//! What becomes of accounts that others manage: told in the logs of all sites that such an account opens, for whoever
//! manages it opens them too.

use super::audit::{Act, Hand};
use crate::error::Result;
use crate::id::{Token, UserId};
use crate::store::sub_accounts;
use crate::store::users::{self, User};
use crate::store::{resets, shares, sites};
use rusqlite::Transaction;

/// Makes an account the sub-account of another one.
pub fn adopt(transaction: &Transaction<'_>, hand: &Hand, parent: UserId, child: UserId) -> Result<()> {
    sub_accounts::adopt(transaction, parent, child)?;
    let about = format!("{} manages it", users::get(transaction, parent)?.username);
    tell(transaction, hand, &users::get(transaction, child)?, (Act::AdoptAccount, &about))
}

/// Makes a sub-account an account of its own.
pub fn release(transaction: &Transaction<'_>, hand: &Hand, child: UserId) -> Result<()> {
    let parent = users::parent(transaction, child)?;
    sub_accounts::release(transaction, child)?;
    let about = parent.map(|parent| format!("{} manages it no more", parent.username)).unwrap_or_default();
    tell(transaction, hand, &users::get(transaction, child)?, (Act::ReleaseAccount, &about))
}

/// Keeps a link that sets a sub-account's password. Its parent sees the link and could follow it, and then be that
/// account in every respect: so its person is told.
pub fn reset(transaction: &Transaction<'_>, hand: &Hand, child: &User, token: &Token) -> Result<()> {
    resets::create(transaction, child.id, token, hand.at)?;
    tell(transaction, hand, child, (Act::ResetAccount, ""))?;
    hand.note_account(transaction, child.id, Act::ResetAccount)
}

/// Writes an act down in the log of every site that an account owns or is let into, under the name that is known there.
fn tell(transaction: &Transaction<'_>, hand: &Hand, child: &User, (act, about): (Act, &str)) -> Result<()> {
    let note = |site, name: &str| {
        let about = if about.is_empty() { name.to_owned() } else { format!("{name}: {about}") };
        // What a person does is told under both names; a command has none.
        let acting_for = hand.actor.as_ref().map(|_| name.to_owned());
        Hand { acting_for, ..hand.clone() }.note(transaction, site, (act, &about))
    };
    for site in sites::list_of(transaction, child.id)? {
        note(site.id, &child.username)?;
    }
    for (site, _) in sites::list_shared(transaction, child.id)? {
        note(site.id, shares::get(transaction, site.id, child.id)?.called())?;
    }
    Ok(())
}
