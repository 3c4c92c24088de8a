//! The invalidation of derived data after an import.

use crate::error::{Error, Result};
use crate::model::id::{SiteId, VisitId};
use crate::store::{blocks, retention};
use rusqlite::Transaction;

/// Unseals the day blocks of imported visits, from the first ID to the last. Called in each transaction of an import,
/// after its rows.
///
/// # Errors
///
/// Fails with `Error::Setup` when visits of this range are being pruned, and when the data file cannot be written.
pub fn after_import(tx: &Transaction<'_>, site: SiteId, first: VisitId, last: VisitId) -> Result<()> {
    let dropping = retention::state(tx, site)?.dropping;
    if dropping.is_some_and(|dropping| dropping.start <= last && first < dropping.end) {
        // Their rollups are written already: the imported visits would not be counted.
        return Err(Error::Setup(
            "Old visits of these days are being dropped. Run `clickstead prune`, then the import again; it goes on \
             where it stopped."
                .into(),
        ));
    }
    blocks::unseal(tx, site, &(first..VisitId(last.0 + 1)))
}
