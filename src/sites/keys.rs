//! The keys of a site, by which programs read its numbers.

use crate::access::audit::{Actor, AuditAction};
use crate::error::Result;
use crate::model::id::SiteId;
use crate::store::sites::{self, Keys};
use rusqlite::Transaction;

/// Returns the keys, for somebody who looks at them.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn show(tx: &Transaction<'_>, actor: &Actor, site: SiteId) -> Result<Keys> {
    actor.record(tx, site, AuditAction::ShowKeys, "")?;
    sites::keys(tx, site)
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
