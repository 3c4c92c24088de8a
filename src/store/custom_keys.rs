//! The keys of custom data with a report of their own, of each site.

use crate::error::{Error, Result};
use crate::model::id::SiteId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Lists the keys of a site, in their order.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<String>> {
    let mut question = connection.prepare_cached("select custom_keys from sites where id = :id")?;
    let keys: Option<String> = question.query_row([site.0], |row| row.get(0)).optional()?;
    Ok(keys.unwrap_or_default().lines().map(str::to_owned).collect())
}

/// Sets the keys of a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn set(transaction: &Transaction<'_>, site: SiteId, keys: &[String]) -> Result<()> {
    let sql = "update sites set custom_keys = :keys where id = :id";
    let changed = transaction.execute(sql, named_params! {":keys": keys.join("\n"), ":id": site.0})?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}
