//! Rows of visits, as the writer stores them. Reports read them in `reports`.

use crate::error::Result;
use crate::model::id::{SiteId, VisitId, VisitorId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The state of a visit that may still be open.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenVisit {
    /// The visit's id.
    pub id: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The milliseconds from the beginning to the last action or ping.
    pub stay: i64,
    /// The number of actions so far, without media events.
    pub actions: i64,
    /// The number of page views so far.
    pub page_views: i64,
    /// The number of the last row of `actions`, media events included.
    pub last_number: i64,
    /// The label of the last page.
    pub exit: Option<i64>,
}

/// The attributes of a visit that are known at its beginning. Texts are label ids.
#[derive(Clone, Debug, Default)]
pub struct VisitStart {
    /// The flags, see [`visit_flags`].
    pub traits: i64,
    /// The row id of the source, see [`super::attribute_cache`]; also for the next two.
    pub source: i64,
    pub machine: i64,
    pub place: i64,
    /// The label of the first page. For this and the next fields see `schema.sql`.
    pub landing: Option<i64>,
    pub address: Option<Vec<u8>>,
    pub address_key: Option<i64>,
    pub hostname: Option<i64>,
    /// The sources of the visitor's earlier visits.
    pub touches: Touches,
}

/// The rows of the sources of a visit's touches; `None` where that is the visit's own source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touches {
    /// The first visit from elsewhere in [`crate::limits::STICKY_DAYS`] days.
    pub first: Option<i64>,
    /// The last visit from elsewhere, for a visit that came directly or from the site itself.
    pub last: Option<i64>,
}

/// The flags of [`VisitStart::traits`], bit by bit.
pub mod visit_flags {
    /// The visitor was not seen before, as far as is known.
    pub const NEW: i64 = 1;
    /// The browser runs scripts.
    pub const JAVASCRIPT: i64 = 2;
    /// Referrer and campaign are not carried over to later visits.
    pub const STICKY_DISABLED: i64 = 4;
}

const VISIT: &str = "id, visitor_id, stay, actions, page_views, exit, (
  select coalesce(max(number), 0) from actions
  where actions.site_id = visits.site_id and actions.visit_id = visits.id)";

fn visit(row: &Row<'_>) -> rusqlite::Result<OpenVisit> {
    Ok(OpenVisit {
        id: VisitId(row.get(0)?),
        visitor: VisitorId(row.get(1)?),
        stay: row.get(2)?,
        actions: row.get(3)?,
        page_views: row.get(4)?,
        exit: row.get(5)?,
        last_number: row.get(6)?,
    })
}

/// Finds a visit by its id.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_visit(connection: &Connection, site: SiteId, id: VisitId) -> Result<Option<OpenVisit>> {
    let sql = format!("select {VISIT} from visits where site_id = :site and id = :id");
    let mut question = connection.prepare_cached(&sql)?;
    Ok(question.query_row(named_params! {":site": site.0, ":id": id.0}, visit).optional()?)
}

/// Finds the last visit of a visitor.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_visit(connection: &Connection, site: SiteId, visitor: VisitorId) -> Result<Option<OpenVisit>> {
    let sql = format!(
        "select {VISIT} from visits indexed by visits_by_visitor
         where site_id = :site and visitor_id = :visitor
         order by id desc
         limit 1"
    );
    let mut question = connection.prepare_cached(&sql)?;
    Ok(question.query_row(named_params! {":site": site.0, ":visitor": visitor.0}, visit).optional()?)
}

/// Finds the last visit of a visitor with an id below `end`.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_visit_before(
    connection: &Connection,
    site: SiteId,
    visitor: VisitorId,
    end: VisitId,
) -> Result<Option<OpenVisit>> {
    let sql = format!(
        "select {VISIT} from visits indexed by visits_by_visitor
         where site_id = :site and visitor_id = :visitor and id < :end
         order by id desc
         limit 1"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let bound = named_params! {":site": site.0, ":visitor": visitor.0, ":end": end.0};
    Ok(question.query_row(bound, visit).optional()?)
}

/// Returns the highest visit id of a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn last_id(connection: &Connection, site: SiteId) -> Result<Option<VisitId>> {
    let mut question = connection.prepare_cached("select max(id) from visits where site_id = :site")?;
    let id: Option<i64> = question.query_row([site.0], |row| row.get(0))?;
    Ok(id.map(VisitId))
}

/// Returns the highest visit id of a site below `end`.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn last_id_before(connection: &Connection, site: SiteId, end: VisitId) -> Result<Option<VisitId>> {
    let mut question =
        connection.prepare_cached("select max(id) from visits where site_id = :site and id < :end")?;
    let bound = named_params! {":site": site.0, ":end": end.0};
    let id: Option<i64> = question.query_row(bound, |row| row.get(0))?;
    Ok(id.map(VisitId))
}

/// Lists the newest visits from `since` on that have an address key, `most` of them, the oldest first: each with its key and
/// its visitor.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_address_keys(
    connection: &Connection,
    site: SiteId,
    since: VisitId,
    most: usize,
) -> Result<Vec<(i64, VisitId, VisitorId)>> {
    let mut question = connection.prepare_cached(
        "select address_key, id, visitor_id from visits
         where site_id = :site and id >= :since and address_key is not null
         order by id desc
         limit :most",
    )?;
    let bound = named_params! {
        ":site": site.0, ":since": since.0, ":most": i64::try_from(most).unwrap_or(i64::MAX),
    };
    let rows =
        question.query_map(bound, |row| Ok((row.get(0)?, VisitId(row.get(1)?), VisitorId(row.get(2)?))))?;
    let mut keys: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
    keys.reverse();
    Ok(keys)
}

