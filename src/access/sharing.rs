//! Sharing a site: with somebody who has an account, at once; with anybody else, by an invitation to an address. One
//! judgement for screens and whoever holds a link.

use super::account;
use super::audit::{Act, Hand};
use super::capability::Capability;
use super::standing;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::{SiteId, Token, UserId};
use crate::level::Level;
use crate::store::invitations::{self, Invitation, Pending};
use crate::store::shares::{self, NewShare};
use crate::store::sites::{self, Site};
use crate::store::users::{self, User};
use rusqlite::{Connection, Transaction};

/// Whom somebody wants to let in.
pub struct Wanted<'a> {
    /// A user name or an e-mail address, as it was typed.
    pub typed: &'a str,
    /// At which level.
    pub level: Level,
    /// Who lets them in; none: the command line.
    pub giver: Option<UserId>,
}

/// What sharing came to.
pub enum Shared {
    /// They see the site now.
    With(User),
    /// Whoever gets the link may come.
    Invited,
    /// There is no account of that name, and it is no address to invite.
    Nobody,
}

/// Shares a site; the token is that of the invitation, if one is made.
pub fn share(
    transaction: &Transaction<'_>,
    (hand, site): (&Hand, &Site),
    wanted: &Wanted<'_>,
    token: &Token,
) -> Result<Shared> {
    let (&Wanted { typed, level, giver }, at) = (wanted, hand.at);
    if let Some(user) = users::find_meant(transaction, typed)? {
        share_with(transaction, (hand, site), wanted, user.id)?;
        return Ok(Shared::With(user));
    }
    if !typed.contains('@') {
        return Ok(Shared::Nobody);
    }
    if let Some(sentence) = account::email(typed) {
        return Err(Error::invalid("user", sentence));
    }
    let invitation = Invitation { site: site.id, email: typed.to_owned(), level, given_by: giver };
    invitations::create(transaction, &invitation, token, at)?;
    hand.note(transaction, site.id, (Act::Invite, &format!("{typed}: {}", level.title())))?;
    Ok(Shared::Invited)
}

/// Shares a site with somebody who has an account.
pub fn share_with(
    transaction: &Transaction<'_>,
    (hand, site): (&Hand, &Site),
    &Wanted { typed, level, giver }: &Wanted<'_>,
    user: UserId,
) -> Result<()> {
    if user == site.owner {
        return Err(Error::invalid("user", "The site is theirs: its owner has every right already."));
    }
    let share = NewShare { level, given_by: giver, given_as: typed, is_invited: false, at: hand.at };
    shares::create(transaction, (site.id, user), &share)?;
    hand.note(transaction, site.id, (Act::Share, &format!("{typed}: {}", level.title())))
}

/// Gives somebody another level.
pub fn change_level(
    transaction: &Transaction<'_>,
    hand: &Hand,
    (site, user): (SiteId, UserId),
    level: Level,
) -> Result<()> {
    let share = shares::get(transaction, site, user)?;
    shares::update(transaction, (site, user), level)?;
    let about = format!("{}: {} → {}", share.called(), share.level.title(), level.title());
    hand.note(transaction, site, (Act::ChangeShare, &about))
}

/// Ends somebody's access.
pub fn end(transaction: &Transaction<'_>, hand: &Hand, (site, user): (SiteId, UserId)) -> Result<()> {
    let share = shares::get(transaction, site, user)?;
    shares::delete(transaction, (site, user))?;
    hand.note(transaction, site, (Act::RemoveShare, &format!("{}: {}", share.called(), share.level.title())))
}

/// What a link gives, as long as it holds: whoever made the invitation must still be able to let people in, so that
/// nobody comes back by a link that they kept.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<Invitation>> {
    let Some(invitation) = invitations::find(connection, token, now)? else { return Ok(None) };
    let stands = may_still_invite(connection, invitation.site, invitation.given_by)?;
    Ok(Some(invitation).filter(|_| stands))
}

/// The invitations to a site that can still be taken, by address.
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
    Ok(!is_disabled && standing(connection, giver, &site)?.may(Capability::ManagePeople))
}

/// Gives up one's own access.
pub fn leave(transaction: &Transaction<'_>, hand: &Hand, (site, user): (SiteId, UserId)) -> Result<()> {
    shares::delete(transaction, (site, user))?;
    hand.note(transaction, site, (Act::Leave, ""))
}

/// Takes an invitation for somebody. Whoever has access already keeps what they have, and the link.
pub fn accept(transaction: &Transaction<'_>, hand: &Hand, token: &Token, user: UserId) -> Result<SiteId> {
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
    shares::create(transaction, (site.id, user), &share)?;
    invitations::take(transaction, token)?;
    let about = format!("{}: {}", invitation.email, invitation.level.title());
    hand.note(transaction, site.id, (Act::TakeInvitation, &about))?;
    Ok(site.id)
}

/// What a link says that does not hold.
pub const GONE: Error = Error::Missing(
    "invitation: it was taken or withdrawn, is older than a week, or whoever made it has no say here any more",
);
