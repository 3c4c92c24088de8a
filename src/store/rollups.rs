//! Totals (rollups) of days whose visits were pruned. They are primary data; `reports` interprets them.

use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::model::metrics::Measure;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, named_params};
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::Formatter;
use std::sync::LazyLock;

/// The dimension of the row with the sums of all visits of a day.
pub const ALL: &str = "all";
/// The dimension of rows with the sums of the visits that began in an hour of a day.
pub const HOUR: &str = "hour";
/// The dimension of rows with the sums of a goal's conversions, whose code is the id of the goal.
pub const GOAL: &str = "goal";

/// A row of the table, without its site and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollupRow {
    /// The dimension's name in URLs, or [`ALL`] or [`HOUR`].
    pub dimension: &'static str,
    /// The label of the item; 0 for unknown, or for an item with a code.
    pub item: i64,
    /// The label of the enclosing item (as the country of a city); 0 for none.
    pub parent: i64,
    /// The code of an item without a label.
    pub code: i64,
    /// The label of the item's subtitle.
    pub subtitle: Option<i64>,
    /// The sums.
    pub sums: Sums,
    /// The number of actions of each kind, for dimensions that count them.
    pub kinds: Option<[i64; Measure::KIND_COUNT]>,
}

/// The sums of an item, in the order of [`Measure::STORED`]; each has a column and a key in exported sites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums(pub [i64; Measure::STORED_COUNT]);

/// The names of the columns, for a `select` or `insert`.
pub(super) static COLUMNS: LazyLock<String> = LazyLock::new(|| Measure::COLUMNS.join(", "));
/// The parameters for the columns.
static PARAMETERS: LazyLock<[String; Measure::STORED_COUNT]> =
    LazyLock::new(|| Measure::COLUMNS.map(|column| format!(":{column}")));

/// Returns the parameters for the columns, for an `insert`.
pub(super) fn parameters() -> String {
    PARAMETERS.join(", ")
}

/// Returns the assignments of all columns, each made from the name of a column.
pub(super) fn assignments(assignment: impl Fn(&str) -> String) -> String {
    Measure::COLUMNS.map(assignment).join(", ")
}

impl Sums {
    /// Reads the columns of a row that begin at an index.
    pub(super) fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Self> {
        let mut sums = Self::default();
        for (place, sum) in sums.0.iter_mut().enumerate() {
            *sum = row.get(from + place)?;
        }
        Ok(sums)
    }

    /// Returns the sums with every amount of money passed through `change`.
    pub(super) fn with_amounts(mut self, change: impl Fn(i64) -> i64) -> Self {
        for (column, sum) in Measure::COLUMNS.into_iter().zip(&mut self.0) {
            if matches!(column, "earned" | "refunded") {
                *sum = change(*sum);
            }
        }
        self
    }

    /// Iterates over the parameters of [`parameters`] with their values.
    pub(super) fn bound(&self) -> impl Iterator<Item = (&'static str, &dyn ToSql)> {
        PARAMETERS.iter().map(String::as_str).zip(self.0.iter().map(|sum| sum as &dyn ToSql))
    }
}

/// The measures that every exported site has; those added later are missing in files of an earlier version.
const EXPORTED_ALWAYS: usize = 7;

impl Serialize for Sums {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(Measure::COLUMNS.into_iter().zip(self.0))
    }
}

impl<'de> Deserialize<'de> for Sums {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(SumsVisitor)
    }
}

struct SumsVisitor;

impl<'de> Visitor<'de> for SumsVisitor {
    type Value = Sums;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("sums by measure")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Sums, A::Error> {
        let mut sums = [None; Measure::STORED_COUNT];
        while let Some(name) = map.next_key::<String>()? {
            match Measure::COLUMNS.into_iter().position(|column| column == name) {
                Some(place) => sums[place] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if let Some(missing) = sums[..EXPORTED_ALWAYS].iter().position(Option::is_none) {
            return Err(A::Error::missing_field(Measure::COLUMNS[missing]));
        }
        Ok(Sums(sums.map(Option::unwrap_or_default)))
    }
}

fn read_kinds(text: Option<&str>) -> [i64; Measure::KIND_COUNT] {
    let mut kinds = [0; Measure::KIND_COUNT];
    let numbers = text.unwrap_or_default().split(',').filter_map(|number| number.parse().ok());
    kinds.iter_mut().zip(numbers).for_each(|(kind, number)| *kind = number);
    kinds
}

/// Returns true if a day has totals of a dimension.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn exists(connection: &Connection, site: SiteId, day: Day, dimension: &str) -> Result<bool> {
    let sql = "select 1 from rollups where site_id = :site and day = :day and dimension = :dimension limit 1";
    let mut question = connection.prepare_cached(sql)?;
    Ok(question.exists(named_params! {":site": site.0, ":day": day.0, ":dimension": dimension})?)
}

/// Copies the totals of a day from one dimension to another, which has none.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn copy(tx: &Transaction<'_>, site: SiteId, day: Day, from: &str, to: &str) -> Result<()> {
    let columns = format!("item, parent, code, subtitle, {}, kinds", *COLUMNS);
    let sql = format!(
        "insert into rollups (site_id, dimension, day, {columns})
         select site_id, :to, day, {columns} from rollups
         where site_id = :site and dimension = :from and day = :day"
    );
    tx.prepare_cached(&sql)?
        .execute(named_params! {":site": site.0, ":day": day.0, ":from": from, ":to": to})?;
    Ok(())
}

