//! Imports of files into a site, as its audit log tells them.

use crate::access::audit::{Actor, AuditAction};
use crate::error::Result;
use crate::model::id::SiteId;
use rusqlite::Transaction;

/// Records that a file was imported.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn record(tx: &Transaction<'_>, actor: &Actor, site: SiteId, file: &str) -> Result<()> {
    actor.record(tx, site, AuditAction::Import, file)
}
