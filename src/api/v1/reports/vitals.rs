//! The report of web vitals: of all pages, by device and page by page.

use super::item_json::ItemJson;
use super::reply::{ReportReply, ReportRow};
use super::request::ReportRequest;
use super::vitals_json::{ComparedVitals, OverallVitals, VitalsRow};
use crate::api::v1::read_context::ReadContext;
use crate::error::Result;
use crate::reports::query::{VitalsWant, Wants};

/// Returns the web vitals.
///
/// # Errors
///
/// Fails as [`super::show`] does, and with `Error::Forbidden` for one device where devices are hidden.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest, mut want: VitalsWant) -> Result<ReportReply> {
    want.table.page = request.page.page;
    let query = request.query(context, Wants { vitals: Some(want), ..Wants::default() })?;
    let answer = context.reader.run(&query)?;
    let result = answer.vitals.unwrap_or_default();
    let rows = result.pages.iter().map(|page| {
        let (item, vitals) = (ItemJson::new(&page.name), ComparedVitals::new(&page.summary));
        ReportRow::Vitals(VitalsRow { item, vitals })
    });
    Ok(ReportReply {
        rows: rows.collect(),
        total: result.overall.now.measurements.into(),
        total_before: result.overall.before.as_ref().map(|before| before.measurements.into()),
        count: result.count,
        overall: Some(OverallVitals::new(&result)),
        next_cursor: request.page.next_of(result.count, context)?,
        ..ReportReply::new(request.report, request.resolved(context, answer.coverage))
    })
}
