//! Daily salts: the secrets with which a site hashes IP addresses to visitors. Without its salt a hash cannot be
//! reversed, so a salt is deleted as soon as no visit can need it.

use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// The random bytes that key the hashes of one site and day.
pub type Salt = [u8; 32];

/// Finds the salt of a day.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, day: Day) -> Result<Option<Salt>> {
    let mut question =
        connection.prepare_cached("select salt from salts where site_id = :site and day = :day")?;
    Ok(question.query_row(named_params! {":site": site.0, ":day": day.0}, |row| row.get(0)).optional()?)
}

/// Stores the salt of a new day.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, site: SiteId, day: Day, salt: &Salt) -> Result<()> {
    transaction.execute(
        "insert into salts (site_id, day, salt) values (:site, :day, :salt)",
        named_params! {":site": site.0, ":day": day.0, ":salt": salt},
    )?;
    Ok(())
}

/// Lists the sites and days that have a salt.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn days(connection: &Connection) -> Result<Vec<(SiteId, Day)>> {
    let mut question = connection.prepare_cached("select site_id, day from salts")?;
    let rows = question.query_map([], |row| Ok((SiteId(row.get(0)?), Day(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the salts of a site from a day on.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, since: Day) -> Result<Vec<(Day, Salt)>> {
    let mut question = connection
        .prepare_cached("select day, salt from salts where site_id = :site and day >= :since order by day")?;
    let bound = named_params! {":site": site.0, ":since": since.0};
    let rows = question.query_map(bound, |row| Ok((Day(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Deletes the salts of a site before a day.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_before(transaction: &Transaction<'_>, site: SiteId, day: Day) -> Result<()> {
    transaction.execute(
        "delete from salts where site_id = :site and day < :day",
        named_params! {":site": site.0, ":day": day.0},
    )?;
    Ok(())
}

/// Deletes the salt of a day.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, day: Day) -> Result<()> {
    transaction.execute(
        "delete from salts where site_id = :site and day = :day",
        named_params! {":site": site.0, ":day": day.0},
    )?;
    Ok(())
}
