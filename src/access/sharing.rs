//! Sharing of a site: with an existing account at once, with others by an invitation to an e-mail address.
//! Shared by screens and commands.

use super::account;
use super::audit::{Actor, AuditAction};
use super::capability::Capability;
use super::grant;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, Token, UserId};
use crate::model::level::Level;
use crate::store::invitations::{self, Invitation, Pending};
use crate::store::shares::{self, NewShare};
use crate::store::sites::{self, Site};
use crate::store::users::{self, User};
use rusqlite::{Connection, Transaction};

/// The input for a new share, not yet checked.
pub struct ShareRequest<'a> {
    /// The user name or e-mail address of the recipient.
    pub typed: &'a str,
    /// The level of the share.
    pub level: Level,
    /// The user who shares the site; `None` for the command line.
    pub giver: Option<UserId>,
}

/// The outcome of sharing a site.
pub enum ShareOutcome {
    /// The site is shared with this user.
    With(User),
    /// An invitation was made; the holder of its link may accept it.
    Invited,
    /// There is no such account, and the input is no address to invite.
    Nobody,
}

/// Shares a site with an account, or invites an address; the token becomes that of the invitation.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the address is not valid, the user has access already, or there are too
/// many shares or invitations, and when the data file cannot be written.
pub fn share(
    transaction: &Transaction<'_>,
    hand: &Actor,
    site: &Site,
    wanted: &ShareRequest<'_>,
    token: &Token,
) -> Result<ShareOutcome> {
    let (&ShareRequest { typed, level, giver }, at) = (wanted, hand.at);
    if let Some(user) = users::find_meant(transaction, typed)? {
        share_with(transaction, hand, site, wanted, user.id)?;
        return Ok(ShareOutcome::With(user));
    }
    if !typed.contains('@') {
        return Ok(ShareOutcome::Nobody);
    }
    if let Some(sentence) = account::email(typed) {
        return Err(Error::invalid("user", sentence));
    }
    let invitation = Invitation { site: site.id, email: typed.to_owned(), level, given_by: giver };
    invitations::create(transaction, &invitation, token, at)?;
    hand.record(transaction, site.id, AuditAction::Invite, &format!("{typed}: {}", level.title()))?;
    Ok(ShareOutcome::Invited)
}

/// Shares a site with an existing account.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the user owns the site or has access already, or when there are too many
/// shares, and when the data file cannot be written.
pub fn share_with(
    transaction: &Transaction<'_>,
    hand: &Actor,
    site: &Site,
    &ShareRequest { typed, level, giver }: &ShareRequest<'_>,
    user: UserId,
) -> Result<()> {
    if user == site.owner {
        return Err(Error::invalid("user", "The site is theirs: its owner has every right already."));
    }
    let share = NewShare { level, given_by: giver, given_as: typed, is_invited: false, at: hand.at };
    shares::create(transaction, site.id, user, &share)?;
    hand.record(transaction, site.id, AuditAction::Share, &format!("{typed}: {}", level.title()))
}

/// Changes the level of a share.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not shared with the user, and when the data file cannot be
/// written.
pub fn change_level(
    transaction: &Transaction<'_>,
    hand: &Actor,
    site: SiteId,
    user: UserId,
    level: Level,
) -> Result<()> {
    let share = shares::get(transaction, site, user)?;
    shares::update(transaction, site, user, level)?;
    let about = format!("{}: {} → {}", share.called(), share.level.title(), level.title());
    hand.record(transaction, site, AuditAction::ChangeShare, &about)
}

/// Ends a share.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not shared with the user, and when the data file cannot be
/// written.
pub fn end(transaction: &Transaction<'_>, hand: &Actor, site: SiteId, user: UserId) -> Result<()> {
    let share = shares::get(transaction, site, user)?;
    shares::delete(transaction, site, user)?;
    hand.record(
        transaction,
        site,
        AuditAction::RemoveShare,
        &format!("{}: {}", share.called(), share.level.title()),
    )
}

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

/// Ends the caller's own share.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not shared with the user, and when the data file cannot be
/// written.
pub fn leave(transaction: &Transaction<'_>, hand: &Actor, site: SiteId, user: UserId) -> Result<()> {
    shares::delete(transaction, site, user)?;
    hand.record(transaction, site, AuditAction::Leave, "")
}

/// Accepts an invitation for a user. A user who has access already keeps it, and the invitation stays open.
///
/// # Errors
///
/// Fails with [`GONE`] when the invitation is not valid, with `Error::Invalid` when the user has access already
/// or the site has too many shares, and when the data file cannot be written.
pub fn accept(transaction: &Transaction<'_>, hand: &Actor, token: &Token, user: UserId) -> Result<SiteId> {
    let at = hand.at;
    let invitation = find(transaction, token, at)?.ok_or(GONE)?;
    let site = sites::get(transaction, invitation.site)?;
    if site.owner == user || shares::find(transaction, site.id, user)?.is_some() {
        return Err(Error::invalid("account", "You have access to this site already."));
    }
    let share = NewShare {
        level: invitation.level,
        given_by: invitation.given_by,
        given_as: &invitation.email,
        is_invited: true,
        at,
    };
    shares::create(transaction, site.id, user, &share)?;
    invitations::consume(transaction, token)?;
    let about = format!("{}: {}", invitation.email, invitation.level.title());
    hand.record(transaction, site.id, AuditAction::TakeInvitation, &about)?;
    Ok(site.id)
}

/// The error for an invitation that is no longer valid.
pub const GONE: Error = Error::Missing(
    "invitation: it was taken or withdrawn, is older than a week, or whoever made it has no say here any more",
);
