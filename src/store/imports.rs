//! Imported files: each is recognised by the hash of its beginning, even under another name.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The format of an exported site.
pub const SITE: &str = "site";
/// The format of an exported site whose site already existed when the import began; its guest links are imported only
/// on request.
pub const SITE_AGAIN: &str = "site-again";

/// The progress of one file's import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The site imported into.
    pub site: SiteId,
    /// The SHA-256 hash of the file's beginning.
    pub hash: Vec<u8>,
    /// The number of bytes hashed.
    pub head_bytes: i64,
    /// The format of the file: [`SITE`], [`SITE_AGAIN`], `hits` or `log`.
    pub format: String,
    /// The name of the file.
    pub name: String,
    /// The bytes that are read and committed, counted after decompression.
    pub bytes: i64,
    /// The lines that are read and committed.
    pub lines: i64,
    /// The lines that were imported.
    pub taken: i64,
    /// The lines that a rule left out.
    pub left_out: i64,
    /// The lines that could not be parsed.
    pub refused: i64,
    /// The start of the last run.
    pub begun_at: Timestamp,
    /// The end of the last run; `None` when it was stopped or still runs.
    pub ended_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "site_id, hash, head_bytes, format, name, bytes, lines, taken, left_out, refused, begun_at, ended_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Import> {
    Ok(Import {
        site: SiteId(row.get(0)?),
        hash: row.get(1)?,
        head_bytes: row.get(2)?,
        format: row.get(3)?,
        name: row.get(4)?,
        bytes: row.get(5)?,
        lines: row.get(6)?,
        taken: row.get(7)?,
        left_out: row.get(8)?,
        refused: row.get(9)?,
        begun_at: Timestamp(row.get(10)?),
        ended_at: row.get::<_, Option<i64>>(11)?.map(Timestamp),
    })
}

/// Lists the imports of a format, those with the longest hashed beginning first. [`SITE`] includes [`SITE_AGAIN`].
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, format: &str) -> Result<Vec<Import>> {
    let sql =
        format!("select {COLUMNS} from imports where format = :format or :format = '{SITE}' and format = '{SITE_AGAIN}'
                 order by head_bytes desc, site_id");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([format], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Import {
    /// Returns true for an exported site.
    pub fn is_site(&self) -> bool {
        [SITE, SITE_AGAIN].contains(&self.format.as_str())
    }
}

/// Finds one file imported into a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, hash: &[u8]) -> Result<Option<Import>> {
    let sql = format!("select {COLUMNS} from imports where site_id = :site and hash = :hash");
    let bound = named_params! {":site": site.0, ":hash": hash};
    Ok(connection.prepare_cached(&sql)?.query_row(bound, read).optional()?)
}

/// Lists the files imported into a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_of(connection: &Connection, site: SiteId) -> Result<Vec<Import>> {
    let sql = format!("select {COLUMNS} from imports where site_id = :site order by begun_at, hash");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([site.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the sites with an import that began since a time and has not ended: it runs, or was stopped not long ago.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn under_way(connection: &Connection, since: Timestamp) -> Result<Vec<SiteId>> {
    let mut question = connection.prepare_cached(
        "select distinct site_id from imports where ended_at is null and begun_at >= :since",
    )?;
    let rows = question.query_map([since.0], |row| Ok(SiteId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the last import of an exported site into this site that has not ended: it runs, or was stopped.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_unfinished_site(connection: &Connection, site: SiteId) -> Result<Option<Import>> {
    let sql = format!(
        "select {COLUMNS} from imports
         where site_id = :site and format in ('site', 'site-again') and ended_at is null
         order by begun_at desc
         limit 1"
    );
    let mut question = connection.prepare_cached(&sql)?;
    Ok(question.query_row([site.0], read).optional()?)
}

/// Deletes the records of exported sites whose import never ended, after another one did.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_unfinished_sites(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute(
        "delete from imports where site_id = :site and format in ('site', 'site-again') and ended_at is null",
        [site.0],
    )?;
    Ok(())
}

/// Saves the progress of an import.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set(transaction: &Transaction<'_>, import: &Import) -> Result<()> {
    let sql = format!(
        "insert or replace into imports ({COLUMNS})
         values (:site, :hash, :head, :format, :name, :bytes, :lines, :taken, :left_out, :refused, :begun, :ended)"
    );
    transaction.prepare_cached(&sql)?.execute(named_params! {
        ":site": import.site.0, ":hash": import.hash, ":head": import.head_bytes, ":format": import.format,
        ":name": import.name, ":bytes": import.bytes, ":lines": import.lines, ":taken": import.taken,
        ":left_out": import.left_out, ":refused": import.refused, ":begun": import.begun_at.0,
        ":ended": import.ended_at.map(|at| at.0),
    })?;
    Ok(())
}

/// Deletes the record of a file, for instance when a longer beginning of it was hashed since.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, hash: &[u8]) -> Result<()> {
    transaction.execute(
        "delete from imports where site_id = :site and hash = :hash",
        named_params! {":site": site.0, ":hash": hash},
    )?;
    Ok(())
}
