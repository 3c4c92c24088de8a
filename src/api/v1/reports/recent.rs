//! The recent lists, newest first.

use super::reply::{RecentRow, ReportReply, ReportRow};
use super::request::ReportRequest;
use crate::api::v1::read_context::ReadContext;
use crate::error::Result;
use crate::reports::query::Wants;
use crate::reports::recent_list::RecentList;

/// Returns a recent list.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest, list: RecentList) -> Result<ReportReply> {
    let page = request.page.page;
    let query = request.query(context, Wants { recent: Some((list, page)), ..Wants::default() })?;
    let answer = context.reader.run(&query)?;
    let (mut rows, count) = answer.recent.map(|recent| (recent.rows, recent.count)).unwrap_or_default();
    let rows_max = usize::try_from(page.rows).unwrap_or(usize::MAX);
    let has_older = rows.len() > rows_max;
    rows.truncate(rows_max);
    let rows = rows.into_iter().map(|row| {
        let (at, visit_id) = (row.at.rfc3339(), row.visit.to_string());
        ReportRow::Recent(RecentRow { at, item: row.item, visit_id })
    });
    Ok(ReportReply {
        rows: rows.collect(),
        total: count.now.into(),
        total_before: count.before.map(Into::into),
        count: usize::try_from(count.now).unwrap_or(0),
        next_cursor: request.page.next(has_older, context)?,
        ..ReportReply::new(request.report, request.resolved(context, answer.coverage))
    })
}
