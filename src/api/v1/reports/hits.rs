//! The report of filtered hits, by day and reason.

use super::reply::{FilteredRow, ReportReply, ReportRow};
use super::request::ReportRequest;
use crate::api::v1::read_context::ReadContext;
use crate::error::Result;
use crate::ingest::drop_reason::DropReason;
use crate::model::clock::Day;
use crate::reports::answer::Coverage;
use crate::reports::filtered_hits::FilteredHits;
use crate::reports::query::Wants;
use std::collections::BTreeSet;

/// Returns the filtered hits.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let query = request.query(context, Wants { filtered_hits: Some(0), ..Wants::default() })?;
    let filtered = context.reader.run(&query)?.filtered_hits.unwrap_or_default();
    let rows = rows(&filtered, request);
    let (count, places) = (rows.len(), request.page.page.places());
    Ok(ReportReply {
        rows: rows.into_iter().skip(places.start).take(places.len()).map(ReportRow::Filtered).collect(),
        total: filtered.count().into(),
        total_before: filtered.compared_all().map(|(_, before)| before.into()),
        count,
        next_cursor: request.page.next_of(count, context)?,
        ..ReportReply::new(request.report, request.resolved(context, Coverage::default()))
    })
}

/// Returns a row for each reason and each day on which it or its counterpart has hits.
fn rows(filtered: &FilteredHits, request: &ReportRequest) -> Vec<FilteredRow> {
    let mut rows = Vec::new();
    for reason in &filtered.reasons {
        let meaning = DropReason::from_name(&reason.reason).map_or("", |reason| reason.explained().0);
        let days = reason.days.keys().chain(reason.before.keys()).copied();
        // An earlier month may be longer, and has days without a counterpart.
        let days: BTreeSet<Day> = days.filter(|day| request.selection.range.contains(*day)).collect();
        for day in days {
            let is_compared = filtered.compared.is_some_and(|range| range.contains(day));
            let before = is_compared.then(|| reason.before.get(&day).copied().unwrap_or(0));
            let hits = reason.days.get(&day).copied().unwrap_or(0);
            rows.push(FilteredRow {
                date: day.to_string(),
                reason: reason.reason.clone(),
                meaning,
                hits,
                before,
            });
        }
    }
    rows
}
