//! Touches: the sources that are credited with a visit beside its own, found in the visitor's earlier visits.

use crate::error::Result;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::store::visits::visit_flags;
use rusqlite::{OptionalExtension, Transaction, named_params};

pub use crate::store::visits::Touches;

/// A visit whose touches are looked for.
#[derive(Clone, Copy, Debug)]
pub struct TouchedVisit {
    /// The site.
    pub site: SiteId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The visit.
    pub id: VisitId,
    /// The row of its own source.
    pub source: i64,
}

/// Returns the query for one of a visitor's visits from elsewhere, among the newest
/// [`limits::TOUCH_VISITS_MAX`] in a range of ids, by the order of ids.
pub fn query(columns: &str, joins: &str, order: &str) -> String {
    format!(
        "select {columns}
         from (
           select id as recent
           from visits indexed by visits_by_visitor
           where site_id = :site and visitor_id = :visitor and id >= :since and id < :id
           order by id desc
           limit {most})
         cross join visits on visits.site_id = :site and visits.id = recent
         {joins}
         where sources.channel not in ({direct}, {internal}) and visits.flags & {disabled} = 0
         order by recent {order}
         limit 1",
        most = limits::TOUCH_VISITS_MAX,
        direct = Channel::Direct.code(),
        internal = Channel::Internal.code(),
        disabled = visit_flags::STICKY_DISABLED,
    )
}

/// Returns the first id of a visit that may be a touch of another visit.
pub fn since(id: VisitId) -> VisitId {
    let days = limits::STICKY_DAYS.unsigned_abs();
    VisitId::first_at(id.began().before(std::time::Duration::from_hours(24 * days)))
}

/// Finds the touches of a visit: none for a visitor who is known for a day only.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(tx: &Transaction<'_>, visit: &TouchedVisit) -> Result<Touches> {
    if !visit.visitor.is_lasting() {
        return Ok(Touches::default());
    }
    let TouchedVisit { site, visitor, id, source } = *visit;
    let bound = named_params! {":site": site.0, ":visitor": visitor.0, ":id": id.0, ":since": since(id).0};
    let touch = |order| -> Result<Option<i64>> {
        let sql = query("visits.source", "join sources on sources.id = visits.source", order);
        Ok(tx.prepare_cached(&sql)?.query_row(bound, |row| row.get(0)).optional()?)
    };
    let Some(first) = touch("")? else { return Ok(Touches::default()) };
    let channel: Option<i64> = tx
        .prepare_cached("select channel from sources where id = :source")?
        .query_row([source], |row| row.get(0))
        .optional()?;
    let is_from_elsewhere =
        ![Channel::Direct, Channel::Internal].iter().any(|one| channel == Some(one.code()));
    let last = if is_from_elsewhere { None } else { touch("desc")? };
    let other = |row: &i64| *row != source;
    Ok(Touches { first: Some(first).filter(other), last: last.filter(other) })
}

/// Writes the touches of a visit.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update(tx: &Transaction<'_>, site: SiteId, id: VisitId, touches: &Touches) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "update visits set first_source = :first, last_source = :last where site_id = :site and id = :id",
    )?;
    statement.execute(named_params! {
        ":first": touches.first, ":last": touches.last, ":site": site.0, ":id": id.0,
    })?;
    Ok(())
}

/// Finds the touches of a visit again, after its visitor or its source changed.
///
/// # Errors
/// Fails when the data file cannot be read or written.
pub fn renew(tx: &Transaction<'_>, site: SiteId, id: VisitId) -> Result<()> {
    let mut question =
        tx.prepare_cached("select visitor_id, source, flags from visits where site_id = :site and id = :id")?;
    let found = question.query_row(named_params! {":site": site.0, ":id": id.0}, |row| {
        let visit = TouchedVisit { site, id, visitor: VisitorId(row.get(0)?), source: row.get(1)? };
        Ok((visit, row.get::<_, i64>(2)?))
    });
    let Some((visit, flags)) = found.optional()? else { return Ok(()) };
    let touches =
        if flags & visit_flags::STICKY_DISABLED == 0 { find(tx, &visit)? } else { Touches::default() };
    update(tx, site, id, &touches)
}