/// Inserts a visit.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_visit(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: &OpenVisit,
    begun: &VisitStart,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into visits (
           site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place,
           landing, exit, address, address_key, hostname, first_source, last_source)
         values (
           :site, :id, :visitor, :stay, :actions, :page_views, :flags, :source, :machine, :place,
           :landing, :exit, :address, :address_key, :hostname, :first_source, :last_source)",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":id": visit.id.0, ":visitor": visit.visitor.0, ":stay": visit.stay,
        ":actions": visit.actions, ":page_views": visit.page_views, ":flags": begun.traits,
        ":source": begun.source, ":machine": begun.machine, ":place": begun.place,
        ":landing": begun.landing, ":exit": visit.exit, ":address": begun.address,
        ":address_key": begun.address_key, ":hostname": begun.hostname,
        ":first_source": begun.touches.first, ":last_source": begun.touches.last,
    })?;
    Ok(())
}

/// Returns the number of actions in a site's visits from `since` to before `end`.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_actions(connection: &Connection, site: SiteId, since: VisitId, end: VisitId) -> Result<i64> {
    let mut question = connection.prepare_cached(
        "select ifnull(sum(actions), 0) from visits where site_id = :site and id >= :since and id < :end",
    )?;
    let bound = named_params! {":site": site.0, ":since": since.0, ":end": end.0};
    Ok(question.query_row(bound, |row| row.get(0))?)
}

/// Returns the country label (0 for none) of a visit that was stored without personal data; `None` when the visit has
/// an address or does not exist.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_unknown(connection: &Connection, site: SiteId, id: VisitId) -> Result<Option<i64>> {
    let mut question = connection.prepare_cached(
        "select ifnull(places.country, 0)
         from visits
         left join places on places.id = visits.place
         where visits.site_id = :site and visits.id = :id and visits.address is null",
    )?;
    Ok(question.query_row(named_params! {":site": site.0, ":id": id.0}, |row| row.get(0)).optional()?)
}

/// Finds the attributes of a visit from its beginning.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_beginning(connection: &Connection, site: SiteId, id: VisitId) -> Result<Option<VisitStart>> {
    let mut question = connection.prepare_cached(
        "select flags, source, machine, place, landing, address, address_key, hostname, first_source, last_source
         from visits
         where site_id = :site and id = :id",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(VisitStart {
            traits: row.get(0)?,
            source: row.get(1)?,
            machine: row.get(2)?,
            place: row.get(3)?,
            landing: row.get(4)?,
            address: row.get(5)?,
            address_key: row.get(6)?,
            hostname: row.get(7)?,
            touches: Touches { first: row.get(8)?, last: row.get(9)? },
        })
    };
    Ok(question.query_row(named_params! {":site": site.0, ":id": id.0}, read).optional()?)
}

/// Updates the source of a visit; an internal source replaces only an unknown one.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_source(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    source: i64,
    is_internal: bool,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "update visits set source = :source
         where site_id = :site and id = :id
           and (not :is_internal
                or exists (select 1 from sources where sources.id = visits.source and sources.channel = 0))",
    )?;
    statement.execute(named_params! {
        ":source": source, ":site": site.0, ":id": id.0, ":is_internal": is_internal,
    })?;
    Ok(())
}

/// Adds personal data to a visit that was stored without: the IP address in 4 or 16 bytes, its key, and the row id of
/// the location.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_person(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    address: &[u8],
    address_key: Option<i64>,
    place: i64,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "update visits
         set address = :address, address_key = :key, place = :place
         where site_id = :site and id = :id",
    )?;
    statement.execute(named_params! {
        ":address": address, ":key": address_key, ":place": place, ":site": site.0, ":id": id.0,
    })?;
    Ok(())
}

/// Updates the state of a visit.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_visit(transaction: &Transaction<'_>, site: SiteId, visit: &OpenVisit) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "update visits
         set stay = :stay, actions = :actions, page_views = :page_views, exit = :exit
         where site_id = :site and id = :id",
    )?;
    statement.execute(named_params! {
        ":stay": visit.stay, ":actions": visit.actions, ":page_views": visit.page_views,
        ":exit": visit.exit, ":site": site.0, ":id": visit.id.0,
    })?;
    Ok(())
}

/// Changes the visitor of a visit that began without a cookie to the cookie's visitor id.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_visitor(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    visitor: VisitorId,
) -> Result<()> {
    let mut statement = transaction
        .prepare_cached("update visits set visitor_id = :visitor where site_id = :site and id = :id")?;
    statement.execute(named_params! {":visitor": visitor.0, ":site": site.0, ":id": id.0})?;
    Ok(())
}

/// Sets the hostname of a visit's IP address.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_hostname(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    hostname: i64,
) -> Result<()> {
    let mut statement = transaction
        .prepare_cached("update visits set hostname = :hostname where site_id = :site and id = :id")?;
    statement.execute(named_params! {":hostname": hostname, ":site": site.0, ":id": id.0})?;
    Ok(())
}

/// Sets the first page of an open visit that began with another kind of action.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_landing(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    landing: Option<i64>,
) -> Result<()> {
    let mut statement = transaction
        .prepare_cached("update visits set landing = :landing where site_id = :site and id = :id")?;
    statement.execute(named_params! {":landing": landing, ":site": site.0, ":id": id.0})?;
    Ok(())
}
