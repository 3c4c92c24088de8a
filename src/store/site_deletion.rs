//! Deletion of sites, and of the rows that they leave behind, in slices between which others write.

use super::visit_tables::VISIT_TABLES;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::id::SiteId;
use rusqlite::{Connection, Transaction};

/// The tables whose rows of a site are deleted with it at once: they are few.
const BELONGINGS: [&str; 6] =
    ["salts", "filtered", "filtered_samples", "imports", "imported_lines", "campaign_costs"];

/// Deletes a site: from now on it is not shown and accepts no hits. The rows of its visits stay until [`delete_rows`]
/// deletes them.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn delete(transaction: &Transaction<'_>, id: SiteId) -> Result<()> {
    let changed = transaction.execute("delete from sites where id = :id", [id.0])?;
    if changed == 0 {
        return Err(Error::Missing("site"));
    }
    for table in BELONGINGS {
        transaction.execute(&format!("delete from {table} where site_id = :id"), [id.0])?;
    }
    Ok(())
}

/// The tables whose rows belong to a site and not to a visit, each with the key by which its slices are deleted.
const TABLES: [(&str, &str); 12] = [
    ("block_ranges", "site_id, first_day"),
    ("blocks", "site_id, part, first_day, seal"),
    ("rollups", "site_id, dimension, day, item, parent, code"),
    ("imports", "site_id, hash"),
    ("imported_lines", "site_id, period, number"),
    ("salts", "site_id, day"),
    ("sent_runs", "id"),
    ("sent_hits", "site_id, day, id_hash"),
    ("filtered", "site_id, day, reason"),
    ("filtered_samples", "site_id, day, reason, number"),
    ("campaign_costs", "site_id, campaign, day"),
    ("visitor_notes", "site_id, visitor_id"),
];

/// Runs a deletion whose data is overwritten, also in pages that become free, which costs more than usual.
///
/// # Errors
/// Fails with the errors of `delete`.
pub fn deleting_for_good<T>(transaction: &Transaction<'_>, delete: impl FnOnce() -> Result<T>) -> Result<T> {
    transaction.pragma_update(None, "secure_delete", true)?;
    let outcome = delete();
    transaction.pragma_update(None, "secure_delete", "fast")?;
    outcome
}

/// Deletes a slice of the rows that a deleted site left behind. Returns the number of rows; when it is 0, at most one
/// visit is left, which shows that the site's labels have to be swept; see [`delete_last`].
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_rows(transaction: &Transaction<'_>, id: SiteId) -> Result<usize> {
    deleting_for_good(transaction, || delete_slice(transaction, id))
}

/// Deletes the last visit of a deleted site, after its labels were swept.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_last(transaction: &Transaction<'_>, id: SiteId) -> Result<()> {
    transaction.execute(
        "delete from visits where site_id = :id and site_id not in (select id from sites)",
        [id.0],
    )?;
    Ok(())
}

fn delete_slice(transaction: &Transaction<'_>, id: SiteId) -> Result<usize> {
    // Visits come last: as long as there is one, the deletion is not complete.
    for (table, key) in TABLES.into_iter().chain(VISIT_TABLES.map(|table| (table.name, table.key))) {
        let rest = match table {
            "visits" => "and id < (select max(id) from visits where site_id = :id)",
            _ => "",
        };
        let deleted = transaction.execute(
            &format!(
                "delete from {table}
                 where ({key}) in (select {key} from {table} where site_id = :id {rest} limit {})",
                limits::DELETE_ROWS_PER_SLICE
            ),
            [id.0],
        )?;
        if deleted > 0 {
            return Ok(deleted);
        }
    }
    Ok(0)
}

/// Lists the deleted sites that have rows left, as an interrupted deletion leaves them.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_removed(connection: &Connection) -> Result<Vec<SiteId>> {
    let mut question = connection.prepare(
        "with recursive owners (site_id) as (
           select min(site_id) from visits
           union all
           select (select min(site_id) from visits where visits.site_id > owners.site_id) from owners
           where owners.site_id is not null
         )
         select site_id from owners
         where site_id is not null and site_id not in (select id from sites)",
    )?;
    let rows = question.query_map([], |row| Ok(SiteId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
