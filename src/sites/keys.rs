//! The keys of a site, by which programs read its numbers.

use crate::access::audit::{Actor, AuditAction};
use crate::access::capability::Capability;
use crate::access::policy::{self, Caller, Decision};
use crate::error::Result;
use crate::limits;
use crate::model::id::{SiteId, UserId};
use crate::store::sites::{self, Keys, Site};
use rusqlite::{Connection, Transaction};

/// The note of the audit log on keys that a program got.
const THROUGH_API: &str = "through the account API";

/// Returns the keys, for somebody who looks at them.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn show(tx: &Transaction<'_>, actor: &Actor, site: SiteId) -> Result<Keys> {
    actor.record(tx, site, AuditAction::ShowKeys, "")?;
    sites::keys(tx, site)
}

/// Lists the sites whose keys a user may see, with their keys: the user's own ones, and those shared at a level that
/// includes the key.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn list_for(connection: &Connection, user: UserId) -> Result<Vec<(Site, Keys)>> {
    let open = sites::list_open_to(connection, user)?.into_iter();
    let with_key = open.filter(|(_, level)| {
        let caller = level.map_or(Caller::Owner, Caller::from);
        policy::verdict(caller, Capability::SeeSiteKey) == Decision::Allowed
    });
    let keyed = with_key.map(|(site, _)| {
        let keys = sites::keys(connection, site.id)?;
        Ok((site, keys))
    });
    keyed.collect()
}

/// Lists those of some sites whose keys a program gets through the account API without a recent record of it. There is one
/// record within [`limits::KEY_DISCLOSURE_RECORDED_EVERY`] for each user and address: programs ask again and again.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn list_unrecorded(connection: &Connection, actor: &Actor, sites: &[SiteId]) -> Result<Vec<SiteId>> {
    let since = actor.at.before(limits::KEY_DISCLOSURE_RECORDED_EVERY);
    let mut unrecorded = Vec::new();
    for site in sites {
        if !actor.has_recorded(connection, *site, (AuditAction::ShowKeys, THROUGH_API), since)? {
            unrecorded.push(*site);
        }
    }
    Ok(unrecorded)
}

/// Records that a program gets the keys of sites through the account API, where that is not recorded yet.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn record_disclosure(tx: &Transaction<'_>, actor: &Actor, sites: &[SiteId]) -> Result<()> {
    let unrecorded = list_unrecorded(tx, actor, sites)?;
    unrecorded.iter().try_for_each(|site| actor.record(tx, *site, AuditAction::ShowKeys, THROUGH_API))
}

/// Replaces the keys; the old ones are refused from the next request on.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn rotate(tx: &Transaction<'_>, actor: &Actor, site: SiteId, keys: &Keys) -> Result<()> {
    sites::update_keys(tx, site, keys)?;
    actor.record(tx, site, AuditAction::RotateKeys, "")
}
