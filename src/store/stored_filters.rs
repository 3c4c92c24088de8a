//! Filters that are stored as text, as in a URL: those of segments, guest links and alerts.

use crate::error::Result;
use crate::model::id::SiteId;
use rusqlite::{Connection, Transaction, named_params};

/// A stored filter.
#[derive(Debug)]
pub struct StoredFilter {
    place: (&'static str, &'static str),
    id: i64,
    /// The filters, as in a URL.
    pub text: String,
}

/// The tables with filters, and the column that holds them.
const PLACES: [(&str, &str); 3] = [("segments", "conditions"), ("links", "segment"), ("alerts", "segment")];

/// Lists the stored filters of a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<StoredFilter>> {
    let mut found = Vec::new();
    for place @ (table, column) in PLACES {
        let sql =
            format!("select id, {column} from {table} where site_id = :site and {column} <> '' order by id");
        let mut question = connection.prepare_cached(&sql)?;
        let rows = question
            .query_map([site.0], |row| Ok(StoredFilter { place, id: row.get(0)?, text: row.get(1)? }))?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

/// Replaces the text of a stored filter.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update(tx: &Transaction<'_>, stored: &StoredFilter, text: &str) -> Result<()> {
    let (table, column) = stored.place;
    let sql = format!("update {table} set {column} = :text where id = :id");
    tx.execute(&sql, named_params! {":text": text, ":id": stored.id})?;
    Ok(())
}
