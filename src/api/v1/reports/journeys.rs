//! The report of journeys: its steps with their visits, each with the steps that follow it.

use super::journey_rows;
use super::reply::{ReportReply, ReportRow};
use super::request::ReportRequest;
use crate::api::v1::read_context::ReadContext;
use crate::error::Result;
use crate::limits;
use crate::reports::journey_middle;
use crate::reports::query::{JourneyWant, Wants};

/// Returns the report.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let (kind, around) = &request.around;
    let query = request.query(context, Wants::default())?;
    let named = journey_middle::find(context.reader, &query, *kind, around.as_deref())?;
    let want = named.map(|named| JourneyWant { middle: named.middle, pages: limits::JOURNEY_PAGES_EXPORTED });
    let answer = context.reader.run(&query.with(Wants { journey: want, ..Wants::default() }))?;
    let journey = answer.journey.unwrap_or_default();
    let rows = journey_rows::rows(&journey);
    Ok(ReportReply {
        count: rows.len(),
        rows: rows.into_iter().map(ReportRow::JourneyStep).collect(),
        total: journey.visits.now.into(),
        total_before: journey.visits.before.map(Into::into),
        ..ReportReply::new(request.report, request.resolved(context, answer.coverage))
    })
}
