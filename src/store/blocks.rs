//! Finished days, sealed as blocks of columns. Blocks are derived from the rows: a change to visits of such days calls
//! [`unseal`] in the same transaction, and a block that is missing or damaged is rebuilt.

use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use std::collections::HashMap;
use std::ops::Range;

/// A range of sealed days, written as one set of blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockMeta {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
    /// The range of ids that visits of these days can have.
    pub visits: Range<VisitId>,
    /// A number that tells this range from earlier ones of the same days.
    pub seal: i64,
    /// The encoded sums of each day.
    pub days: Vec<u8>,
}

/// Returns the generation of a site: the number of changes to its finished days, such as changed or deleted visits. Data
/// derived under an older generation is out of date; 0 when the site is gone.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn generation(connection: &Connection, site: SiteId) -> Result<i64> {
    let mut question = connection.prepare_cached("select generation from sites where id = :site")?;
    Ok(question.query_row([site.0], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Returns the generations of all sites.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn generations(connection: &Connection) -> Result<HashMap<SiteId, i64>> {
    let mut question = connection.prepare_cached("select id, generation from sites")?;
    let rows = question.query_map([], |row| Ok((SiteId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the sealed ranges of one format and time zone that overlap the days from `first` to `last`, in order.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(
    connection: &Connection,
    site: SiteId,
    first: Day,
    last: Day,
    format: i64,
    zone: &str,
) -> Result<Vec<BlockMeta>> {
    let mut question = connection.prepare_cached(
        "select first_day, last_day, begins, ends, seal, days
         from block_ranges
         where site_id = :site and first_day <= :last and last_day >= :first and format = :format and zone = :zone
         order by first_day",
    )?;
    let bound = named_params! {
        ":site": site.0, ":first": first.0, ":last": last.0, ":format": format, ":zone": zone,
    };
    let rows = question.query_map(bound, |row| {
        Ok(BlockMeta {
            first: Day(row.get(0)?),
            last: Day(row.get(1)?),
            visits: VisitId(row.get(2)?)..VisitId(row.get(3)?),
            seal: row.get(4)?,
            days: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the result of `make` on the bytes of one block, which are SQLite's own and not copied; `None` when there is
/// no such block.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find<T>(
    connection: &Connection,
    site: SiteId,
    part: i64,
    first: Day,
    seal: i64,
    make: impl FnOnce(&[u8]) -> T,
) -> Result<Option<T>> {
    let mut question = connection.prepare_cached(
        "select data from blocks
         where site_id = :site and part = :part and first_day = :first and seal = :seal",
    )?;
    let bound = named_params! {":site": site.0, ":part": part, ":first": first.0, ":seal": seal};
    Ok(question.query_row(bound, |row| Ok(make(row.get_ref(0)?.as_bytes()?))).optional()?)
}

/// Returns true if a block exists.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn exists(connection: &Connection, site: SiteId, part: i64, first: Day, seal: i64) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select exists (
           select 1 from blocks where site_id = :site and part = :part and first_day = :first and seal = :seal)",
    )?;
    let bound = named_params! {":site": site.0, ":part": part, ":first": first.0, ":seal": seal};
    Ok(question.query_row(bound, |row| row.get(0))?)
}

/// Writes a block of a range that is not sealed yet; no reader uses it before [`seal`].
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    site: SiteId,
    part: i64,
    first: Day,
    seal: i64,
    data: &[u8],
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into blocks (site_id, part, first_day, seal, data) values (:site, :part, :first, :seal, :data)",
    )?;
    let bound =
        named_params! {":site": site.0, ":part": part, ":first": first.0, ":seal": seal, ":data": data};
    statement.execute(bound)?;
    Ok(())
}

/// Seals a range whose blocks are written, in place of the ranges that overlap it. Returns false and deletes the blocks
/// when visits have changed since generation `made_of`, from which they were made.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn seal(
    transaction: &Transaction<'_>,
    site: SiteId,
    sealed: &BlockMeta,
    format: i64,
    zone: &str,
    made_of: i64,
) -> Result<bool> {
    if generation(transaction, site)? != made_of {
        delete_blocks(transaction, site, sealed.first, sealed.seal)?;
        return Ok(false);
    }
    remove(transaction, site, &sealed.visits)?;
    let mut statement = transaction.prepare_cached(
        "insert or replace into block_ranges (site_id, first_day, last_day, begins, ends, seal, format, zone, days)
         values (:site, :first, :last, :begins, :ends, :seal, :format, :zone, :days)",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":first": sealed.first.0, ":last": sealed.last.0, ":begins": sealed.visits.start.0,
        ":ends": sealed.visits.end.0, ":seal": sealed.seal, ":format": format, ":zone": zone,
        ":days": sealed.days,
    })?;
    Ok(true)
}

fn delete_blocks(transaction: &Transaction<'_>, site: SiteId, first: Day, seal: i64) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "delete from blocks
         where site_id = :site and part = :part and first_day = :first and seal = :seal",
    )?;
    for part in 0..=i64::from(u8::MAX) {
        let bound = named_params! {":site": site.0, ":part": part, ":first": first.0, ":seal": seal};
        statement.execute(bound)?;
    }
    Ok(())
}

/// Removes the sealed ranges, of any format, that hold days of these visits.
fn remove(transaction: &Transaction<'_>, site: SiteId, visits: &Range<VisitId>) -> Result<()> {
    let found: Vec<(i32, i64)> = transaction
        .prepare_cached(
            "select first_day, seal from block_ranges where site_id = :site and begins < :end and ends > :first",
        )?
        .query_map(named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0}, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut statement = transaction
        .prepare_cached("delete from block_ranges where site_id = :site and first_day = :first")?;
    for (first, seal) in found {
        delete_blocks(transaction, site, Day(first), seal)?;
        statement.execute(named_params! {":site": site.0, ":first": first})?;
    }
    Ok(())
}

/// Unseals the days of these visits, which were added, changed or deleted (see [`super::retention`]); the days are
/// rebuilt from the rows.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn unseal(transaction: &Transaction<'_>, site: SiteId, visits: &Range<VisitId>) -> Result<()> {
    begin_generation(transaction, site)?;
    remove(transaction, site, visits)
}

/// Unseals all days of a site; they are rebuilt from the rows. Their blocks belong to no range any more and are deleted
/// later, see [`list_strays`].
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn unseal_all(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    begin_generation(transaction, site)?;
    transaction.execute("delete from block_ranges where site_id = :site", [site.0])?;
    Ok(())
}

/// Begins a new generation of a site, after its finished days changed. A site without labels to sweep still has none.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn begin_generation(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "update sites set generation = generation + 1, swept = swept + (swept >= generation) where id = :site",
    )?;
    statement.execute([site.0])?;
    Ok(())
}

