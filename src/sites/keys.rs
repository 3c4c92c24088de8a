//! The keys of a site, by which programs read its numbers.

use crate::access::audit::{Actor, AuditAction};
use crate::access::capability::Capability;
use crate::access::policy::{self, Caller, Decision};
use crate::error::Result;
use crate::model::id::{SiteId, UserId};
use crate::store::sites::{self, Keys, Site};
use rusqlite::{Connection, Transaction};

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

/// Replaces the keys; the old ones are refused from the next request on.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn rotate(tx: &Transaction<'_>, actor: &Actor, site: SiteId, keys: &Keys) -> Result<()> {
    sites::update_keys(tx, site, keys)?;
    actor.record(tx, site, AuditAction::RotateKeys, "")
}
