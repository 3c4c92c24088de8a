//! A visit with the most actions that one may have, and the visit of the same visitor that follows it.

use crate::error::Result;
use crate::ingest::hit::{Hit, VisitorRef};
use crate::store::visits::{self, OpenVisit, VisitStart, visit_flags};
use rusqlite::Transaction;

/// Returns true if a program names the visit that a hit belongs to.
pub fn names_visit(hit: &Hit) -> bool {
    hit.server_side.as_ref().is_some_and(|program| matches!(program.visitor, VisitorRef::Visit(_)))
}

/// Returns the visit that follows a full one, with the same visitor. A program that names the full visit sends neither
/// the visitor's browser nor address, which stay the same.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn continued(
    tx: &Transaction<'_>,
    hit: &Hit,
    full: OpenVisit,
    visit: OpenVisit,
    start: VisitStart,
) -> Result<(OpenVisit, VisitStart)> {
    let visit = OpenVisit { visitor: full.visitor, ..visit };
    let before = if names_visit(hit) { visits::find_beginning(tx, hit.site, full.id)? } else { None };
    Ok((
        visit,
        before.map_or(start, |before| VisitStart {
            landing: None,
            traits: before.traits & !visit_flags::NEW,
            ..before
        }),
    ))
}