/// Adds rows to the totals of a day.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn add(tx: &Transaction<'_>, site: SiteId, day: Day, rows: &[RollupRow]) -> Result<()> {
    let mut known = tx.prepare_cached(
        "select kinds from rollups
         where site_id = :site and dimension = :dimension and day = :day and item = :item and parent = :parent
           and code = :code",
    )?;
    let sql = format!(
        "insert into rollups (site_id, dimension, day, item, parent, code, subtitle, {}, kinds)
         values (:site, :dimension, :day, :item, :parent, :code, :subtitle, {}, :kinds)
         on conflict do update set subtitle = ifnull(excluded.subtitle, subtitle), {}, kinds = excluded.kinds",
        *COLUMNS,
        parameters(),
        assignments(|column| format!("{column} = {column} + excluded.{column}"))
    );
    let mut statement = tx.prepare_cached(&sql)?;
    for row in rows {
        let kinds = match row.kinds {
            None => None,
            Some(mut kinds) => {
                let bound = named_params! {
                    ":site": site.0, ":dimension": row.dimension, ":day": day.0, ":item": row.item,
                    ":parent": row.parent, ":code": row.code,
                };
                let before: Option<Option<String>> = known.query_row(bound, |row| row.get(0)).optional()?;
                let before = read_kinds(before.flatten().as_deref());
                kinds.iter_mut().zip(before).for_each(|(kind, before)| *kind += before);
                Some(kinds.map(|number| number.to_string()).join(","))
            }
        };
        let mut bound = named_params! {
            ":site": site.0, ":dimension": row.dimension, ":day": day.0, ":item": row.item,
            ":parent": row.parent, ":code": row.code, ":subtitle": row.subtitle, ":kinds": kinds,
        }
        .to_vec();
        bound.extend(row.sums.bound());
        statement.execute(bound.as_slice())?;
    }
    Ok(())
}

/// Calls `see` with every row of a dimension in a range of days, in order.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn each(
    connection: &Connection,
    site: SiteId,
    dimension: &'static str,
    first: Day,
    last: Day,
    mut see: impl FnMut(Day, RollupRow) -> Result<()>,
) -> Result<()> {
    let sql = format!(
        "select day, item, parent, code, subtitle, kinds, {} from rollups
         where site_id = :site and dimension = :dimension and day >= :first and day <= :last
         order by day, item, parent, code",
        *COLUMNS
    );
    let mut question = connection.prepare_cached(&sql)?;
    let bound = named_params! {
        ":site": site.0, ":dimension": dimension, ":first": first.0, ":last": last.0,
    };
    let mut rows = question.query(bound)?;
    while let Some(row) = rows.next()? {
        let kinds: Option<String> = row.get(5)?;
        let found = RollupRow {
            dimension,
            item: row.get(1)?,
            parent: row.get(2)?,
            code: row.get(3)?,
            subtitle: row.get(4)?,
            sums: Sums::read(row, 6)?,
            kinds: kinds.map(|text| read_kinds(Some(&text))),
        };
        see(Day(row.get(0)?), found)?;
    }
    Ok(())
}

/// Returns the last day in a range that has totals.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn last_day(connection: &Connection, site: SiteId, first: Day, last: Day) -> Result<Option<Day>> {
    let mut question = connection.prepare_cached(
        "select max(day) from rollups
         where site_id = :site and dimension = 'all' and day >= :first and day <= :last",
    )?;
    let bound = named_params! {":site": site.0, ":first": first.0, ":last": last.0};
    let day: Option<i32> = question.query_row(bound, |row| row.get(0))?;
    Ok(day.map(Day))
}

/// Returns the first day of a site that has totals.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn first_day(connection: &Connection, site: SiteId) -> Result<Option<Day>> {
    let sql = "select min(day) from rollups where site_id = :site and dimension = 'all'";
    let day: Option<i32> = connection.prepare_cached(sql)?.query_row([site.0], |row| row.get(0))?;
    Ok(day.map(Day))
}

/// Returns true if any day of a site has totals.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn exist(connection: &Connection, site: SiteId) -> Result<bool> {
    let sql = "select exists (select 1 from rollups where site_id = :site and dimension = 'all')";
    Ok(connection.prepare_cached(sql)?.query_row([site.0], |row| row.get(0))?)
}
