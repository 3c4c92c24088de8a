//! Pages of replies: their length, and where they begin.

use super::cursor::{CursorScope, Place};
use super::read_context::ReadContext;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::reports::table_query::Page;
use crate::store::visits;

/// Checks the number of rows of a page.
///
/// # Errors
///
/// Fails with `Error::Invalid` outside 1 to `most`.
pub fn rows(limit: Option<u32>, most: u32) -> Result<u32> {
    match limit {
        None => Ok(limits::API_PAGE_ROWS.min(most)),
        Some(rows) if (1..=most).contains(&rows) => Ok(rows),
        Some(_) => Err(Error::invalid("limit", format!("Write a number from 1 to {most}."))),
    }
}

/// A page of a list that is read by numbers. Visits that begin after its first page was read are left out of the others, so
/// that they push no row from one page to the next.
#[derive(Clone, Debug)]
pub struct NumberedPage {
    scope: CursorScope,
    /// The page.
    pub page: Page,
    /// The time before which visits must have begun; `None` on the first page.
    pub until: Option<Timestamp>,
}

impl NumberedPage {
    /// Returns the page of a cursor; the first one without a cursor.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a cursor of another query.
    pub fn read(scope: CursorScope, cursor: Option<&str>, rows: u32) -> Result<Self> {
        let first = Page { number: 1, rows };
        let Some(cursor) = cursor else { return Ok(Self { scope, page: first, until: None }) };
        let (number, until) = scope.read(cursor, |place| match place {
            Place::Page(number, until) => Some((number, until)),
            _ => None,
        })?;
        Ok(Self { scope, page: Page { number, ..first }, until: Some(until) })
    }

    /// Returns the cursor of the next page, if the list has more rows than this and the pages before. It stays the same until
    /// another visit begins, and with it the entity tag of the reply.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn next(&self, has_more: bool, context: &ReadContext<'_>) -> Result<Option<String>> {
        if !has_more {
            return Ok(None);
        }
        let until = match self.until {
            Some(until) => until,
            None => after_last_visit(context)?,
        };
        Ok(Some(self.scope.write(Place::Page(self.page.number + 1, until))))
    }

    /// Returns the cursor of the next page of a list with so many rows.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn next_of(&self, count: usize, context: &ReadContext<'_>) -> Result<Option<String>> {
        self.next(self.page.places().end < count, context)
    }
}

/// Returns the time after the beginning of the site's last visit.
fn after_last_visit(context: &ReadContext<'_>) -> Result<Timestamp> {
    let last = visits::last_id(context.reader.connection, context.site.site.id)?;
    Ok(last.map_or(Timestamp(0), |last| Timestamp(last.began().0 + 1)))
}
