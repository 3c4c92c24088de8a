//! What an import changes, told to whatever is derived from the rows.

use crate::error::{Error, Result};
use crate::id::{SiteId, VisitId};
use crate::store::{blocks, retention};
use rusqlite::Transaction;

/// Called in each transaction of an import, after its rows: visits of this site from the first id to the last one may
/// have begun or changed. What is derived from their days is to be made anew.
pub fn after_import(tx: &Transaction<'_>, site: SiteId, (first, last): (VisitId, VisitId)) -> Result<()> {
    let dropping = retention::state(tx, site)?.dropping;
    if dropping.is_some_and(|dropping| dropping.start <= last && first < dropping.end) {
        // Their totals stand already: what came now would go uncounted.
        return Err(Error::Setup(
            "Old visits of these days are being dropped. Run `clickstead prune`, then the import again; it goes on \
             where it stopped."
                .into(),
        ));
    }
    blocks::unseal(tx, site, &(first..VisitId(last.0 + 1)))
}
