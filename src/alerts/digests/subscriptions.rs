//! A user's own e-mail reports: adding, changing, pausing and removing them.

use super::standing;
use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{DigestId, SiteId, UserId};
use crate::model::rhythm::Rhythm;
use crate::store::digests::{self, Audience, Digest};
use crate::store::unsubscribes::{self, LetterKind};
use crate::store::users;
use rusqlite::{Connection, Transaction};

/// The settings of a user's e-mail report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestSettings {
    /// The rhythm.
    pub rhythm: Rhythm,
    /// The sites.
    pub sites: Vec<SiteId>,
}

/// Finds an e-mail report of a user.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user has no such report.
pub fn get(connection: &Connection, user: UserId, id: DigestId) -> Result<Digest> {
    let digest = digests::get(connection, id)?;
    let is_theirs = matches!(&digest.audience, Audience::User { user: owner, .. } if *owner == user);
    if is_theirs { Ok(digest) } else { Err(Error::Missing("e-mail report")) }
}

/// Adds an e-mail report.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the user's address is not confirmed, may not see one of the sites, has the same report
/// already, or too many of them, and when the data file cannot be written.
pub fn add(tx: &Transaction<'_>, user: UserId, settings: &DigestSettings, at: Timestamp) -> Result<DigestId> {
    let mut problems = Vec::new();
    if !users::get(tx, user)?.has_proved_email() {
        problems
            .push(problem("rhythm", "Confirm your e-mail address first, under Account → Profile.".into()));
    }
    let others = digests::list_of_user(tx, user)?;
    if others.len() >= limits::DIGESTS_PER_USER_MAX {
        let most = limits::DIGESTS_PER_USER_MAX;
        problems.push(problem(
            "rhythm",
            format!("You have {most} e-mail reports, which is the most. Remove one first."),
        ));
    }
    let sites = checked(tx, user, settings, &others, &mut problems)?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    digests::create(tx, &Audience::User { user, sites }, settings.rhythm, at)
}

/// Changes the settings of an e-mail report.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user has no such report, with `Error::Invalid` when they may not see one of the sites
/// or have the same report already, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    user: UserId,
    id: DigestId,
    settings: &DigestSettings,
    at: Timestamp,
) -> Result<()> {
    let before = get(tx, user, id)?;
    let mut others = digests::list_of_user(tx, user)?;
    others.retain(|other| other.id != id);
    let mut problems = Vec::new();
    let sites = checked(tx, user, settings, &others, &mut problems)?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    // A new rhythm begins with its next period.
    let since = if before.rhythm == settings.rhythm { before.since_at } else { at };
    digests::update(tx, id, settings.rhythm, &sites, since)
}

/// Returns the sites, each once, and adds the problems of the settings.
fn checked(
    connection: &Connection,
    user: UserId,
    settings: &DigestSettings,
    others: &[Digest],
    problems: &mut Vec<Problem>,
) -> Result<Vec<SiteId>> {
    let mut sites = settings.sites.clone();
    sites.sort_unstable();
    sites.dedup();
    if sites.is_empty() {
        problems.push(problem("sites", "Choose at least one site.".into()));
    }
    if sites.len() > limits::DIGEST_SITES_MAX {
        let most = limits::DIGEST_SITES_MAX;
        problems.push(problem("sites", format!("Choose {most} sites at most. You can add a second report.")));
    }
    if standing::visible_sites(connection, user, &sites)?.len() != sites.len() {
        problems.push(problem("sites", "Choose sites from the list.".into()));
    }
    let is_same = |other: &Digest| {
        other.rhythm == settings.rhythm
            && matches!(&other.audience, Audience::User { sites: theirs, .. } if *theirs == sites)
    };
    if others.iter().any(is_same) {
        problems.push(problem("sites", "You already get this report about these sites.".into()));
    }
    Ok(sites)
}

fn problem(field: &'static str, sentence: String) -> Problem {
    Problem { field: field.into(), sentence }
}

/// Pauses an e-mail report.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user has no such report, and when the data file cannot be written.
pub fn pause(tx: &Transaction<'_>, user: UserId, id: DigestId, at: Timestamp) -> Result<()> {
    digests::pause(tx, get(tx, user, id)?.id, at)
}

/// Lets an e-mail report go on with its next period, also one that had ended or was unsubscribed from.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user has no such report, and when the data file cannot be written.
pub fn resume(tx: &Transaction<'_>, user: UserId, id: DigestId, at: Timestamp) -> Result<()> {
    let digest = get(tx, user, id)?;
    unsubscribes::renew(tx, LetterKind::Digest, digest.id.0, Some(user))?;
    digests::resume(tx, digest.id, at)
}

/// Removes an e-mail report.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user has no such report, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, user: UserId, id: DigestId) -> Result<()> {
    let digest = get(tx, user, id)?;
    unsubscribes::delete(tx, LetterKind::Digest, digest.id.0)?;
    digests::delete(tx, digest.id)
}
