//! The invitations to a site: which of them are valid, and what becomes of them.

use crate::access::audit::{Actor, AuditAction};
use crate::access::capability::Capability;
use crate::access::grant;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, Token, UserId};
use crate::store::invitations::{self, Invitation, Pending};
use crate::store::shares::{self, NewShare};
use crate::store::sites;
use crate::store::users;
use rusqlite::{Connection, Transaction};

/// The error for an invitation that is no longer valid.
pub const GONE: Error = Error::Missing(
    "invitation: it was taken or withdrawn, is older than a week, or whoever made it has no say here any more",
);

/// Returns the invitation of a token while it is valid: its giver must still be allowed to manage people, so
/// that nobody regains access by a link saved earlier.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<Invitation>> {
    let Some(invitation) = invitations::find(connection, token, now)? else { return Ok(None) };
    let stands = may_still_invite(connection, invitation.site, invitation.given_by)?;
    Ok(Some(invitation).filter(|_| stands))
}

/// Returns the open invitations to a site, ordered by address.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site does not exist, and when the data file cannot be read.
pub fn pending(connection: &Connection, site: SiteId, now: Timestamp) -> Result<Vec<Pending>> {
    let mut standing = Vec::new();
    for pending in invitations::list(connection, site, now)? {
        if may_still_invite(connection, site, pending.giver)? {
            standing.push(pending);
        }
    }
    Ok(standing)
}

fn may_still_invite(connection: &Connection, site: SiteId, giver: Option<UserId>) -> Result<bool> {
    let Some(giver) = giver else { return Ok(false) };
    let site = sites::get(connection, site)?;
    let is_disabled = users::get(connection, giver)?.disabled_at.is_some();
    Ok(!is_disabled && grant(connection, giver, &site)?.may(Capability::ManagePeople))
}

/// Accepts an invitation for a user. A user who has access already keeps it, and the invitation stays open.
///
/// # Errors
///
/// Fails with [`GONE`] when the invitation is not valid, with `Error::Invalid` when the user has access already
/// or the site has too many shares, and when the data file cannot be written.
pub fn accept(tx: &Transaction<'_>, actor: &Actor, token: &Token, user: UserId) -> Result<SiteId> {
    let at = actor.at;
    let invitation = find(tx, token, at)?.ok_or(GONE)?;
    let site = sites::get(tx, invitation.site)?;
    if site.owner == user || shares::find(tx, site.id, user)?.is_some() {
        return Err(Error::invalid("account", "You have access to this site already."));
    }
    let share = NewShare {
        level: invitation.level,
        given_by: invitation.given_by,
        given_as: &invitation.email,
        is_invited: true,
        at,
    };
    shares::create(tx, site.id, user, &share)?;
    invitations::consume(tx, token)?;
    let about = format!("{}: {}", invitation.email, invitation.level.title());
    actor.record(tx, site.id, AuditAction::TakeInvitation, &about)?;
    Ok(site.id)
}

/// Withdraws an invitation.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such invitation, and when the data file cannot be written.
pub fn withdraw(tx: &Transaction<'_>, actor: &Actor, site: SiteId, email: &str) -> Result<()> {
    invitations::delete(tx, site, email)?;
    actor.record(tx, site, AuditAction::WithdrawInvitation, email)
}
