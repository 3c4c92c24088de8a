//! Hashes of imported lines, by which a line is recognised in any later file. A hash is keyed with a random key of the
//! site and stored under its line's period of ten minutes, as often as the line occurred. Hashes are pseudonyms, since
//! the key lies in the same file: someone who has the file and knows the text of a line can tell that it was imported,
//! and in which period, as long as its hash exists. A line cannot be read from its hash. Erasing a visitor leaves these
//! hashes, so that a later file does not bring the visitor back.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id;
use crate::model::id::SiteId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// The key of a site's hashes.
pub type LineKey = [u8; 16];

/// A period of ten minutes, counted from 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportPeriod(pub i64);

impl ImportPeriod {
    /// Returns the period that contains a time.
    pub fn at(moment: Timestamp) -> Self {
        Self(moment.0.div_euclid(limits::IMPORT_PERIOD_MS))
    }
}

/// Returns the key of a site's hashes; `None` when none of its lines is known.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_key(connection: &Connection, site: SiteId) -> Result<Option<LineKey>> {
    let mut question = connection.prepare_cached("select line_key from sites where id = :id")?;
    Ok(question.query_row([site.0], |row| row.get(0)).optional()?.flatten())
}

/// Sets the key of a site's hashes.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_key(transaction: &Transaction<'_>, site: SiteId, key: &LineKey) -> Result<()> {
    transaction.execute(
        "update sites set line_key = :key where id = :id",
        named_params! {":key": key, ":id": site.0},
    )?;
    Ok(())
}

/// Returns the key of a site's hashes, creating it when it is first needed.
///
/// # Errors
/// Fails when the data file cannot be written or no random bytes can be drawn.
pub fn key(transaction: &Transaction<'_>, site: SiteId) -> Result<LineKey> {
    if let Some(key) = find_key(transaction, site)? {
        return Ok(key);
    }
    let key = id::random()?;
    set_key(transaction, site, &key)?;
    Ok(key)
}

/// Returns the last period with lines of a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn last_period(connection: &Connection, site: SiteId) -> Result<Option<ImportPeriod>> {
    let mut question =
        connection.prepare_cached("select max(period) from imported_lines where site_id = :site")?;
    Ok(question.query_row([site.0], |row| row.get::<_, Option<i64>>(0))?.map(ImportPeriod))
}

/// Lists the periods with lines of a site, in order.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn periods(connection: &Connection, site: SiteId) -> Result<Vec<ImportPeriod>> {
    let mut question = connection
        .prepare_cached("select distinct period from imported_lines where site_id = :site order by period")?;
    let rows = question.query_map([site.0], |row| Ok(ImportPeriod(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the hashes of a period in no particular order, each as often as its line occurred.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, period: ImportPeriod) -> Result<Vec<u64>> {
    let mut question = connection
        .prepare_cached("select hashes from imported_lines where site_id = :site and period = :period")?;
    let mut rows = question.query(named_params! {":site": site.0, ":period": period.0})?;
    let mut hashes = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        hashes
            .extend(bytes.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes));
    }
    Ok(hashes)
}

/// Returns the time at which lines of a period were last seen.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn seen_at(connection: &Connection, site: SiteId, period: ImportPeriod) -> Result<Option<Timestamp>> {
    let mut question = connection.prepare_cached(
        "select max(seen_at) from imported_lines where site_id = :site and period = :period",
    )?;
    let bound = named_params! {":site": site.0, ":period": period.0};
    Ok(question.query_row(bound, |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
}

/// Adds the hashes of lines of a period. They are stored sorted, so that the order of the lines is lost.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn add(
    transaction: &Transaction<'_>,
    site: SiteId,
    period: ImportPeriod,
    hashes: &[u64],
    at: Timestamp,
) -> Result<()> {
    let mut hashes = hashes.to_vec();
    hashes.sort_unstable();
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
    transaction
        .prepare_cached(
            "insert into imported_lines (site_id, period, number, seen_at, hashes)
             select :site, :period, coalesce(max(number), 0) + 1, :at, :hashes
             from imported_lines
             where site_id = :site and period = :period",
        )?
        .execute(named_params! {":site": site.0, ":period": period.0, ":at": at.0, ":hashes": bytes})?;
    Ok(())
}

/// Records that lines of a period were seen again, which extends their retention.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn touch(transaction: &Transaction<'_>, site: SiteId, period: ImportPeriod, at: Timestamp) -> Result<()> {
    transaction
        .prepare_cached(
            "update imported_lines set seen_at = :at
             where site_id = :site and period = :period and seen_at < :before",
        )?
        .execute(named_params! {
            ":site": site.0, ":period": period.0, ":at": at.0,
            ":before": at.before(limits::IMPORT_LINE_SEEN_EVERY).0,
        })?;
    Ok(())
}

/// Deletes one slice of the lines last seen longer ago than [`limits::IMPORT_LINES_KEPT`]; returns true if some were
/// deleted and more may be left.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<bool> {
    let deleted = transaction.execute(
        "delete from imported_lines
         where (site_id, period, number) in (
           select site_id, period, number from imported_lines where seen_at < :before limit :most)",
        named_params! {
            ":before": now.before(limits::IMPORT_LINES_KEPT).0, ":most": limits::IMPORT_LINE_ROWS_PER_SLICE,
        },
    )?;
    Ok(deleted > 0)
}

/// Copies a site's key and hashes to another file.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn copy(connection: &Connection, to: &Transaction<'_>, site: SiteId) -> Result<()> {
    let Some(key) = find_key(connection, site)? else { return Ok(()) };
    set_key(to, site, &key)?;
    for period in periods(connection, site)? {
        add(to, site, period, &list(connection, site, period)?, Timestamp(0))?;
    }
    Ok(())
}
