//! The sending of e-mail reports: which ones are due or over, and the letter, written once for each period in the transaction that
//! records it.

use super::composition;
use super::due;
use super::letter::{self, Report};
use super::standing::{self, Recipient, Standing, VisibleSite};
use crate::error::{Error, Result};
use crate::mail::templates::Letters;
use crate::model::clock::Timestamp;
use crate::model::id::DigestId;
use crate::model::rhythm::{Period, Rhythm};
use crate::reports::data_reader::DataReader;
use crate::store::digests::{self, Audience, Digest};
use crate::store::links::Link;
use crate::store::unsubscribes::{self, LetterKind, Subscription};
use crate::store::{brands, digest_periods, outbox};
use rusqlite::{Connection, Transaction};

/// The next act about an e-mail report.
#[derive(Debug)]
pub enum Step {
    /// A letter is due.
    Send(Box<Prepared>),
    /// It is over.
    End(DigestId),
}

/// An e-mail report that is due, before it is composed.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The report.
    pub digest: Digest,
    /// The recipient, with what they may see.
    pub recipient: Recipient,
    /// The period.
    pub period: Period,
}

/// Lists what is to be done now. A report whose state can't be read holds up no other one: its error stands in its place.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn list_steps(connection: &Connection, now: Timestamp) -> Result<Vec<Result<Step>>> {
    let active = digests::list_active(connection)?.into_iter();
    Ok(active.filter_map(|digest| step(connection, digest, now).transpose()).collect())
}

/// Returns what is to be done about a report now; `None` for nothing.
fn step(connection: &Connection, digest: Digest, now: Timestamp) -> Result<Option<Step>> {
    Ok(match standing::find(connection, &digest, now)? {
        Standing::Open(recipient) => due::find(connection, &digest, &recipient, now)?
            .map(|period| Step::Send(Box::new(Prepared { digest, recipient, period }))),
        Standing::Over(_) => Some(Step::End(digest.id)),
        Standing::Waits(_) => None,
    })
}

/// Composes the report about a period.
///
/// # Errors
///
/// Fails as the engine does, and when the data file cannot be read.
pub fn compose(
    reader: &DataReader<'_>,
    rhythm: Rhythm,
    sites: &[VisibleSite],
    link: Option<&Link>,
    period: Period,
) -> Result<Report> {
    let reports = sites
        .iter()
        .map(|VisibleSite { site, view }| composition::compose(reader, site, view, rhythm, period))
        .collect::<Result<_>>()?;
    let branded = link.filter(|link| link.is_white_label);
    let brand = match branded {
        Some(link) => brands::find(reader.connection, link.site)?,
        None => None,
    };
    Ok(Report {
        rhythm,
        period,
        sites: reports,
        link: link.cloned(),
        brand: brand.as_ref().map(letter::brand),
    })
}

/// Writes the letter of a due report and records its period. Returns false, and writes nothing, if the report changed since it
/// was composed, or its recipient may see other things now: it is composed anew in the next run.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn write(
    tx: &Transaction<'_>,
    letters: &Letters,
    prepared: &Prepared,
    report: &Report,
    at: Timestamp,
) -> Result<bool> {
    let Prepared { digest, recipient, period } = prepared;
    let present = match digests::get(tx, digest.id) {
        Ok(present) => present,
        Err(Error::Missing(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let Standing::Open(allowed) = standing::find(tx, &present, at)? else { return Ok(false) };
    if present != *digest || !allowed.sees_as(recipient) || digest_periods::has(tx, digest.id, *period)? {
        return Ok(false);
    }
    write_letter(tx, letters, digest, recipient, report, at)?;
    digest_periods::create(tx, digest.id, *period, at)?;
    Ok(true)
}

/// A report that somebody asked for, composed.
pub struct Composed {
    /// The report with its recipient and period.
    pub prepared: Prepared,
    /// The report as values.
    pub report: Report,
}

/// Composes an e-mail report about the newest period that is over, whether or not it was sent; `None` if it can't be sent now.
///
/// # Errors
///
/// Fails as the engine does, and when the data file cannot be read.
pub fn compose_now(reader: &DataReader<'_>, digest: &Digest, now: Timestamp) -> Result<Option<Composed>> {
    let Standing::Open(recipient) = standing::find(reader.connection, digest, now)? else { return Ok(None) };
    let Some(period) = due::newest(digest.rhythm, &recipient.sites, now) else { return Ok(None) };
    let report = compose(reader, digest.rhythm, &recipient.sites, recipient.link.as_deref(), period)?;
    Ok(Some(Composed { prepared: Prepared { digest: digest.clone(), recipient, period }, report }))
}

/// Writes the letter of a report that somebody asked for. Its period is due all the same. Returns false, and writes nothing, if
/// the recipient may not see that any more.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn write_now(
    tx: &Transaction<'_>,
    letters: &Letters,
    composed: &Composed,
    at: Timestamp,
) -> Result<bool> {
    let Composed { prepared: Prepared { digest, recipient, .. }, report } = composed;
    let Standing::Open(allowed) = standing::find(tx, &digests::get(tx, digest.id)?, at)? else {
        return Ok(false);
    };
    if !allowed.sees_as(recipient) {
        return Ok(false);
    }
    write_letter(tx, letters, digest, recipient, report, at)?;
    Ok(true)
}

fn write_letter(
    tx: &Transaction<'_>,
    letters: &Letters,
    digest: &Digest,
    recipient: &Recipient,
    report: &Report,
    at: Timestamp,
) -> Result<()> {
    let (user, site) = match &digest.audience {
        Audience::User { user, .. } => (Some(*user), None),
        Audience::Outside(outside) => (None, Some(outside.site)),
    };
    let title = report.title();
    let subscription =
        Subscription { kind: LetterKind::Digest, item: digest.id.0, user, site, title: &title };
    let token = unsubscribes::token(tx, subscription, at)?;
    let body = report.body(letters, Some(letters.unsubscribe_address(&token)));
    outbox::create(tx, &letters.compose(&recipient.address, recipient.told_user, &body), at)
}

#[cfg(test)]
mod tests;
