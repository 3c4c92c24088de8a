//! The facts with which rules of goals are matched: visits, actions, custom data and campaigns as they are stored.

use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Connection, OptionalExtension, named_params};
use std::ops::Range;

/// A visit, as far as rules of goals ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitFacts {
    /// The id.
    pub id: VisitId,
    /// The milliseconds from the beginning to the last action or ping.
    pub stay: i64,
    /// The number of actions.
    pub actions: i64,
    /// The row id of the source.
    pub source: i64,
}

/// An action, as far as rules of goals ask. Texts are label ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionFacts {
    /// The visit.
    pub visit: VisitId,
    /// The milliseconds since the visit began.
    pub at: i64,
    /// The code of its kind.
    pub kind: i64,
    /// The label of its address.
    pub page: Option<i64>,
    /// The label of its title.
    pub title: Option<i64>,
}

/// Lists the newest visits of a site in a range of ids, newest first: `visits_max` at most, and no further ones once they
/// have `actions_max` actions together.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_visits(
    connection: &Connection,
    site: SiteId,
    visits: &Range<VisitId>,
    visits_max: usize,
    actions_max: i64,
) -> Result<Vec<VisitFacts>> {
    let mut question = connection.prepare_cached(
        "select id, stay, actions, source from visits
         where site_id = :site and id >= :first and id < :end
         order by id desc",
    )?;
    let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
    let mut rows = question.query(bound)?;
    let (mut found, mut actions) = (Vec::new(), 0);
    while found.len() < visits_max && actions < actions_max {
        let Some(row) = rows.next()? else { break };
        let visit = VisitFacts {
            id: VisitId(row.get(0)?),
            stay: row.get(1)?,
            actions: row.get(2)?,
            source: row.get(3)?,
        };
        actions += visit.actions;
        found.push(visit);
    }
    Ok(found)
}

/// Passes on the actions of a site's visits in a range of ids, by visit and number.
///
/// # Errors
/// Fails when the data file cannot be read, and as `take` does.
pub fn each_action(
    connection: &Connection,
    site: SiteId,
    visits: &Range<VisitId>,
    mut take: impl FnMut(ActionFacts) -> Result<()>,
) -> Result<()> {
    let mut question = connection.prepare_cached(
        "select visit_id, at, kind, page, title from actions
         where site_id = :site and visit_id >= :first and visit_id < :end
         order by visit_id, number",
    )?;
    let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
    let mut rows = question.query(bound)?;
    while let Some(row) = rows.next()? {
        take(ActionFacts {
            visit: VisitId(row.get(0)?),
            at: row.get(1)?,
            kind: row.get(2)?,
            page: row.get(3)?,
            title: row.get(4)?,
        })?;
    }
    Ok(())
}

/// Passes on the custom data of a site's visits in a range of ids: the visit, and the labels of key and value.
///
/// # Errors
/// Fails when the data file cannot be read, and as `take` does.
pub fn each_custom(
    connection: &Connection,
    site: SiteId,
    visits: &Range<VisitId>,
    mut take: impl FnMut(VisitId, i64, i64) -> Result<()>,
) -> Result<()> {
    let mut question = connection.prepare_cached(
        "select visit_id, key, value from custom
         where site_id = :site and visit_id >= :first and visit_id < :end
         order by visit_id, key",
    )?;
    let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
    let mut rows = question.query(bound)?;
    while let Some(row) = rows.next()? {
        take(VisitId(row.get(0)?), row.get(1)?, row.get(2)?)?;
    }
    Ok(())
}

/// Returns the campaign of a source.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn campaign(connection: &Connection, source: i64) -> Result<Option<String>> {
    let mut question = connection.prepare_cached(
        "select labels.text from sources join labels on labels.id = sources.campaign where sources.id = :source",
    )?;
    Ok(question.query_row([source], |row| row.get(0)).optional()?)
}
