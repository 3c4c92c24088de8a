//! Changes to guest links, each with its line in the audit log; shared by screens and commands.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{LinkId, SiteId, Token, UserId};
use crate::reports::catalogue::{REPORTS, Report};
use crate::reports::visibility::{self, Visibility};
use crate::store::links::{self, LinkSettings};
use rusqlite::Transaction;

/// The change to a link's password.
pub enum Password {
    /// The password stays as it is.
    Kept,
    /// The password is removed.
    None,
    /// A new password, by its hash.
    New(String),
}

/// A change to a link as a whole.
pub enum LinkChange {
    /// Disables the link.
    Disable,
    /// Enables the link again.
    Enable,
    /// Replaces the token; the old address stops working.
    Renew(Token),
    /// Removes the link.
    Remove,
}

/// Checks the name of a link.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the name is empty, too long, or has control characters.
pub fn check_name(name: &str) -> Result<()> {
    if !(1..=limits::LINK_NAME_CHARS_MAX).contains(&name.chars().count())
        || name.chars().any(char::is_control)
    {
        let sentence = format!("Give the link a name of 1 to {} characters.", limits::LINK_NAME_CHARS_MAX);
        return Err(Error::invalid("name", sentence));
    }
    Ok(())
}

/// Returns the end of a link's last day in the site's zone; `None` for empty input.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the input is no day or the day is over.
pub fn last_day(typed: &str, zone: &Zone, now: Timestamp) -> Result<Option<Timestamp>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = || Error::invalid("expires", "Write the last day of the link, such as 2026-12-31.");
    let end = zone.start(Day::parse(typed).ok_or_else(wrong)?.plus(1));
    if end <= now {
        return Err(Error::invalid("expires", "Choose a day that is not over."));
    }
    Ok(Some(end))
}

/// Returns the reports that are chosen for a link but hidden from its guests, because the visitor data that
/// they need is not chosen.
pub fn unseen(view: &Visibility) -> Vec<&'static Report> {
    let is_told = |report: &&Report| visibility::needs_of(report).iter().all(|data| view.has(*data));
    REPORTS.iter().filter(|report| view.has_report(report.name) && !is_told(report)).collect()
}

/// Creates a link; `by` is `None` at the command line.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the site has `LINKS_PER_SITE_MAX` links, and when the data file cannot be
/// written.
pub fn make(
    tx: &Transaction<'_>,
    actor: &Actor,
    by: Option<UserId>,
    site: SiteId,
    token: &Token,
    choice: &LinkSettings,
    password: Option<&str>,
) -> Result<LinkId> {
    let id = links::create(tx, site, token, choice, password, by, actor.at)?;
    actor.record(tx, site, AuditAction::MakeLink, &choice.name)?;
    Ok(id)
}

/// Records that the import of a site created a link.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn record_imported(tx: &Transaction<'_>, actor: &Actor, site: SiteId, name: &str) -> Result<()> {
    actor.record(tx, site, AuditAction::MakeLink, name)
}

/// Updates a link's settings and its password.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site has no such link, and when the data file cannot be written.
pub fn save(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    id: LinkId,
    choice: &LinkSettings,
    password: &Password,
) -> Result<()> {
    links::update(tx, site, id, choice)?;
    let said = match password {
        Password::Kept => "",
        Password::None => ", without a password",
        Password::New(_) => ", with a new password",
    };
    match password {
        Password::Kept => {}
        Password::None => links::update_password(tx, site, id, None)?,
        Password::New(hash) => links::update_password(tx, site, id, Some(hash))?,
    }
    actor.record(tx, site, AuditAction::ChangeLink, &format!("{}{said}", choice.name))
}

/// Applies a change to a link as a whole. Returns true if the link has expired, and so opens nothing even if it
/// is enabled.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site has no such link, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    id: LinkId,
    change: &LinkChange,
) -> Result<bool> {
    let link = links::get(tx, site, id)?;
    let act = match change {
        LinkChange::Disable => {
            links::update_disabled(tx, site, id, Some(actor.at))?;
            AuditAction::DisableLink
        }
        LinkChange::Enable => {
            links::update_disabled(tx, site, id, None)?;
            AuditAction::EnableLink
        }
        LinkChange::Renew(token) => {
            links::update_token(tx, site, id, token)?;
            AuditAction::RenewLink
        }
        LinkChange::Remove => {
            links::delete(tx, site, id)?;
            AuditAction::RemoveLink
        }
    };
    actor.record(tx, site, act, &link.name)?;
    Ok(link.has_run_out(actor.at))
}
