//! The reports and visitor data that View Only users see: for the whole site, or for one user.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Problem, Result};
use crate::model::id::{SiteId, Token, UserId};
use crate::reports::catalogue;
use crate::reports::visibility::{Visibility, VisitorData};
use crate::store::{shares, sign_ins, view_only};
use rusqlite::Transaction;

/// Returns the problem of report names that do not exist: an unknown one must not be ignored.
pub fn unknown_report<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Problem> {
    let wrong = names.into_iter().find(|name| catalogue::find(name).is_none())?;
    Some(Problem {
        field: "report".into(),
        sentence: format!("There is no report {wrong}. Choose from the list."),
    })
}

/// Returns the problem of a choice, if there is one.
pub fn problem(visibility: &Visibility) -> Option<Problem> {
    let sentence = if visibility.reports().next().is_none() {
        "Choose one report at least that can be shown."
    } else if visibility.has(VisitorData::SingleVisits) && !visibility.has(VisitorData::LiveList) {
        "Single visits are reached from the list of visitors. Switch that on too, or single visits off."
    } else {
        return None;
    };
    Some(Problem { field: "report".into(), sentence: sentence.into() })
}

/// Sets what View Only users see of a site who have no choice of their own.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn update_site(tx: &Transaction<'_>, actor: &Actor, site: SiteId, visibility: &Visibility) -> Result<()> {
    view_only::update_site(tx, site, &visibility.store())?;
    actor.record(tx, site, AuditAction::ChangeViewOnly, "")
}

/// Sets what one user sees at the level View Only; `None`: as all others.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site is not shared with the user, and when the data file cannot be written.
pub fn update_share(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: SiteId,
    user: UserId,
    visibility: Option<&Visibility>,
) -> Result<()> {
    view_only::update_share(tx, site, user, visibility.map(Visibility::store).as_ref())?;
    let person = shares::get(tx, site, user)?;
    let about = format!("{}{}", person.called(), if visibility.is_none() { ": as all others" } else { "" });
    actor.record(tx, site, AuditAction::ChangeViewOnly, &about)
}

/// Begins the preview of a site, in which a session sees what View Only users see.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn begin_preview(tx: &Transaction<'_>, session: &Token, site: SiteId) -> Result<()> {
    sign_ins::update_preview(tx, session, Some(site))
}

/// Ends the preview of a session.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn end_preview(tx: &Transaction<'_>, session: &Token) -> Result<()> {
    sign_ins::update_preview(tx, session, None)
}
