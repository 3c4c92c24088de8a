//! Visits with their texts: one visit, and the visits of one visitor.

use super::visit_attributes;
use super::visit_attributes::VisitAttributes;
use crate::error::{Error, Result};
use crate::model::address;
use crate::model::channel::Channel;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::reports::table_query::Page;
use crate::store::touches;
use crate::store::visit_attribute::JOINS;
use crate::store::visits::visit_flags;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::LazyLock;

/// A visit with its texts.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The visit's id, which contains its beginning.
    pub id: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The seconds from the beginning to the last action or ping.
    pub seconds: i64,
    /// The number of page views, downloads, outbound clicks and events.
    pub actions: i64,
    /// True if the visitor was not seen before, as far as is known.
    pub is_new: bool,
    /// True if the page wants no sources of earlier visits to be credited with it.
    pub is_sticky_disabled: bool,
    /// True if the browser runs scripts.
    pub has_javascript: bool,
    /// The attributes.
    pub attributes: VisitAttributes,
    /// The IP address, shortened if the site says so.
    pub address: Option<IpAddr>,
    /// The name that somebody gave the visitor here; else that given by the page: username, name or email of the custom data.
    pub name: Option<String>,
    /// The goals that the visit reached, in order.
    pub goals: Vec<ReachedGoal>,
    /// The number of the visitor within the day, when the visibility hides names or addresses.
    pub number: Option<u32>,
}

/// A goal that a visit reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachedGoal {
    /// The time.
    pub at: Timestamp,
    /// The name of the goal.
    pub name: String,
    /// The revenue, in the minor unit of the site's currency; `None` where it may not be seen.
    pub revenue: Option<i64>,
}

/// The SQL expression for the name of a visit's visitor: the one that somebody gave them here, else the one that the page gave.
macro_rules! name {
    () => {
        "coalesce((
   select nullif(notes.name, '')
   from visitor_notes as notes
   where notes.site_id = visits.site_id and notes.visitor_id = visits.visitor_id
 ), (
   select value.text
   from custom
   join labels as key on key.id = custom.key
   join labels as value on value.id = custom.value
   where custom.site_id = visits.site_id and custom.visit_id = visits.id
     and key.text in ('username', 'name', 'email')
   order by case key.text when 'username' then 1 when 'name' then 2 else 3 end
   limit 1
 ))"
    };
}

/// The SQL expression for the goals that a visit reached, as a JSON array of time, name and revenue.
const GOALS: &str = "(select json_group_array(json_array(at, name, reached.revenue))
   from (
     select conversions.at, goals.name, conversions.revenue
     from conversions join goals on goals.id = conversions.goal and removed_at is null
     where conversions.site_id = visits.site_id and conversions.visit_id = visits.id and counts
     order by conversions.at, conversions.number) as reached)";

/// The columns of a visit.
static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let own = "visits.id, visits.visitor_id, visits.stay, visits.actions, visits.flags, visits.address";
    format!("{own}, {}, {GOALS}, {}", name!(), visit_attributes::columns())
});

fn read(row: &Row<'_>) -> rusqlite::Result<Visit> {
    let flags: i64 = row.get(4)?;
    let bytes: Option<Vec<u8>> = row.get(5)?;
    Ok(Visit {
        id: VisitId(row.get(0)?),
        visitor: VisitorId(row.get(1)?),
        seconds: row.get::<_, i64>(2)? / 1_000,
        actions: row.get(3)?,
        is_new: flags & visit_flags::NEW != 0,
        is_sticky_disabled: flags & visit_flags::STICKY_DISABLED != 0,
        has_javascript: flags & visit_flags::JAVASCRIPT != 0,
        address: bytes.as_deref().and_then(address::read),
        name: row.get(6)?,
        goals: goals(VisitId(row.get(0)?), row.get_ref(7)?.as_str()?),
        attributes: VisitAttributes::read(row, 8)?,
        number: None,
    })
}

/// Reads the goals of a visit.
fn goals(visit: VisitId, json: &str) -> Vec<ReachedGoal> {
    let rows: Vec<(i64, String, i64)> = serde_json::from_str(json).unwrap_or_default();
    let goal = |(at, name, revenue)| ReachedGoal {
        at: Timestamp(visit.began().0 + at),
        name,
        revenue: Some(revenue),
    };
    rows.into_iter().map(goal).collect()
}

/// Returns one visit of a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, site: SiteId, id: VisitId) -> Result<Visit> {
    find(connection, site, id)?.ok_or(Error::Missing("visit"))
}

