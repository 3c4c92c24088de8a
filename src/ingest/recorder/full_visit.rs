//! A visit that has as many actions as one may have, and the visit of the same visitor that follows it.

use crate::error::Result;
use crate::ingest::hit::{Hit, Named};
use crate::store::rows::{self, Beginning, Visit, trait_bits};
use rusqlite::Transaction;

/// Whether a program names the visit that a hit belongs to.
pub fn names_visit(hit: &Hit) -> bool {
    hit.server_side.as_ref().is_some_and(|program| matches!(program.names, Named::Visit(_)))
}

/// The visit that follows a full one: of the same visitor. A program that names the full one tells nothing of its visitor's
/// browser and address, which stay as they are.
pub fn continued(
    tx: &Transaction<'_>,
    hit: &Hit,
    full: Visit,
    (visit, begun): (Visit, Beginning),
) -> Result<(Visit, Beginning)> {
    let visit = Visit { visitor: full.visitor, ..visit };
    let before = if names_visit(hit) { rows::find_beginning(tx, hit.site, full.id)? } else { None };
    Ok((
        visit,
        before.map_or(begun, |before| Beginning {
            landing: None,
            traits: before.traits & !trait_bits::NEW,
            ..before
        }),
    ))
}
