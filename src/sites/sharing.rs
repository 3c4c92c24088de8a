//! Sharing of a site: with an existing account at once, with others by an invitation to an e-mail address.
//! Shared by screens and commands.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::mail::templates::{Letters, Recipient, SharedSite};
use crate::model::email;
use crate::model::id::{SiteId, Token, UserId};
use crate::model::level::Level;
use crate::store::email_confirmations::{self, Proof};
use crate::store::invitations::{self, Invitation};
use crate::store::outbox::{self, Letter};
use crate::store::shares::{self, NewShare};
use crate::store::sites::Site;
use crate::store::users;
use rusqlite::Transaction;

/// The input for a new share, not yet checked.
pub struct ShareRequest<'a> {
    /// The user name or e-mail address of the recipient.
    pub typed: &'a str,
    /// The level of the share.
    pub level: Level,
    /// The user who shares the site; `None` for the command line.
    pub giver: Option<UserId>,
}

/// The texts and names of a letter about a share.
pub struct SharingLetter<'a> {
    /// The texts of letters.
    pub letters: &'a Letters,
    /// The name of the user who shares the site.
    pub giver: &'a str,
    /// The token by which the letter's link proves the mailbox; the link on the screen does without.
    pub proof: &'a Token,
}

/// The outcome of sharing a site.
pub enum ShareOutcome {
    /// The site is shared with an account.
    Shared,
    /// An invitation was made; the holder of its link may accept it.
    Invited,
    /// There is no such account, and the input is no address to invite.
    Nobody,
}

/// Returns the path of an invitation's screen.
pub fn invitation_path(token: &Token) -> String {
    format!("/invite/{}", token.expose())
}

/// Shares a site with an account, or invites an address, with a letter if one is wanted; the token becomes that of the
/// invitation.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the address is not valid, the user has access already, or there are too
/// many shares or invitations, and when the data file cannot be written.
pub fn share(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    wanted: &ShareRequest<'_>,
    token: &Token,
    letter: Option<&SharingLetter<'_>>,
) -> Result<ShareOutcome> {
    let (&ShareRequest { typed, level, giver }, at) = (wanted, actor.at);
    let shared_site = |giver| SharedSite { giver, domain: &site.domain, level: level.title() };
    if let Some(user) = users::find_meant(tx, typed)? {
        share_with(tx, actor, site, wanted, user.id)?;
        if let Some((letter, address)) = letter.zip(user.mailbox()) {
            let recipient = Recipient { user: Some(user.id), name: &user.username, address };
            let text = letter.letters.site_shared(recipient, &shared_site(letter.giver));
            outbox::replace(tx, &text, at)?;
        }
        return Ok(ShareOutcome::Shared);
    }
    if !typed.contains('@') {
        return Ok(ShareOutcome::Nobody);
    }
    if let Some(sentence) = email::problem(typed) {
        return Err(Error::invalid("user", sentence));
    }
    let invitation = Invitation { site: site.id, email: typed.to_owned(), level, given_by: giver };
    invitations::create(tx, &invitation, token, at)?;
    if let Some(SharingLetter { letters, giver, proof }) = letter {
        email_confirmations::create(tx, &Proof { user: None, email: typed.to_owned() }, proof, at)?;
        let path = format!("{}?letter={}", invitation_path(token), proof.expose());
        let invited = letters.invitation(typed, &shared_site(giver), &path);
        outbox::replace(tx, &Letter { told_user: wanted.giver, ..invited }, at)?;
    }
    actor.record(tx, site.id, AuditAction::Invite, &format!("{typed}: {}", level.title()))?;
    Ok(ShareOutcome::Invited)
}

/// Shares a site with an existing account.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the user owns the site or has access already, or when there are too many
/// shares, and when the data file cannot be written.
pub fn share_with(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    &ShareRequest { typed, level, giver }: &ShareRequest<'_>,
    user: UserId,
) -> Result<()> {
    if user == site.owner {
        return Err(Error::invalid("user", "The site is theirs: its owner has every right already."));
    }
    let share = NewShare { level, given_by: giver, given_as: typed, is_invited: false, at: actor.at };
    shares::create(tx, site.id, user, &share)?;
    actor.record(tx, site.id, AuditAction::Share, &format!("{typed}: {}", level.title()))
}

/// Changes the level of a share.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not shared with the user, and when the data file cannot be
/// written.
pub fn change_level(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    user: UserId,
    level: Level,
) -> Result<()> {
    let share = shares::get(tx, site, user)?;
    shares::update(tx, site, user, level)?;
    let about = format!("{}: {} → {}", share.called(), share.level.title(), level.title());
    actor.record(tx, site, AuditAction::ChangeShare, &about)
}

/// Ends a share.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not shared with the user, and when the data file cannot be
/// written.
pub fn end(tx: &Transaction<'_>, actor: &Actor, site: SiteId, user: UserId) -> Result<()> {
    let share = shares::get(tx, site, user)?;
    shares::delete(tx, site, user)?;
    actor.record(tx, site, AuditAction::RemoveShare, &format!("{}: {}", share.called(), share.level.title()))
}

/// Ends the caller's own share.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not shared with the user, and when the data file cannot be
/// written.
pub fn leave(tx: &Transaction<'_>, actor: &Actor, site: SiteId, user: UserId) -> Result<()> {
    shares::delete(tx, site, user)?;
    actor.record(tx, site, AuditAction::Leave, "")
}

/// Shows the billing of the site to a user, or hides it; `name` is how the actor called them, if not as the list does.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not shared with the user, with `Error::Invalid` when their level may not
/// see the billing, and when the data file cannot be written.
pub fn switch_billing(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    user: UserId,
    is_on: bool,
    name: Option<&str>,
) -> Result<()> {
    shares::update_billing(tx, site, user, is_on)?;
    let share = shares::get(tx, site, user)?;
    let about = format!("{}: {}", name.unwrap_or(share.called()), if is_on { "on" } else { "off" });
    actor.record(tx, site, AuditAction::SwitchBilling, &about)
}