/// Finds one visit of a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, id: VisitId) -> Result<Option<Visit>> {
    let sql =
        format!("select {} from visits {JOINS} where visits.site_id = :site and visits.id = :id", *COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(named_params! {":site": site.0, ":id": id.0}, read).optional()?)
}

/// Finds several visits of a site in one query.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn find_all(connection: &Connection, site: SiteId, ids: &[VisitId]) -> Result<HashMap<VisitId, Visit>> {
    let sql = format!(
        "select {columns}
         from json_each(:ids) as listed
         cross join visits on visits.site_id = :site and visits.id = listed.value
         {JOINS}",
        columns = *COLUMNS,
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(named_params! {":site": site.0, ":ids": list_of_ids(ids)}, read)?;
    Ok(rows.map(|visit| visit.map(|visit| (visit.id, visit))).collect::<rusqlite::Result<_>>()?)
}

/// Returns ids as a JSON array, as queries take them.
fn list_of_ids(ids: &[VisitId]) -> String {
    json!(ids.iter().map(|id| id.0).collect::<Vec<_>>()).to_string()
}

/// Lists a visitor's visits, newest first; one more than the page holds if older ones follow.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_of(connection: &Connection, site: SiteId, visitor: VisitorId, page: Page) -> Result<Vec<Visit>> {
    let sql = format!(
        "select {columns} from visits indexed by visits_by_visitor {JOINS}
         where visits.site_id = :site and visits.visitor_id = :visitor
         order by visits.id desc
         limit :rows offset :skipped",
        columns = *COLUMNS,
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let bound = named_params! {
        ":site": site.0, ":visitor": visitor.0, ":rows": i64::from(page.rows) + 1, ":skipped": page.skipped(),
    };
    let rows = statement.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The attributes by which a visitor is named.
#[derive(Clone, Debug, Default)]
pub struct VisitorLabel {
    /// The IP address, shortened if the site says so.
    pub address: Option<IpAddr>,
    /// The country code of two letters.
    pub country: Option<String>,
    /// The name that somebody gave them here, else the username, name or email of the custom data.
    pub name: Option<String>,
}

/// Finds the attributes of a visitor's name in the newest visit.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn called(connection: &Connection, site: SiteId, visitor: VisitorId) -> Result<Option<VisitorLabel>> {
    let sql = format!(
        "select visits.address, (select text from labels where id = places.country), {}
         from visits indexed by visits_by_visitor left join places on places.id = visits.place
         where visits.site_id = :site and visits.visitor_id = :visitor
         order by visits.id desc
         limit 1",
        name!()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let bound = named_params! {":site": site.0, ":visitor": visitor.0};
    let found = statement.query_row(bound, |row| {
        let address: Option<Vec<u8>> = row.get(0)?;
        let address = address.as_deref().and_then(address::read);
        Ok(VisitorLabel { address, country: row.get(1)?, name: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// The numbers of one visit that are added up for its visitor.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// The visit's id.
    pub id: VisitId,
    /// The number of actions.
    pub actions: i64,
    /// The seconds on the site.
    pub seconds: i64,
}

/// Lists the numbers of a visitor's visits, newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn stays_of(connection: &Connection, site: SiteId, visitor: VisitorId) -> Result<Vec<Stay>> {
    let mut statement = connection.prepare_cached(
        "select id, actions, stay / 1000
         from visits indexed by visits_by_visitor
         where site_id = :site and visitor_id = :visitor
         order by id desc",
    )?;
    let rows = statement.query_map(named_params! {":site": site.0, ":visitor": visitor.0}, |row| {
        Ok(Stay { id: VisitId(row.get(0)?), actions: row.get(1)?, seconds: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The totals of a visitor's visits.
#[derive(Clone, Copy, Debug)]
pub struct VisitorTotals {
    /// The number of visits.
    pub visits: i64,
    /// The number of actions.
    pub actions: i64,
    /// The seconds on the site.
    pub seconds: i64,
    /// The time at which the first visit began.
    pub first: Timestamp,
}

/// Returns the totals of a visitor's visits.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such visitor.
pub fn totals(connection: &Connection, site: SiteId, visitor: VisitorId) -> Result<VisitorTotals> {
    let mut statement = connection.prepare_cached(
        "select count(*), coalesce(sum(actions), 0), coalesce(sum(stay / 1000), 0), min(id)
         from visits indexed by visits_by_visitor
         where site_id = :site and visitor_id = :visitor",
    )?;
    let totals = statement.query_row(named_params! {":site": site.0, ":visitor": visitor.0}, |row| {
        let first: Option<i64> = row.get(3)?;
        Ok(first.map(|first| (row.get(0), row.get(1), row.get(2), VisitId(first).began())))
    })?;
    let (visits, actions, seconds, first) = totals.ok_or(Error::Missing("visitor"))?;
    Ok(VisitorTotals { visits: visits?, actions: actions?, seconds: seconds?, first })
}

/// The history of a visitor: the visits that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitorHistory {
    /// The number of visits.
    pub visits: i64,
    /// The first visit.
    pub first: VisitId,
}

/// Returns the histories of visitors, without the visits of a range that is being deleted.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn histories(
    connection: &Connection,
    site: SiteId,
    visitors: &BTreeSet<VisitorId>,
    dropping: &Range<VisitId>,
) -> Result<HashMap<VisitorId, VisitorHistory>> {
    let mut statement = connection.prepare_cached(
        "select listed.value, (
             select count(*)
             from visits indexed by visits_by_visitor
             where site_id = :site and visitor_id = listed.value and not (id >= :start and id < :end)
           ), (
             select min(id)
             from visits indexed by visits_by_visitor
             where site_id = :site and visitor_id = listed.value and not (id >= :start and id < :end)
           )
         from json_each(:visitors) as listed",
    )?;
    let visitors = json!(visitors.iter().map(|visitor| visitor.0).collect::<Vec<_>>()).to_string();
    let bound = named_params! {
        ":site": site.0, ":visitors": visitors, ":start": dropping.start.0, ":end": dropping.end.0,
    };
    let mut rows = statement.query(bound)?;
    let mut histories = HashMap::new();
    while let Some(row) = rows.next()? {
        if let Some(first) = row.get(2)? {
            let history = VisitorHistory { visits: row.get(1)?, first: VisitId(first) };
            histories.insert(VisitorId(row.get(0)?), history);
        }
    }
    Ok(histories)
}

/// Lists the custom data of a visit as pairs of key and value, by key.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn custom(connection: &Connection, site: SiteId, visit: VisitId) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached(
        "select key.text, value.text
         from custom
         join labels as key on key.id = custom.key
         join labels as value on value.id = custom.value
         where custom.site_id = :site and custom.visit_id = :visit
         order by key.text",
    )?;
    let rows = statement.query_map(named_params! {":site": site.0, ":visit": visit.0}, |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the custom data of several visits as pairs of key and value, by key, in one query.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn custom_of_all(
    connection: &Connection,
    site: SiteId,
    ids: &[VisitId],
) -> Result<HashMap<VisitId, Vec<(String, String)>>> {
    let mut statement = connection.prepare_cached(
        "select custom.visit_id, key.text, value.text
         from json_each(:ids) as listed
         cross join custom on custom.site_id = :site and custom.visit_id = listed.value
         join labels as key on key.id = custom.key
         join labels as value on value.id = custom.value
         order by key.text",
    )?;
    let mut rows = statement.query(named_params! {":site": site.0, ":ids": list_of_ids(ids)})?;
    let mut custom: HashMap<VisitId, Vec<_>> = HashMap::new();
    while let Some(row) = rows.next()? {
        custom.entry(VisitId(row.get(0)?)).or_default().push((row.get(1)?, row.get(2)?));
    }
    Ok(custom)
}

/// The earlier visits from elsewhere within 90 days that are credited with a direct visit.
#[derive(Clone, Debug, Default)]
pub struct EarlierVisits {
    /// The first one.
    pub first: Option<EarlierVisit>,
    /// The last one.
    pub last: Option<EarlierVisit>,
}

/// An earlier visit that is credited with a direct one.
#[derive(Clone, Debug)]
pub struct EarlierVisit {
    /// Its id.
    pub id: VisitId,
    /// Its attributes.
    pub attributes: VisitAttributes,
}

/// Finds the earlier visits that are credited with a visit: none unless it came directly, from a visitor with a cookie.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn earlier_visits(connection: &Connection, site: SiteId, visit: &Visit) -> Result<EarlierVisits> {
    if visit.attributes.channel != Some(Channel::Direct)
        || !visit.visitor.is_lasting()
        || visit.is_sticky_disabled
    {
        return Ok(EarlierVisits::default());
    }
    let bound = named_params! {
        ":site": site.0, ":visitor": visit.visitor.0, ":id": visit.id.0, ":since": touches::since(visit.id).0,
    };
    let find = |order| -> Result<Option<EarlierVisit>> {
        let sql = touches::query(&COLUMNS, JOINS, order);
        let found = connection.prepare_cached(&sql)?.query_row(bound, read).optional()?;
        Ok(found.map(|visit| EarlierVisit { id: visit.id, attributes: visit.attributes }))
    };
    let Some(first) = find("")? else { return Ok(EarlierVisits::default()) };
    Ok(EarlierVisits { first: Some(first), last: find("desc")? })
}
