//! How long a site keeps its visits, and how they go: a day in slices once its totals stand, one visitor's at once. What
//! was made of them (sealed days, what is remembered in memory) goes with them.

use super::blocks;
use super::sites::deleting_for_good;
use crate::error::{Error, Result};
use crate::id::{SiteId, VisitId};
use crate::limits;
use rusqlite::{Connection, Transaction, named_params};
use std::ops::Range;

/// The tables of what visits did: each with the column that tells the visit, and its key. Visits go last.
const TABLES: [(&str, &str, &str); 7] = [
    ("actions", "visit_id", "site_id, visit_id, number"),
    ("media", "visit_id", "site_id, visit_id, number"),
    ("custom", "visit_id", "site_id, visit_id, key"),
    ("conversions", "visit_id", "site_id, visit_id, number"),
    ("splits", "visit_id", "site_id, visit_id, test"),
    ("heatmap_clicks", "visit_id", "site_id, visit_id, number"),
    ("visits", "id", "site_id, id"),
];

/// For how many days a site keeps its visits; none: for good, and so where the file says what nobody can have chosen.
pub fn kept_days(connection: &Connection, site: SiteId) -> Result<Option<i64>> {
    let mut question = connection.prepare_cached("select visits_kept_days from sites where id = :site")?;
    let mut rows = question.query([site.0])?;
    let days: Option<i64> = rows.next()?.ok_or(Error::Missing("site"))?.get(0)?;
    Ok(days.filter(|days| (1..=limits::VISITS_KEPT_DAYS_MAX).contains(days)))
}

/// Changes for how many days a site keeps its visits.
pub fn set_kept_days(transaction: &Transaction<'_>, site: SiteId, days: Option<i64>) -> Result<()> {
    let changed = transaction.execute(
        "update sites set visits_kept_days = :days where id = :site",
        named_params! {":days": days, ":site": site.0},
    )?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}

/// What a site's readers must know of visits that went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Grows whenever visits go.
    pub edition: i64,
    /// Visits that are being dropped. Their totals stand, so that nobody counts them any more.
    pub dropping: Option<Range<VisitId>>,
}

/// What a site's readers must know of visits that went.
pub fn state(connection: &Connection, site: SiteId) -> Result<State> {
    let mut question = connection
        .prepare_cached("select edition, dropping_begins, dropping_ends from sites where id = :site")?;
    let mut rows = question.query([site.0])?;
    let Some(row) = rows.next()? else { return Ok(State::default()) };
    let edges = row.get::<_, Option<i64>>(1)?.zip(row.get(2)?);
    let dropping = edges.map(|(begins, ends)| VisitId(begins)..VisitId(ends));
    Ok(State { edition: row.get(0)?, dropping })
}

/// A visit that is the first of a site, apart from those that are being dropped.
pub fn oldest_visit(connection: &Connection, site: SiteId) -> Result<Option<VisitId>> {
    let mut question = connection.prepare_cached(
        "select visits.id
         from visits
         join sites on sites.id = visits.site_id
         where visits.site_id = :site
           and (sites.dropping_ends is null or visits.id < sites.dropping_begins or visits.id >= sites.dropping_ends)
         order by visits.id
         limit 1",
    )?;
    let mut rows = question.query([site.0])?;
    Ok(rows.next()?.map(|row| row.get(0).map(VisitId)).transpose()?)
}

/// What tells that visits are still those that were counted: how many there are, and what they add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums([i64; 4]);

impl Sums {
    /// Of the visits of a range.
    pub fn of(connection: &Connection, site: SiteId, visits: &Range<VisitId>) -> Result<Self> {
        let mut question = connection.prepare_cached(
            "select count(*), ifnull(max(id), 0), ifnull(sum(stay), 0), ifnull(sum(actions), 0)
             from visits
             where site_id = :site and id >= :first and id < :end",
        )?;
        let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
        let sums = question
            .query_row(bound, |row| Ok(Self([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])))?;
        Ok(sums)
    }

