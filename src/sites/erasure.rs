//! The erasure of visitors with all their visits, in slices of some visits.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::model::id::{SiteId, VisitorId};
use crate::reports::visits::visitor_data;
use crate::store::visit_erasure;
use rusqlite::Transaction;

/// The word that confirms an erasure.
pub const WORD: &str = "erase";

/// Checks that a typed text confirms the erasure.
///
/// # Errors
///
/// Fails with `Error::Invalid` for another text than [`WORD`].
pub fn check_confirmation(typed: &str) -> Result<()> {
    if typed.trim().eq_ignore_ascii_case(WORD) {
        return Ok(());
    }
    Err(Error::invalid("word", format!("Type {WORD} to erase this visitor. Nothing was erased.")))
}

/// Records the erasure of visitors, before their visits are erased by [`erase_slice`].
///
/// # Errors
///
/// Fails with `Error::Missing` when they have no visit, and when the data file cannot be written.
pub fn begin(tx: &Transaction<'_>, actor: &Actor, site: SiteId, visitors: &[VisitorId]) -> Result<()> {
    let mut visits = 0;
    for visitor in visitors {
        visits += visitor_data::visits_of(tx, site, *visitor)?.len();
    }
    let about = match visits {
        0 => return Err(Error::Missing("visitor")),
        1 => "1 visit".to_owned(),
        visits => format!("{visits} visits"),
    };
    actor.record(tx, site, AuditAction::EraseVisitor, &about)
}

/// Erases the first visits of a visitor; returns false when there were none left.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn erase_slice(tx: &Transaction<'_>, site: SiteId, visitor: VisitorId) -> Result<bool> {
    let visits = visitor_data::slice_of(tx, site, visitor)?;
    visit_erasure::erase(tx, site, &visits)?;
    Ok(!visits.is_empty())
}
