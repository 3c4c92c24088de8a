//! The transfer of a site to another owner: an offer, which the receiver accepts or declines, or a gift from the command
//! line.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::mail::templates::{Letters, Recipient};
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, UserId};
use crate::store::sites::{self, Site};
use crate::store::users::{self, User};
use crate::store::{outbox, site_plan, transfers, webhook_deliveries, webhooks};
use rusqlite::Transaction;

/// Checks the text that names the receiver of an offer.
///
/// # Errors
///
/// Fails with `Error::Invalid` when it is empty or too long.
pub fn check_receiver(name: &str) -> Result<()> {
    let sentence = if name.is_empty() {
        "Enter the user name or the e-mail address of the account that gets the site."
    } else if name.len() > limits::EMAIL_BYTES_MAX {
        "That is too long for a user name or an e-mail address."
    } else {
        return Ok(());
    };
    Err(Error::invalid("to", sentence))
}

/// Offers a site to the account that `name` means, with a letter if `letters` are sent. The outcome does not reveal
/// whether the account exists: the offer is stored either way.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the account owns the site, and when the data file cannot be written.
pub fn offer(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    name: &str,
    letters: Option<&Letters>,
) -> Result<()> {
    let user = users::find_meant(tx, name)?;
    if user.as_ref().is_some_and(|user| user.id == site.owner) {
        return Err(Error::invalid("to", "The site is yours already."));
    }
    transfers::create(tx, site.id, name, user.as_ref().map(|user| user.id), actor.at)?;
    if let Some((user, letters)) = user.zip(letters)
        && let Some(mailbox) = user.mailbox()
        && transfers::note_letter(tx, site.id, user.id, actor.at)?
    {
        let recipient = Recipient { user: Some(user.id), name: &user.username, address: mailbox };
        let owner = users::get(tx, site.owner)?;
        let letter = letters.site_offered(recipient, &owner.username, &site.domain);
        outbox::create(tx, &letter, actor.at)?;
    }
    actor.record(tx, site.id, AuditAction::OfferSite, name)
}

/// Withdraws the offer of a site, if there is one.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn withdraw(tx: &Transaction<'_>, actor: &Actor, site: SiteId) -> Result<()> {
    if transfers::find(tx, site, actor.at)?.is_some() {
        actor.record(tx, site, AuditAction::WithdrawOffer, "")?;
    }
    transfers::delete(tx, site)
}

/// Makes the receiver of an offer the owner, and tells the former owner if `letters` are sent.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not offered to the user, with `Error::Invalid` when their plan is full,
/// and when the data file cannot be written.
pub fn accept(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    user: UserId,
    letters: Option<&Letters>,
) -> Result<()> {
    transfers::accept(tx, site, user, actor.at)?;
    let offered_site = sites::get(tx, site)?;
    let (former, owner) = (users::get(tx, offered_site.owner)?, users::get(tx, user)?);
    change_owner(tx, site, user, actor.at)?;
    site_plan::check_plan_kept(tx, user)?;
    transfers::delete_letters(tx, site)?;
    actor.record(tx, site, AuditAction::TransferSite, &format!("from {}", former.username))?;
    let letter = letters.zip(former.mailbox()).map(|(letters, mailbox)| {
        let recipient = Recipient { user: Some(former.id), name: &former.username, address: mailbox };
        letters.site_accepted(recipient, &owner.username, &offered_site.domain)
    });
    letter.map_or(Ok(()), |letter| outbox::create(tx, &letter, actor.at))
}

/// Declines the offer of a site. The log names the receiver as the owner typed them: it tells nothing more about them.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not offered to the user, and when the data file cannot be written.
pub fn decline(tx: &Transaction<'_>, actor: &Actor, site: SiteId, user: UserId) -> Result<()> {
    let offer = transfers::find(tx, site, actor.at)?;
    transfers::accept(tx, site, user, actor.at)?;
    let receiver = Actor { user: offer.map(|offer| offer.to), acting_for: None, address: None, at: actor.at };
    receiver.record(tx, site, AuditAction::DeclineOffer, "")
}

/// Changes the owner of a site. Its webhooks are paused: they may lead to the former owner's programs.
fn change_owner(tx: &Transaction<'_>, site: SiteId, owner: UserId, at: Timestamp) -> Result<()> {
    sites::update_owner(tx, site, owner)?;
    for webhook in webhooks::list(tx, site)? {
        webhooks::set_paused(tx, site, webhook.id, true)?;
        webhook_deliveries::give_up_waiting(tx, webhook.id, at)?;
    }
    Ok(())
}

/// Gives a site to another account, whatever its plan allows.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn give(tx: &Transaction<'_>, actor: &Actor, site: SiteId, owner: &User) -> Result<()> {
    change_owner(tx, site, owner.id, actor.at)?;
    actor.record(tx, site, AuditAction::GiveSite, &owner.username)
}
