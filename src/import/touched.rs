//! What an import changes, told to whatever is derived from the rows.

use crate::error::Result;
use crate::id::{SiteId, VisitId};
use crate::store::blocks;
use rusqlite::Transaction;

/// Called in each transaction of an import, after its rows: visits of this site from the first id to the last one may
/// have begun or changed. What is derived from their days is to be made anew.
pub fn after_import(tx: &Transaction<'_>, site: SiteId, (first, last): (VisitId, VisitId)) -> Result<()> {
    blocks::unseal(tx, site, &(first..VisitId(last.0 + 1)))
}