/// Lists the first day and seal of blocks that belong to no sealed range, as an interrupted sealing leaves them.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_strays(connection: &Connection, site: SiteId) -> Result<Vec<(Day, i64)>> {
    let mut question = connection.prepare_cached(
        "select distinct first_day, seal from blocks
         where site_id = :site and not exists (
           select 1 from block_ranges
           where block_ranges.site_id = blocks.site_id and block_ranges.first_day = blocks.first_day
             and block_ranges.seal = blocks.seal)",
    )?;
    let rows = question.query_map([site.0], |row| Ok((Day(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Deletes the blocks of one first day and seal from [`list_strays`].
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_stray(transaction: &Transaction<'_>, site: SiteId, first: Day, seal: i64) -> Result<()> {
    delete_blocks(transaction, site, first, seal)
}

/// Returns the first visit id after a site's sealed days; `None` when no day is sealed.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn sealed_end(connection: &Connection, site: SiteId) -> Result<Option<VisitId>> {
    // Ranges do not overlap, so the one that begins last also ends last.
    let mut question = connection.prepare_cached(
        "select ends from block_ranges where site_id = :site order by first_day desc limit 1",
    )?;
    let end: Option<i64> = question.query_row([site.0], |row| row.get(0)).optional()?;
    Ok(end.map(VisitId))
}

/// Returns true if some of these visits belong to sealed days.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn is_sealed(connection: &Connection, site: SiteId, visits: &Range<VisitId>) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select exists (select 1 from block_ranges where site_id = :site and begins < :end and ends > :first)",
    )?;
    let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
    Ok(question.query_row(bound, |row| row.get(0))?)
}

/// Unseals the day of a visit that was written, whatever its age: a clock that was ahead may have sealed days that go
/// on.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn unseal_visit(transaction: &Transaction<'_>, site: SiteId, visit: VisitId) -> Result<()> {
    let one = visit..VisitId(visit.0 + 1);
    if is_sealed(transaction, site, &one)? { unseal(transaction, site, &one) } else { Ok(()) }
}

/// Unseals the days of visits that changed, given in order, of whatever age.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn unseal_visits(transaction: &Transaction<'_>, site: SiteId, visits: &[VisitId]) -> Result<()> {
    let (Some(first), Some(last)) = (visits.first(), visits.last()) else { return Ok(()) };
    begin_generation(transaction, site)?;
    let mut question = transaction.prepare_cached(
        "select begins, ends from block_ranges where site_id = :site and begins <= :last and ends > :first",
    )?;
    let bound = named_params! {":site": site.0, ":first": first.0, ":last": last.0};
    let ranges = question.query_map(bound, |row| Ok(VisitId(row.get(0)?)..VisitId(row.get(1)?)))?;
    for range in ranges.collect::<rusqlite::Result<Vec<_>>>()? {
        let next = visits.partition_point(|visit| *visit < range.start);
        if visits.get(next).is_some_and(|visit| *visit < range.end) {
            remove(transaction, site, &range)?;
        }
    }
    Ok(())
}

/// Returns the number of visits of a site in a range of ids.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_visits(connection: &Connection, site: SiteId, visits: &Range<VisitId>) -> Result<i64> {
    let mut question = connection
        .prepare_cached("select count(*) from visits where site_id = :site and id >= :first and id < :end")?;
    let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
    Ok(question.query_row(bound, |row| row.get(0))?)
}
