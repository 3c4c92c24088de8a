//! The reports on uptime: monitors, and their outages.

use super::reply::{ReportReply, ReportRow};
use super::request::ReportRequest;
use super::uptime_rows::{OutageRow, UptimeRow, uptime_percent};
use crate::api::v1::read_context::ReadContext;
use crate::error::Result;
use crate::reports::answer::Coverage;
use crate::reports::query::Wants;
use crate::reports::uptime::UptimeReport;

fn load(context: &ReadContext<'_>, request: &ReportRequest) -> Result<UptimeReport> {
    let query = request.query(context, Wants::default())?;
    let reader = context.reader;
    UptimeReport::load(reader.connection, &query.site, query.range, query.comparison, reader.now)
}

/// Returns the monitors; the total is their uptime in percent.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let report = load(context, request)?;
    let total = uptime_percent(&report.total()).unwrap_or_else(|| 0.into());
    let before = report.total_before().as_ref().and_then(uptime_percent);
    let page = request.page.page.slice(&report.monitors);
    Ok(ReportReply {
        rows: page.iter().map(|monitor| ReportRow::Monitor(UptimeRow::new(monitor))).collect(),
        total,
        total_before: before,
        count: report.monitors.len(),
        next_cursor: request.page.next_of(report.monitors.len(), context)?,
        ..ReportReply::new(request.report, request.resolved(context, Coverage::default()))
    })
}

/// Returns the outages; the total is their number.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show_outages(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let report = load(context, request)?;
    let count = report.outages.len();
    let page = request.page.page.slice(&report.outages);
    Ok(ReportReply {
        rows: page.iter().map(|outage| ReportRow::Outage(OutageRow::new(outage))).collect(),
        total: count.into(),
        count,
        next_cursor: request.page.next_of(count, context)?,
        ..ReportReply::new(request.report, request.resolved(context, Coverage::default()))
    })
}
