//! Rows of conversions and of what else is attached to visits as they are read, and what all rows of visits share.

use super::dictionary_builder::{AttachedRow, ROW_NUMBERS_MAX};
use super::growing_block::Conversion;
use super::visit_row::{bounded, key};
use super::{Repeated, pack_pair};
use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Connection, Row, named_params};
use std::sync::LazyLock;

/// The query for the conversions that count of a site's visits in a range of ids, in order.
pub const CONVERSIONS: &str = "select visit_id, goal, conversions.revenue, at
  from conversions
  cross join goals on goals.id = goal and removed_at is null
  where conversions.site_id = :site and visit_id >= :first and visit_id < :end and counts
  order by visit_id, number";
/// The query for the conversions that count of listed visits, in order.
pub const CONVERSIONS_LISTED: &str = "select visit_id, goal, conversions.revenue, at
  from json_each(:ids) as listed
  cross join conversions on conversions.site_id = :site and visit_id = listed.value and counts
  cross join goals on goals.id = goal and removed_at is null
  order by visit_id, number";

/// A table whose rows are attached to visits and replaced as a whole when a visit changes: a repeated column.
pub struct Attached {
    /// The column.
    pub column: Repeated,
    /// The query for the rows of a site's visits in a range of ids, in order.
    pub between: String,
    /// The query for the rows of listed visits, in order.
    pub listed: String,
    /// Reads the key and the numbers of a row.
    pub read: fn(&Row<'_>) -> rusqlite::Result<AttachedRow>,
}

/// The number of columns of [`ATTACHED`].
pub const ATTACHED_COLUMNS: usize = 5;

/// The columns of rows that are attached to visits.
pub static ATTACHED: LazyLock<[Attached; ATTACHED_COLUMNS]> = LazyLock::new(|| {
    let attached = |column, table: &str, columns: &str, order: &str, read| Attached {
        column,
        between: format!(
            "select visit_id, {columns} from {table}
             where site_id = :site and visit_id >= :first and visit_id < :end
             order by visit_id, {order}"
        ),
        listed: format!(
            "select visit_id, {columns} from json_each(:ids) as listed
             cross join {table} on site_id = :site and visit_id = listed.value
             order by visit_id, {order}"
        ),
        read,
    };
    [
        attached(Repeated::Custom, "custom", "custom.key, custom.value", "custom.key", pair),
        attached(Repeated::Splits, "splits", "test, version", "test", pair),
        attached(Repeated::NotFound, "missing_pages", "page", "number", one),
        attached(Repeated::BrokenLinks, "missing_pages", "page, referrer", "number", pair),
        attached(Repeated::Vitals, "vitals", "page, lcp, inp, cls", "number", vitals),
    ]
});

fn one(row: &Row<'_>) -> rusqlite::Result<AttachedRow> {
    Ok(AttachedRow { key: key(row, 1)?, numbers: [0; ROW_NUMBERS_MAX] })
}

fn pair(row: &Row<'_>) -> rusqlite::Result<AttachedRow> {
    Ok(AttachedRow { key: pack_pair(key(row, 1)?, key(row, 2)?), numbers: [0; ROW_NUMBERS_MAX] })
}

fn vitals(row: &Row<'_>) -> rusqlite::Result<AttachedRow> {
    let value = |at| {
        let value: Option<i64> = row.get(at)?;
        Ok::<_, rusqlite::Error>(value.map_or(0, |value| bounded(value) + 1))
    };
    Ok(AttachedRow { key: key(row, 1)?, numbers: [value(2)?, value(3)?, value(4)?] })
}

/// Reads a row of [`CONVERSIONS`].
pub fn conversion(row: &Row<'_>) -> rusqlite::Result<Conversion> {
    Ok(Conversion { goal: key(row, 1)?, revenue: row.get(2)?, at: bounded(row.get(3)?) })
}

/// Calls `visit` with each row of a query between two visits of a site.
pub fn each_between(
    connection: &Connection,
    sql: &str,
    site: SiteId,
    visits: &std::ops::Range<VisitId>,
    mut visit: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
    let mut rows = statement.query(bound)?;
    while let Some(row) = rows.next()? {
        visit(row)?;
    }
    Ok(())
}

/// A cache of the last visit's row number; rows of one visit arrive together.
#[derive(Default)]
pub struct Owner {
    last: Option<(VisitId, usize)>,
}

impl Owner {
    /// Returns the row number of a visit; `find` looks it up.
    pub fn row(&mut self, id: VisitId, find: impl Fn(VisitId) -> Option<usize>) -> Option<usize> {
        if let Some((last, row)) = self.last
            && last == id
        {
            return Some(row);
        }
        let row = find(id)?;
        self.last = Some((id, row));
        Some(row)
    }
}
