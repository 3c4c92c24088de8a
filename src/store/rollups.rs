//! Totals (rollups) of days whose visits were pruned. They are primary data; `reports` interprets them.

use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// The dimension of the row with the sums of all visits of a day.
pub const ALL: &str = "all";
/// The dimension of rows with the sums of the visits that began in an hour of a day.
pub const HOUR: &str = "hour";

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
    /// The sums: occurrences, visits, uniques, new visitors, actions, seconds, bounces.
    pub sums: [i64; 7],
    /// The number of actions of each kind, for dimensions that count them.
    pub kinds: Option<[i64; 5]>,
}

fn read_kinds(text: Option<&str>) -> [i64; 5] {
    let mut kinds = [0; 5];
    let numbers = text.unwrap_or_default().split(',').filter_map(|number| number.parse().ok());
    kinds.iter_mut().zip(numbers).for_each(|(kind, number)| *kind = number);
    kinds
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
    let mut statement = tx.prepare_cached(
        "insert into rollups (site_id, dimension, day, item, parent, code, subtitle, hits, visits, uniques, new, actions,
           seconds, bounces, kinds)
         values (:site, :dimension, :day, :item, :parent, :code, :subtitle, :hits, :visits, :uniques, :new, :actions,
           :seconds, :bounces, :kinds)
         on conflict do update set subtitle = ifnull(excluded.subtitle, subtitle), hits = hits + excluded.hits,
           visits = visits + excluded.visits, uniques = uniques + excluded.uniques, new = new + excluded.new,
           actions = actions + excluded.actions, seconds = seconds + excluded.seconds,
           bounces = bounces + excluded.bounces, kinds = excluded.kinds",
    )?;
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
        let [hits, visits, uniques, new, actions, seconds, bounces] = row.sums;
        statement.execute(named_params! {
            ":site": site.0, ":dimension": row.dimension, ":day": day.0, ":item": row.item,
            ":parent": row.parent, ":code": row.code, ":subtitle": row.subtitle, ":hits": hits,
            ":visits": visits, ":uniques": uniques, ":new": new, ":actions": actions, ":seconds": seconds,
            ":bounces": bounces, ":kinds": kinds,
        })?;
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
    let mut question = connection.prepare_cached(
        "select day, item, parent, code, subtitle, hits, visits, uniques, new, actions, seconds, bounces, kinds
         from rollups
         where site_id = :site and dimension = :dimension and day >= :first and day <= :last
         order by day, item, parent, code",
    )?;
    let bound = named_params! {
        ":site": site.0, ":dimension": dimension, ":first": first.0, ":last": last.0,
    };
    let mut rows = question.query(bound)?;
    while let Some(row) = rows.next()? {
        let mut sums = [0; 7];
        for (place, sum) in sums.iter_mut().enumerate() {
            *sum = row.get(5 + place)?;
        }
        let kinds: Option<String> = row.get(12)?;
        let found = RollupRow {
            dimension,
            item: row.get(1)?,
            parent: row.get(2)?,
            code: row.get(3)?,
            subtitle: row.get(4)?,
            sums,
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

/// Returns true if any day of a site has totals.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn exist(connection: &Connection, site: SiteId) -> Result<bool> {
    let sql = "select exists (select 1 from rollups where site_id = :site and dimension = 'all')";
    Ok(connection.prepare_cached(sql)?.query_row([site.0], |row| row.get(0))?)
}
