//! E-mail reports to addresses outside: people without an account get what a guest link shows. The address confirms once, before its
//! first report.

use super::letter;
use super::standing::{self, Standing};
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::mail::body::{Block, Body};
use crate::mail::templates::Letters;
use crate::model::clock::Timestamp;
use crate::model::email;
use crate::model::id::{DigestId, LinkId, SiteId, Token, UserId};
use crate::model::rhythm::Rhythm;
use crate::store::digests::{self, Audience, Digest, Outside};
use crate::store::links::{self, Link};
use crate::store::sites::Site;
use crate::store::unsubscribes::{self, LetterKind};
use crate::store::{brands, outbox, sites, users};
use rusqlite::{Connection, Transaction};

/// The link of a letter that is not valid.
const GONE: Error = Error::Missing("link: it was used, is older than two weeks, or the report has ended");

/// The settings of a new e-mail report to an address outside.
#[derive(Clone, Debug)]
pub struct OutsideSettings {
    /// The guest link whose reports it shows.
    pub link: Option<LinkId>,
    /// The address, as typed.
    pub recipient: String,
    /// The rhythm.
    pub rhythm: Rhythm,
}

/// The letter that asks an address to confirm.
pub struct Asking<'a> {
    /// The letters of this server.
    pub letters: &'a Letters,
    /// The token of its link.
    pub token: &'a Token,
}

/// Finds an e-mail report of a site to an address outside.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site has no such report.
pub fn get(connection: &Connection, site: SiteId, id: DigestId) -> Result<(Digest, Outside)> {
    let digest = digests::get(connection, id)?;
    match &digest.audience {
        Audience::Outside(outside) if outside.site == site => Ok((digest.clone(), outside.clone())),
        _ => Err(Error::Missing("e-mail report")),
    }
}

