//! The e-mail reports that are due: a function of the periods that were sent, and of the time. Each period is sent once; after a
//! pause of the program only the newest one is.

use super::standing::{Recipient, VisibleSite};
use crate::error::Result;
use crate::model::clock::{Timestamp, Zone};
use crate::model::rhythm::{Period, Rhythm};
use crate::store::digest_periods;
use crate::store::digests::Digest;
use rusqlite::Connection;

/// Returns the newest period that can be sent about some sites; `None` without a site.
pub fn newest(rhythm: Rhythm, sites: &[VisibleSite], now: Timestamp) -> Option<Period> {
    rhythm.newest(&zones(sites), now)
}

fn zones(sites: &[VisibleSite]) -> Vec<Zone> {
    sites.iter().map(|visible| visible.site.zone.clone()).collect()
}

/// Returns true if a period could be sent only after the e-mail report began, or began again after a pause.
fn is_since(period: Period, zones: &[Zone], since: Timestamp) -> bool {
    period.due_at(zones).is_some_and(|due| due > since)
}

/// Finds the period about which an e-mail report is to be sent now; `None` if it was sent, or came before the report began.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn find(
    connection: &Connection,
    digest: &Digest,
    recipient: &Recipient,
    now: Timestamp,
) -> Result<Option<Period>> {
    let zones = zones(&recipient.sites);
    let newest = digest.rhythm.newest(&zones, now);
    let Some(period) = newest.filter(|period| is_since(*period, &zones, digest.since_at)) else {
        return Ok(None);
    };
    Ok(if digest_periods::has(connection, digest.id, period)? { None } else { Some(period) })
}

/// Returns the time at which the next letter is sent.
pub fn next_at(digest: &Digest, recipient: &Recipient, now: Timestamp) -> Option<Timestamp> {
    let zones = zones(&recipient.sites);
    let newest = digest.rhythm.newest(&zones, now)?;
    digest.rhythm.after(newest).due_at(&zones)
}
