//! Rows of custom data and conversions as they are read, and what all rows of visits share.

use super::growing_block::Conversion;
use super::visit_row::key;
use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Connection, Row, named_params};

/// The query for the custom data of a site's visits in a range of ids, in order.
pub const CUSTOM: &str = "select visit_id, key, value
  from custom
  where site_id = :site and visit_id >= :first and visit_id < :end
  order by visit_id, key";
/// The query for the conversions that count of a site's visits in a range of ids, in order.
pub const CONVERSIONS: &str = "select visit_id, goal, conversions.revenue
  from conversions
  cross join goals on goals.id = goal and removed_at is null
  where conversions.site_id = :site and visit_id >= :first and visit_id < :end and counts
  order by visit_id, number";
/// The query for the conversions that count of listed visits, in order.
pub const CONVERSIONS_LISTED: &str = "select visit_id, goal, conversions.revenue
  from json_each(:ids) as listed
  cross join conversions on conversions.site_id = :site and visit_id = listed.value and counts
  cross join goals on goals.id = goal and removed_at is null
  order by visit_id, number";
/// The query for the custom data of listed visits.
pub const CUSTOM_LISTED: &str = "select visit_id, custom.key, custom.value
  from json_each(:ids) as listed
  cross join custom on site_id = :site and visit_id = listed.value";

/// Reads a row of [`CONVERSIONS`].
pub fn conversion(row: &Row<'_>) -> rusqlite::Result<Conversion> {
    Ok(Conversion { goal: key(row, 1)?, revenue: row.get(2)? })
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