/// Adds an e-mail report and asks its address to confirm; `made_by` is `None` at the command line.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the address is none, the guest link is not there or shows nothing, the address gets the
/// same report already, or the site has too many, and when the data file cannot be written.
pub fn add(
    tx: &Transaction<'_>,
    actor: &Actor,
    made_by: Option<UserId>,
    site: &Site,
    settings: &OutsideSettings,
    asking: &Asking<'_>,
) -> Result<DigestId> {
    let recipient = email::canonical(&settings.recipient);
    let mut problems = Vec::new();
    let mut wrong =
        |field: &'static str, sentence: String| problems.push(Problem { field: field.into(), sentence });
    if let Some(sentence) = email::problem(&recipient) {
        wrong("recipient", sentence.into());
    }
    let link = settings.link.map(|link| links::get(tx, site.id, link)).transpose();
    let link = match link {
        Ok(link) => link,
        Err(Error::Missing(_)) => None,
        Err(error) => return Err(error),
    };
    match &link {
        None => wrong("link", "Choose one of the site's guest links.".into()),
        Some(link) if !link.is_open(actor.at) => {
            wrong("link", "That guest link is disabled or has expired. Choose another one.".into());
        }
        Some(link) if standing::visible_by_link(site.clone(), link).is_none() => {
            wrong("link", "That guest link shows no reports. Choose another one.".into());
        }
        Some(_) => {}
    }
    let others = digests::list_outside(tx, site.id)?;
    if others.len() >= limits::OUTSIDE_DIGESTS_PER_SITE_MAX {
        let most = limits::OUTSIDE_DIGESTS_PER_SITE_MAX;
        wrong("recipient", format!("A site has {most} e-mail reports at most. Remove one first."));
    }
    let is_same = |other: &Digest| match &other.audience {
        Audience::Outside(outside) => {
            other.rhythm == settings.rhythm
                && outside.link == settings.link
                && email::key(&outside.recipient) == email::key(&recipient)
        }
        Audience::User { .. } => false,
    };
    if others.iter().any(is_same) {
        wrong("recipient", "That address already gets this report.".into());
    }
    let Some(link) = link.filter(|_| problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let outside = Outside {
        site: site.id,
        link: Some(link.id),
        recipient: recipient.clone(),
        made_by,
        asked_at: None,
        confirmed_at: None,
    };
    let id = digests::create(tx, &Audience::Outside(outside.clone()), settings.rhythm, actor.at)?;
    write_question(tx, site, &link, (id, settings.rhythm, &outside), asking, actor.at)?;
    let about = format!("{}, {} report, guest link {}", recipient, settings.rhythm.name(), link.name);
    actor.record(tx, site.id, AuditAction::AddOutsideDigest, &about)?;
    Ok(id)
}

/// Asks an address again to confirm.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site has no such report, or its guest link is gone, and when the data file cannot be
/// written.
pub fn ask_again(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    id: DigestId,
    asking: &Asking<'_>,
) -> Result<()> {
    let (digest, outside) = get(tx, site.id, id)?;
    let link = links::get(tx, site.id, outside.link.ok_or(Error::Missing("link"))?)?;
    if outside.confirmed_at.is_some() {
        return Ok(());
    }
    write_question(tx, site, &link, (id, digest.rhythm, &outside), asking, actor.at)
}

fn write_question(
    tx: &Transaction<'_>,
    site: &Site,
    link: &Link,
    (id, rhythm, outside): (DigestId, Rhythm, &Outside),
    asking: &Asking<'_>,
    at: Timestamp,
) -> Result<()> {
    digests::ask(tx, id, asking.token, at)?;
    let brand = if link.is_white_label { brands::find(tx, site.id)? } else { None };
    let who = match &brand {
        Some(brand) => brand.name.clone(),
        None => match outside.made_by {
            Some(user) => users::get(tx, user)?.username,
            None => site.domain.clone(),
        },
    };
    let rhythm = rhythm.title().to_lowercase();
    let mut body = Body::new(format!("{who} wants to send you a {rhythm} report on {}", site.name))
        .text(format!("It shows the numbers of the website {} by e-mail. Do you want it?", site.domain))
        .with(Block::Button {
            label: "Yes, send me the report".into(),
            address: asking.letters.address(&confirmation_path(asking.token)),
            shows_address: true,
        })
        .text("If you don't, ignore this letter: you won't get any report.");
    body.brand = brand.as_ref().map(letter::brand);
    let told_user = standing::maker(tx, outside, site)?;
    let question = asking.letters.compose(&outside.recipient, told_user, &body);
    outbox::create_until(tx, &question, at, at.after(limits::LETTER_LASTS))
}

/// Returns the path of the link that confirms an address.
pub fn confirmation_path(token: &Token) -> String {
    format!("/digest/{}", token.expose())
}

/// Finds the e-mail report of a link that confirms an address, with its site.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be read.
pub fn find_question(
    connection: &Connection,
    token: &Token,
    now: Timestamp,
) -> Result<(Digest, Outside, Site)> {
    let digest = digests::find_of_confirmation(connection, token)?.ok_or(GONE)?;
    let Audience::Outside(outside) = digest.audience.clone() else { return Err(GONE) };
    let asked = outside.asked_at.ok_or(GONE)?;
    let is_open = outside.confirmed_at.is_none() && now.since(asked) < limits::DIGEST_CONFIRMED_WITHIN;
    if !is_open || matches!(standing::find(connection, &digest, now)?, Standing::Over(_)) {
        return Err(GONE);
    }
    let site = sites::get(connection, outside.site)?;
    Ok((digest, outside, site))
}

/// Confirms the address of a link.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be written.
pub fn confirm(tx: &Transaction<'_>, token: &Token, now: Timestamp) -> Result<(Digest, Outside, Site)> {
    let found = find_question(tx, token, now)?;
    digests::confirm(tx, found.0.id, now)?;
    Ok(found)
}

/// Pauses an e-mail report.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site has no such report, and when the data file cannot be written.
pub fn pause(tx: &Transaction<'_>, actor: &Actor, site: SiteId, id: DigestId) -> Result<()> {
    let (digest, outside) = get(tx, site, id)?;
    digests::pause(tx, digest.id, actor.at)?;
    actor.record(tx, site, AuditAction::PauseOutsideDigest, &outside.recipient)
}

/// Lets an e-mail report go on with its next period; not one from which its recipient unsubscribed.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site has no such report, and when the data file cannot be written.
pub fn resume(tx: &Transaction<'_>, actor: &Actor, site: SiteId, id: DigestId) -> Result<()> {
    let (digest, outside) = get(tx, site, id)?;
    digests::resume(tx, digest.id, actor.at)?;
    actor.record(tx, site, AuditAction::ResumeOutsideDigest, &outside.recipient)
}

/// Removes an e-mail report.
///
/// # Errors
///
/// Fails with `Error::Missing` when the site has no such report, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, site: SiteId, id: DigestId) -> Result<()> {
    let (digest, outside) = get(tx, site, id)?;
    unsubscribes::delete(tx, LetterKind::Digest, digest.id.0)?;
    digests::delete(tx, digest.id)?;
    actor.record(tx, site, AuditAction::RemoveOutsideDigest, &outside.recipient)
}
