//! The standing of an e-mail report at a moment: what it may show to its recipient, or why it can't be sent.

use crate::access;
use crate::access::Grant;
use crate::access::capability::Capability;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::{DigestId, SiteId, UserId};
use crate::reports::visibility::Visibility;
use crate::store::digests::{Audience, Digest, EndReason, Outside};
use crate::store::links::{self, Link};
use crate::store::sites::{self, Site};
use crate::store::unsubscribes::{self, LetterKind};
use crate::store::users::{self, User};
use rusqlite::Connection;

/// A site that an e-mail report tells of, with what its recipient may see there.
#[derive(Clone, Debug)]
pub struct VisibleSite {
    /// The site.
    pub site: Site,
    /// The reports and visitor data that may be seen.
    pub view: Visibility,
}

/// The standing of an e-mail report.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It can be sent.
    Open(Recipient),
    /// It can't be sent at this moment; holds the reason, as a sentence.
    Waits(&'static str),
    /// It is over.
    Over(EndReason),
}

/// The recipient of an e-mail report, with what they may see.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The e-mail address.
    pub address: String,
    /// The user who sees that a letter could not be delivered.
    pub told_user: Option<UserId>,
    /// The guest link that it shows; `None` for a user.
    pub link: Option<Box<Link>>,
    /// The sites.
    pub sites: Vec<VisibleSite>,
}

impl Recipient {
    /// Returns true if another recipient has the same address, and sees the same of the same sites.
    pub fn sees_as(&self, other: &Self) -> bool {
        let sites = |recipient: &Self| {
            let sites = recipient.sites.iter().map(|visible| (visible.site.id, visible.view.clone()));
            sites.collect::<Vec<_>>()
        };
        self.address == other.address && sites(self) == sites(other)
    }
}

/// Finds the site of a user's e-mail report with what they may see there; `None` without access.
fn visible_site(connection: &Connection, user: UserId, site: SiteId) -> Result<Option<VisibleSite>> {
    let site = match sites::get(connection, site) {
        Ok(site) => site,
        Err(Error::Missing(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let grant = access::grant(connection, user, &site)?;
    Ok(is_readable(&grant).then_some(VisibleSite { site, view: grant.view }))
}

fn is_readable(grant: &Grant) -> bool {
    grant.may(Capability::SetOwnAlerts) && grant.may(Capability::OpenReport)
}

/// Lists the sites whose numbers a user can have by e-mail, their own ones first.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn list_sites(connection: &Connection, user: UserId) -> Result<Vec<Site>> {
    let mut readable = Vec::new();
    for (site, _) in sites::list_open_to(connection, user)? {
        if is_readable(&access::grant(connection, user, &site)?) {
            readable.push(site);
        }
    }
    Ok(readable)
}

/// Lists the sites of these that a user may see, with what.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn visible_sites(connection: &Connection, user: UserId, sites: &[SiteId]) -> Result<Vec<VisibleSite>> {
    let found = sites.iter().map(|site| visible_site(connection, user, *site));
    Ok(found.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Returns what a guest link shows of its site; `None` if that is nothing.
pub fn visible_by_link(site: Site, link: &Link) -> Option<VisibleSite> {
    let grant = access::grant_for_guest(link);
    grant.may(Capability::OpenReport).then_some(VisibleSite { site, view: grant.view })
}

/// Returns true if the recipient ended the letters of an e-mail report.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn is_unsubscribed(connection: &Connection, id: DigestId, audience: &Audience) -> Result<bool> {
    let user = match audience {
        Audience::User { user, .. } => Some(*user),
        Audience::Outside(_) => None,
    };
    unsubscribes::is_ended(connection, LetterKind::Digest, id.0, user)
}

/// Returns the user who set up an e-mail report to an address outside, if they may still see that address.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn maker(connection: &Connection, outside: &Outside, site: &Site) -> Result<Option<UserId>> {
    let Some(maker) = outside.made_by else { return Ok(None) };
    let grant = access::grant(connection, maker, site)?;
    Ok(grant.may(Capability::ManageGuestLinks).then_some(maker))
}

/// Returns the standing of an e-mail report.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, digest: &Digest, now: Timestamp) -> Result<Standing> {
    if let Some((_, why)) = digest.ended {
        return Ok(Standing::Over(why));
    }
    if digest.paused_at.is_some() {
        return Ok(Standing::Waits("Paused."));
    }
    if is_unsubscribed(connection, digest.id, &digest.audience)? {
        return Ok(Standing::Waits("Unsubscribed by a link in a letter."));
    }
    match &digest.audience {
        Audience::User { user, sites } => of_user(connection, &users::get(connection, *user)?, sites),
        Audience::Outside(outside) => of_outside(connection, outside, now),
    }
}

fn of_user(connection: &Connection, user: &User, sites: &[SiteId]) -> Result<Standing> {
    if user.disabled_at.is_some() {
        return Ok(Standing::Waits("The account is disabled."));
    }
    let sites = visible_sites(connection, user.id, sites)?;
    if sites.is_empty() {
        return Ok(Standing::Over(EndReason::NoAccess));
    }
    if !user.has_proved_email() {
        return Ok(Standing::Waits("The e-mail address isn't confirmed."));
    }
    let (address, told_user) = (user.email.clone(), Some(user.id));
    Ok(Standing::Open(Recipient { address, told_user, link: None, sites }))
}

fn of_outside(connection: &Connection, outside: &Outside, now: Timestamp) -> Result<Standing> {
    let Some(link) = outside.link else { return Ok(Standing::Over(EndReason::LinkRemoved)) };
    let link = links::get(connection, outside.site, link)?;
    if link.has_run_out(now) {
        return Ok(Standing::Over(EndReason::LinkExpired));
    }
    if outside.confirmed_at.is_none() {
        return Ok(Standing::Waits("Not confirmed yet."));
    }
    if link.disabled_at.is_some() {
        return Ok(Standing::Waits("The guest link is disabled."));
    }
    let site = sites::get(connection, outside.site)?;
    let told_user = maker(connection, outside, &site)?;
    let Some(visible) = visible_by_link(site, &link) else {
        return Ok(Standing::Waits("The guest link shows no reports."));
    };
    Ok(Standing::Open(Recipient {
        address: outside.recipient.clone(),
        told_user,
        link: Some(Box::new(link)),
        sites: vec![visible],
    }))
}

#[cfg(test)]
mod tests;
