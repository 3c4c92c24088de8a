//! New accounts, made by the operator or by an invitation to a site; and invitations accepted with an account.

use super::billing::plan;
use super::{email_confirmation, sub_accounts};
use crate::access::audit::Actor;
use crate::error::Result;
use crate::mail::templates::Letters;
use crate::model::id::{SiteId, Token, UserId};
use crate::sites::invitations;
use crate::store::emails::{self, EmailState};
use crate::store::users::{self, NewUser};
use rusqlite::Transaction;

/// Creates an account on the operator's word, which also confirms its address; with a parent, as a sub-account. Returns
/// the user, and the names of the accounts that lose the address as a name.
///
/// # Errors
///
/// Fails with `Error::Invalid` when name or address are taken or the parent may have no more sub-accounts, and when the
/// data file cannot be written.
pub fn create(
    tx: &Transaction<'_>,
    hand: &Actor,
    user: &NewUser<'_>,
    parent: Option<UserId>,
) -> Result<(UserId, Vec<String>)> {
    let id = users::create(tx, user)?;
    let others = email_confirmation::take(tx, id, user.email)?;
    parent.map_or(Ok(()), |parent| sub_accounts::adopt(tx, hand, parent, id))?;
    Ok((id, others))
}

/// The secrets of an invitation.
pub struct InvitationSecrets {
    /// The link, which the inviter sees too.
    pub link: Token,
    /// The secret that only the mailed link has: it proves the mailbox.
    pub letter: Token,
}

/// Creates an account that accepts an invitation; it may own no site until it is allowed to. `proof` is the token of
/// the letter that confirms an address which the invitation does not prove.
///
/// # Errors
///
/// Fails with `Error::Missing` when the invitation is not valid, with `Error::Invalid` when name or address are taken,
/// and when the data file cannot be written.
pub fn join(
    tx: &Transaction<'_>,
    hand: &Actor,
    letters: Option<&Letters>,
    user: &NewUser<'_>,
    invitation: &InvitationSecrets,
    proof: &Token,
) -> Result<(UserId, SiteId)> {
    let id = users::create(tx, user)?;
    plan::allow_sites(tx, id, Some(0))?;
    let site = invitations::accept(tx, hand, &invitation.link, id)?;
    if email_confirmation::came_by_letter(tx, &invitation.letter, user.email, hand.at)? {
        emails::prove(tx, id)?;
    }
    email_confirmation::send_link(tx, letters, id, proof, hand.at)?;
    Ok((id, site))
}

/// Accepts an invitation with an account.
///
/// # Errors
///
/// Fails with `Error::Missing` when the invitation is not valid, with `Error::Invalid` when the account may not accept
/// it, and when the data file cannot be written.
pub fn accept_invitation(
    tx: &Transaction<'_>,
    hand: &Actor,
    invitation: &InvitationSecrets,
    id: UserId,
) -> Result<SiteId> {
    let site = invitations::accept(tx, hand, &invitation.link, id)?;
    let user = users::get(tx, id)?;
    let is_shown = email_confirmation::came_by_letter(tx, &invitation.letter, &user.email, hand.at)?;
    // Another account may have confirmed the address since the invitation was written, and keeps it.
    if is_shown && user.email_state != EmailState::Taken {
        emails::prove(tx, id)?;
    }
    Ok(site)
}
