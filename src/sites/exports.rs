//! Exports of a site's data: they change nothing, and the audit log says who has them.

use crate::access::audit::{Actor, AuditAction};
use crate::error::Result;
use crate::model::id::SiteId;
use rusqlite::Transaction;

/// Records that a file with data of a site was exported.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn record(tx: &Transaction<'_>, actor: &Actor, site: SiteId, file: &str) -> Result<()> {
    actor.record(tx, site, AuditAction::Export, file)
}

/// Records that a visitor's data was exported; the visitor is not named.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn record_visitor(tx: &Transaction<'_>, actor: &Actor, site: SiteId) -> Result<()> {
    actor.record(tx, site, AuditAction::ExportVisitor, "")
}
