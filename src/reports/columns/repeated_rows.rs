//! Rows of conversions and of what else is attached to visits as they are read, and what all rows of visits share.

use super::dictionary_builder::{AttachedRow, ROW_NUMBERS_MAX};
use super::growing_block::Conversion;
use super::page_use::{ClickNumber, ClickWindow, PagePoint, ReadNumber, Spot};
use super::visit_row::{bounded, key};
use super::{Repeated, pack_pair};
use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use crate::store::page_forms::PageForms;
use rusqlite::{Connection, Row, named_params};
use std::sync::LazyLock;
use strum::VariantArray;

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

/// The columns of [`clicks`], after the visit.
const CLICK_COLUMNS: &str = "page, element, text, element_x, element_y, x, y, width, is_rage, is_dead";
/// The columns of [`reads`], after the visit.
const READ_COLUMNS: &str = "page, seconds, depth";

/// A table whose rows are attached to visits and replaced as a whole when a visit changes: a repeated column.
pub struct Attached {
    /// The column.
    pub column: Repeated,
    /// The query for the rows of a site's visits in a range of ids, in order.
    pub between: String,
    /// The query for the rows of listed visits, in order.
    pub listed: String,
    /// Reads the key and the numbers of a row.
    read: fn(&Row<'_>) -> rusqlite::Result<AttachedRow>,
    /// True if the key is a page that older rows have in other forms.
    has_page_forms: bool,
}

impl Attached {
    /// Reads a row, with its page under the label that stands for it.
    pub fn read(
        &self,
        row: &Row<'_>,
        connection: &Connection,
        forms: &PageForms,
    ) -> rusqlite::Result<AttachedRow> {
        let mut read = (self.read)(row)?;
        if self.has_page_forms {
            read.key = forms.page(connection, read.key.cast_signed())?.cast_unsigned();
        }
        Ok(read)
    }
}

/// The number of columns of [`ATTACHED`].
pub const ATTACHED_COLUMNS: usize = 7;

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
        has_page_forms: matches!(column, Repeated::Clicks | Repeated::Reads),
    };
    [
        attached(Repeated::Custom, "custom", "custom.key, custom.value", "custom.key", pair),
        attached(Repeated::Splits, "splits", "test, version", "test", pair),
        attached(Repeated::NotFound, "missing_pages", "page", "number", one),
        attached(Repeated::BrokenLinks, "missing_pages", "page, referrer", "number", pair),
        attached(Repeated::Vitals, "vitals", "page, lcp, inp, cls", "number", vitals),
        attached(Repeated::Clicks, "heatmap_clicks", CLICK_COLUMNS, "number", clicks),
        attached(Repeated::Reads, "page_reads", READ_COLUMNS, "page", reads),
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
    Ok(AttachedRow { key: key(row, 1)?, numbers: padded([value(2)?, value(3)?, value(4)?]) })
}

fn clicks(row: &Row<'_>) -> rusqlite::Result<AttachedRow> {
    Ok(AttachedRow { key: key(row, 1)?, numbers: padded(click_numbers(row)?) })
}

fn reads(row: &Row<'_>) -> rusqlite::Result<AttachedRow> {
    Ok(AttachedRow { key: key(row, 1)?, numbers: padded(read_numbers(row)?) })
}

/// Reads the numbers of a click, in the order of [`ClickNumber`].
fn click_numbers(row: &Row<'_>) -> rusqlite::Result<[u64; ClickNumber::VARIANTS.len()]> {
    let number = |at| {
        let value: Option<i64> = row.get(at)?;
        Ok::<_, rusqlite::Error>(value.map(|value| u32::try_from(bounded(value)).unwrap_or(u32::MAX)))
    };
    let element = key(row, 2)?;
    // An element whose place is not known was clicked in its middle.
    let within = |at| Ok::<_, rusqlite::Error>(number(at)?.unwrap_or(5_000).min(10_000) / 10);
    let spot = if element == 0 { 0 } else { Spot { x: within(4)?, y: within(5)? }.pack() };
    let pixels = |at| Ok::<_, rusqlite::Error>(number(at)?.unwrap_or(0));
    let point = if element == 0 { PagePoint { x: pixels(6)?, y: pixels(7)? }.pack() } else { 0 };
    let window = ClickWindow { width: pixels(8)?, is_rage: pixels(9)? != 0, is_dead: pixels(10)? != 0 };
    Ok([element, key(row, 3)?, spot, point, window.pack()])
}

/// Reads the numbers of a visit's reading of a page, in the order of [`ReadNumber`].
fn read_numbers(row: &Row<'_>) -> rusqlite::Result<[u64; ReadNumber::VARIANTS.len()]> {
    let depth: Option<i64> = row.get(3)?;
    Ok([bounded(row.get(2)?), depth.map_or(0, |depth| bounded(depth.min(1_000)) + 1)])
}

/// Returns numbers with zeros after them.
fn padded<const N: usize>(numbers: [u64; N]) -> [u64; ROW_NUMBERS_MAX] {
    std::array::from_fn(|place| numbers.get(place).copied().unwrap_or(0))
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
