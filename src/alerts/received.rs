//! The events of which a person was told, as far as they may still see what these tell.

use super::delivery::STOPPED;
use super::rights;
use crate::access::{self, Grant};
use crate::error::Result;
use crate::limits;
use crate::model::id::{SiteId, UserId};
use crate::store::alert_events::{self, ReceivedEvent};
use crate::store::alerts;
use crate::store::sites::{self, Site};
use rusqlite::Connection;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// An event of a person's list.
#[derive(Clone, Debug)]
pub struct Received {
    /// The event.
    pub event: ReceivedEvent,
    /// The site; `None` for one to which the person lost access, of which only the end of an alert is told.
    pub site: Option<Site>,
}

/// Lists the newest events of which a person was told, the newest first; those unseen alone if `unseen_only`.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, user: UserId, unseen_only: bool, count: usize) -> Result<Vec<Received>> {
    let mut grants: HashMap<SiteId, Option<(Site, Grant)>> = HashMap::new();
    let mut received = Vec::new();
    for event in alert_events::list_received(connection, user, unseen_only, count)? {
        let known = match grants.entry(event.site) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(standing(connection, user, event.site)?),
        };
        let Some((site, grant)) = known else { continue };
        let is_end = event.event.key.starts_with(STOPPED);
        let alert = alerts::find(connection, event.event.alert)?;
        let shows = alert.is_some_and(|alert| rights::may_have(grant, &alert.settings));
        if shows || is_end {
            let is_open = grant.may(access::capability::Capability::SeeSiteInList);
            received.push(Received { event, site: is_open.then(|| site.clone()) });
        }
    }
    Ok(received)
}

/// Returns a site with what a person may do and see there; `None` when the site is gone.
fn standing(connection: &Connection, user: UserId, site: SiteId) -> Result<Option<(Site, Grant)>> {
    let Some(site) = sites::find(connection, site)? else { return Ok(None) };
    let grant = access::grant(connection, user, &site)?;
    Ok(Some((site, grant)))
}

/// Returns the number of events that a person has not seen, up to one more than the bell counts.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn count_unseen(connection: &Connection, user: UserId) -> Result<usize> {
    Ok(list(connection, user, true, limits::ALERT_BELL_MAX + 1)?.len())
}
