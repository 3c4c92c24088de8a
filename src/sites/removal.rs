//! The removal of a site. Its rows are deleted later, in slices.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::store::site_deletion;
use crate::store::sites::Site;
use rusqlite::Transaction;

/// Checks that a typed text confirms the removal: it is the site's domain.
///
/// # Errors
///
/// Fails with `Error::Invalid` for another text.
pub fn check_confirmation(site: &Site, typed: &str) -> Result<()> {
    if typed.trim().eq_ignore_ascii_case(&site.domain) {
        return Ok(());
    }
    let sentence = format!("Type {} to delete it. Nothing was deleted.", site.domain);
    Err(Error::invalid("delete_domain", sentence))
}

/// Removes a site.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn delete(tx: &Transaction<'_>, actor: &Actor, site: &Site) -> Result<()> {
    site_deletion::delete(tx, site.id)?;
    actor.record(tx, site.id, AuditAction::DeleteSite, &site.domain)
}
