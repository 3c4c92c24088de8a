//! Rows of conversions: goals that visits reached. A row is a fact; `counts` and `revenue` say what counts of it.

use super::goals::Goal;
use crate::error::Result;
use crate::model::id::{GoalId, SiteId, VisitId};
use rusqlite::{Connection, Row, Transaction, named_params};
use std::ops::Range;

/// A conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversionRow {
    /// The visit.
    pub visit: VisitId,
    /// The number within the visit, in the order of arrival, from 1; of no meaning for one that is appended.
    pub number: i64,
    /// The milliseconds since the visit began.
    pub at: i64,
    /// The goal.
    pub goal: GoalId,
    /// True if the goal's rule matched; false if a page or a program sent it.
    pub is_matched: bool,
    /// The revenue that was sent, in the minor unit of the site's currency.
    pub sent: Option<i64>,
    /// The revenue that counts.
    pub revenue: i64,
    /// True if it counts.
    pub counts: bool,
}

impl ConversionRow {
    /// Returns the order in which conversions of a goal come first in their visit: by time; of the same moment, those that
    /// were sent come first, since they may have revenue.
    pub fn order(&self) -> (i64, bool, i64) {
        (self.at, self.is_matched, self.number)
    }

    /// Returns the amount of a refund, which is negative; `None` if it is none.
    pub fn refund(&self) -> Option<i64> {
        self.sent.filter(|sent| *sent < 0)
    }

    /// Returns the amount of the conversion by itself: a refund as it was sent, otherwise the goal's own revenue, or else what
    /// was sent.
    pub fn amount(&self, goal: &Goal) -> i64 {
        self.refund().or(goal.settings.revenue).or(self.sent).unwrap_or(0)
    }
}

const COLUMNS: &str = "visit_id, number, at, goal, origin, sent, revenue, counts";

fn read(row: &Row<'_>) -> rusqlite::Result<ConversionRow> {
    Ok(ConversionRow {
        visit: VisitId(row.get(0)?),
        number: row.get(1)?,
        at: row.get(2)?,
        goal: GoalId(row.get(3)?),
        is_matched: row.get(4)?,
        sent: row.get(5)?,
        revenue: row.get(6)?,
        counts: row.get(7)?,
    })
}

/// Lists the conversions of a site's visits in a range of ids, by visit and number.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, visits: &Range<VisitId>) -> Result<Vec<ConversionRow>> {
    let mut question = connection.prepare_cached(&format!(
        "select {COLUMNS} from conversions
         where site_id = :site and visit_id >= :first and visit_id < :end
         order by visit_id, number"
    ))?;
    let bound = named_params! {":site": site.0, ":first": visits.start.0, ":end": visits.end.0};
    let rows = question.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Inserts a conversion under its number.
///
/// # Errors
/// Fails when the data file cannot be written, also when the visit has a conversion of that number.
pub fn create(transaction: &Transaction<'_>, site: SiteId, row: &ConversionRow) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into conversions (site_id, visit_id, number, at, goal, origin, sent, revenue, counts)
         values (:site, :visit, :number, :at, :goal, :origin, :sent, :revenue, :counts)",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": row.visit.0, ":number": row.number, ":at": row.at, ":goal": row.goal.0,
        ":origin": row.is_matched, ":sent": row.sent, ":revenue": row.revenue, ":counts": row.counts,
    })?;
    Ok(())
}

/// Inserts a conversion after the others of its visit, unless it has `most` of them.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn append(transaction: &Transaction<'_>, site: SiteId, row: &ConversionRow, most: i64) -> Result<()> {
    let mut question = transaction.prepare_cached(
        "select count(*), coalesce(max(number), 0) + 1 from conversions where site_id = :site and visit_id = :visit",
    )?;
    let bound = named_params! {":site": site.0, ":visit": row.visit.0};
    let (count, number): (i64, i64) = question.query_row(bound, |row| Ok((row.get(0)?, row.get(1)?)))?;
    if count < most { create(transaction, site, &ConversionRow { number, ..*row }) } else { Ok(()) }
}

/// Updates what counts of a conversion.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_counted(transaction: &Transaction<'_>, site: SiteId, row: &ConversionRow) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "update conversions set revenue = :revenue, counts = :counts
         where site_id = :site and visit_id = :visit and number = :number",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": row.visit.0, ":number": row.number, ":revenue": row.revenue,
        ":counts": row.counts,
    })?;
    Ok(())
}

/// Deletes a conversion.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, visit: VisitId, number: i64) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "delete from conversions where site_id = :site and visit_id = :visit and number = :number",
    )?;
    statement.execute(named_params! {":site": site.0, ":visit": visit.0, ":number": number})?;
    Ok(())
}
