//! The restore of a backup, as the audit logs of all its sites tell it.

use crate::access::audit::{Actor, AuditAction};
use crate::error::Result;
use crate::store::sites;
use rusqlite::Transaction;

/// Records the restore in the log of every site.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn record(tx: &Transaction<'_>, actor: &Actor, about: &str) -> Result<()> {
    sites::list(tx)?.iter().try_for_each(|site| actor.record(tx, site.id, AuditAction::Restore, about))
}
