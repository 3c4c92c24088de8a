//! The knowledge of a site about the reading of its pages: whether browsers ever told it.

use crate::error::Result;
use crate::model::id::SiteId;
use rusqlite::{Connection, named_params};

/// Returns true if browsers told how long a page of the site was visible.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn is_measured(connection: &Connection, site: SiteId) -> Result<bool> {
    let sql = "select exists (select 1 from page_reads where site_id = :site)";
    Ok(connection.prepare_cached(sql)?.query_row(named_params! {":site": site.0}, |row| row.get(0))?)
}
