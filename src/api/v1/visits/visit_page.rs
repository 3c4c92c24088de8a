//! Pages of visits, newest first, as the list of visits and a visitor have them.

use super::visit_json::VisitJson;
use crate::api::v1::cursor::{CursorScope, Place};
use crate::api::v1::read_context::ReadContext;
use crate::error::Result;
use crate::model::id::VisitId;
use crate::reports::query::{Query, VisitRecordsWant, Wants};
use crate::reports::table_query::Page;

/// A page of visits, newest first.
pub struct VisitPage {
    /// The query that cursors belong to.
    pub scope: CursorScope,
    /// The number of visits.
    pub rows: u32,
    /// True if each visit has its actions.
    pub has_actions: bool,
}

impl VisitPage {
    /// Reads the visits of a query below a cursor, and returns the cursor of the next page.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a cursor of another query, with `Error::Forbidden` for what the program may not see, and
    /// when the data file cannot be read.
    pub fn read(
        &self,
        context: &ReadContext<'_>,
        query: &Query,
        cursor: Option<&str>,
    ) -> Result<(Vec<VisitJson>, Option<String>)> {
        let below = cursor.map(|cursor| self.scope.read(cursor, below)).transpose()?;
        let want = VisitRecordsWant {
            page: Page { number: 1, rows: self.rows + 1 },
            since: None,
            below,
            with_actions: self.has_actions,
        };
        let wants = Wants { visit_records: Some(want), ..Wants::default() };
        let answer = context.reader.run(&query.with(wants))?;
        let mut found = answer.visit_records;
        let rows = usize::try_from(self.rows).unwrap_or(usize::MAX);
        let has_older = answer.has_left_out_records || found.len() > rows;
        found.truncate(rows);
        let last = found.last().filter(|_| has_older).map(|listed| listed.visit.id);
        let screens = context.screens();
        let visits = found.iter().map(|listed| VisitJson::of_listed(listed, self.has_actions, &screens));
        Ok((visits.collect(), last.map(|last| self.scope.write(Place::Visit(last)))))
    }
}

fn below(place: Place) -> Option<VisitId> {
    if let Place::Visit(visit) = place { Some(visit) } else { None }
}
