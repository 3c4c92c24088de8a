//! Files that were imported: each is known again by the hash of its beginning, whatever it is called by then.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::SiteId;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The format of an exported site.
pub const SITE: &str = "site";
/// The same, where that very site was here already when its import began: its guest links are left out unless asked for.
pub const SITE_AGAIN: &str = "site-again";

/// How far a file was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Into which site.
    pub site: SiteId,
    /// SHA-256 of the file's beginning.
    pub hash: Vec<u8>,
    /// How many bytes that is.
    pub head_bytes: i64,
    /// What kind of file: [`SITE`], [`SITE_AGAIN`], hits, log.
    pub format: String,
    /// As it was called.
    pub name: String,
    /// Bytes that are read and committed, of the text inside where it is compressed.
    pub bytes: i64,
    /// The same in lines.
    pub lines: i64,
    /// Lines that became something.
    pub taken: i64,
    /// Lines that were left out by a rule.
    pub left_out: i64,
    /// Lines that could not be understood.
    pub refused: i64,
    /// When the last run began.
    pub begun_at: Timestamp,
    /// When it ended; none: it was stopped.
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

/// The files of a format, those first of whose beginning most is known.
pub fn list(connection: &Connection, format: &str) -> Result<Vec<Import>> {
    let sql =
        format!("select {COLUMNS} from imports where format = :format or :format = '{SITE}' and format = '{SITE_AGAIN}'
                 order by head_bytes desc, site_id");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([format], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Import {
    /// Whether it is an exported site.
    pub fn is_site(&self) -> bool {
        [SITE, SITE_AGAIN].contains(&self.format.as_str())
    }
}

/// One file that became part of a site.
pub fn find(connection: &Connection, site: SiteId, hash: &[u8]) -> Result<Option<Import>> {
    let sql = format!("select {COLUMNS} from imports where site_id = :site and hash = :hash");
    let bound = named_params! {":site": site.0, ":hash": hash};
    Ok(connection.prepare_cached(&sql)?.query_row(bound, read).optional()?)
}

/// The files that became part of a site.
pub fn list_of(connection: &Connection, site: SiteId) -> Result<Vec<Import>> {
    let sql = format!("select {COLUMNS} from imports where site_id = :site order by begun_at, hash");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([site.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Sites into which a file is being imported, or was until somebody stopped it not long ago.
pub fn under_way(connection: &Connection, since: Timestamp) -> Result<Vec<SiteId>> {
    let mut question = connection.prepare_cached(
        "select distinct site_id from imports where ended_at is null and begun_at >= :since",
    )?;
    let rows = question.query_map([since.0], |row| Ok(SiteId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The exported site that a site is not all of yet: its import is under way, or somebody stopped it. The last one.
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

/// Forgets exported sites that were never imported to their end, after another one was.
pub fn delete_unfinished_sites(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute(
        "delete from imports where site_id = :site and format in ('site', 'site-again') and ended_at is null",
        [site.0],
    )?;
    Ok(())
}

/// Writes down how far a file was imported.
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

/// Forgets a file, as when more of its beginning is known by now.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, hash: &[u8]) -> Result<()> {
    transaction.execute(
        "delete from imports where site_id = :site and hash = :hash",
        named_params! {":site": site.0, ":hash": hash},
    )?;
    Ok(())
}