    /// How many visits there are.
    pub fn visits(self) -> i64 {
        self.0[0]
    }
}

/// Lets nobody count the visits of a range any more: their totals were written in the same transaction.
pub fn begin_dropping(tx: &Transaction<'_>, site: SiteId, visits: &Range<VisitId>) -> Result<()> {
    tx.execute(
        "update sites set dropping_begins = :first, dropping_ends = :end where id = :site",
        named_params! {":first": visits.start.0, ":end": visits.end.0, ":site": site.0},
    )?;
    blocks::unseal(tx, site, visits)?;
    note_unswept(tx, site)
}

/// Deletes one slice of the visits that are being dropped; false when none is left.
pub fn drop_slice(tx: &Transaction<'_>, site: SiteId, rows_max: usize) -> Result<bool> {
    let Some(visits) = state(tx, site)?.dropping else { return Ok(false) };
    let deleted = deleting_for_good(tx, || {
        let mut deleted = 0;
        for (table, visit, key) in TABLES {
            let sql = format!(
                "delete from {table}
                 where ({key}) in (select {key} from {table}
                                   where site_id = :site and {visit} >= :first and {visit} < :end
                                   limit :rows)"
            );
            let bound = named_params! {
                ":site": site.0, ":first": visits.start.0, ":end": visits.end.0,
                ":rows": i64::try_from(rows_max - deleted).unwrap_or(i64::MAX),
            };
            deleted += tx.prepare_cached(&sql)?.execute(bound)?;
            if deleted >= rows_max {
                break;
            }
        }
        Ok(deleted)
    })?;
    if deleted >= rows_max {
        return Ok(true);
    }
    tx.execute("update sites set dropping_begins = null, dropping_ends = null where id = :site", [site.0])?;
    // Who swept meanwhile saw the visits that were still there.
    note_unswept(tx, site)?;
    Ok(false)
}

/// Deletes visits of a site with everything that belongs to them.
pub fn erase(tx: &Transaction<'_>, site: SiteId, visits: &[VisitId]) -> Result<()> {
    let ranges: Vec<Range<VisitId>> = visits.iter().map(|visit| *visit..VisitId(visit.0 + 1)).collect();
    deleting_for_good(tx, || {
        for (table, column, _) in TABLES {
            let sql = format!("delete from {table} where site_id = :site and {column} = :visit");
            let mut deletion = tx.prepare_cached(&sql)?;
            for visit in visits {
                deletion.execute(named_params! {":site": site.0, ":visit": visit.0})?;
            }
        }
        ranges.iter().try_for_each(|visits| blocks::unseal(tx, site, visits))?;
        note_unswept(tx, site)
    })
}

/// Visits went, and with this edition texts that nobody may use any more.
fn note_unswept(tx: &Transaction<'_>, site: SiteId) -> Result<()> {
    tx.prepare_cached("update sites set swept = min(swept, edition - 1) where id = :site")?
        .execute([site.0])?;
    Ok(())
}

/// Sites of which visits went whose texts were not swept yet, each with its edition.
pub fn list_unswept(connection: &Connection) -> Result<Vec<(SiteId, i64)>> {
    let mut question = connection.prepare_cached("select id, edition from sites where swept < edition")?;
    let rows = question.query_map([], |row| Ok((SiteId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether nothing of what went is left, neither texts nor in the log.
pub fn is_swept(connection: &Connection, site: SiteId) -> Result<bool> {
    let mut question = connection.prepare_cached("select swept >= edition from sites where id = :site")?;
    Ok(question.query_row([site.0], |row| row.get(0))?)
}

/// Writes down that the texts of what went by these editions are gone.
pub fn set_swept(tx: &Transaction<'_>, editions: &[(SiteId, i64)]) -> Result<()> {
    let mut statement =
        tx.prepare_cached("update sites set swept = :edition where id = :site and swept < :edition")?;
    for (site, edition) in editions {
        statement.execute(named_params! {":edition": edition, ":site": site.0})?;
    }
    Ok(())
}
