//! What people do with guest links, each act with its line in the audit log: one way for screens and commands alike.

use super::audit::{Act, Hand};
use crate::error::{Error, Result};
use crate::id::{LinkId, SiteId, Token, UserId};
use crate::limits;
use crate::reports::catalogue::{REPORTS, Report};
use crate::reports::view::{self, View};
use crate::store::links::{self, Choice};
use rusqlite::Transaction;

/// What becomes of the password of a link that is changed.
pub enum Password {
    /// It stays as it is.
    Kept,
    /// There is none any more.
    None,
    /// A new one; its hash.
    New(String),
}

/// What becomes of a link as a whole.
pub enum Change {
    /// It opens nothing.
    Disable,
    /// It opens again.
    Enable,
    /// It opens by another token alone.
    Renew(Token),
    /// It is gone.
    Remove,
}

/// Refuses what is no name for a link.
pub fn check_name(name: &str) -> Result<()> {
    if !(1..=limits::LINK_NAME_CHARS_MAX).contains(&name.chars().count())
        || name.chars().any(char::is_control)
    {
        let sentence = format!("Give the link a name of 1 to {} characters.", limits::LINK_NAME_CHARS_MAX);
        return Err(Error::invalid("name", sentence));
    }
    Ok(())
}

/// The reports that are chosen for a link, and that its guests would not get: what they tell of visitors is not chosen.
pub fn unseen(view: &View) -> Vec<&'static Report> {
    let is_told = |report: &&Report| view::needs_of(report).iter().all(|data| view.has(*data));
    REPORTS.iter().filter(|report| view.has_report(report.name) && !is_told(report)).collect()
}

/// Makes a link; `by` is none at the command line.
pub fn make(
    transaction: &Transaction<'_>,
    (hand, by): (&Hand, Option<UserId>),
    (site, token): (SiteId, &Token),
    (choice, password): (&Choice, Option<&str>),
) -> Result<LinkId> {
    let id = links::create(transaction, (site, token), (choice, password), (by, hand.at))?;
    hand.note(transaction, site, (Act::MakeLink, &choice.name))?;
    Ok(id)
}

/// Changes what a link shows, and to whom.
pub fn save(
    transaction: &Transaction<'_>,
    hand: &Hand,
    (site, id): (SiteId, LinkId),
    (choice, password): (&Choice, &Password),
) -> Result<()> {
    links::update(transaction, (site, id), choice)?;
    let said = match password {
        Password::Kept => "",
        Password::None => ", without a password",
        Password::New(_) => ", with a new password",
    };
    match password {
        Password::Kept => {}
        Password::None => links::update_password(transaction, (site, id), None)?,
        Password::New(hash) => links::update_password(transaction, (site, id), Some(hash))?,
    }
    hand.note(transaction, site, (Act::ChangeLink, &format!("{}{said}", choice.name)))
}

/// Changes a link as a whole; missing when the site has none of that number. Says whether the link has run out, so that
/// it opens nothing whatever else holds.
pub fn change(
    transaction: &Transaction<'_>,
    hand: &Hand,
    (site, id): (SiteId, LinkId),
    change: &Change,
) -> Result<bool> {
    let link = links::get(transaction, site, id)?;
    let act = match change {
        Change::Disable => {
            links::update_disabled(transaction, (site, id), Some(hand.at))?;
            Act::DisableLink
        }
        Change::Enable => {
            links::update_disabled(transaction, (site, id), None)?;
            Act::EnableLink
        }
        Change::Renew(token) => {
            links::update_token(transaction, (site, id), token)?;
            Act::RenewLink
        }
        Change::Remove => {
            links::delete(transaction, (site, id))?;
            Act::RemoveLink
        }
    };
    hand.note(transaction, site, (act, &link.name))?;
    Ok(link.has_run_out(hand.at))
}
