//! The reports of one metric: its value over time, or at this moment.

use super::reply::{ReportReply, ReportRow, StepRow};
use super::request::ReportRequest;
use crate::api::v1::interval;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::vocabulary::metrics::number;
use crate::error::Result;
use crate::model::metrics::{Metric, Metrics};
use crate::reports::answer::Coverage;
use crate::reports::query::Wants;

/// Returns a report of one metric.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest, metric: Metric) -> Result<ReportReply> {
    if metric == Metric::Online {
        return online(context, request);
    }
    let counted = interval::count(context, &request.query(context, Wants::default())?, request.interval)?;
    let unit = metric.unit(context.currency());
    let value = |metrics: &Metrics| number(unit, metric.value(metrics));
    let row = |step: &interval::Step<Metrics>| {
        let (date, now) = (Some(step.label.clone()), value(&step.now));
        ReportRow::Step(StepRow { date, value: now, before: step.before.as_ref().map(value) })
    };
    let count = counted.steps.len();
    Ok(ReportReply {
        rows: request.page.page.slice(&counted.steps).iter().map(row).collect(),
        total: value(&counted.totals.now),
        total_before: counted.totals.before.as_ref().map(value),
        count,
        next_cursor: request.page.next_of(count, context)?,
        ..ReportReply::new(request.report, request.resolved(context, counted.coverage))
    })
}

fn online(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let answer = context.reader.run(&request.query(context, Wants { online: true, ..Wants::default() })?)?;
    let online = answer.online.unwrap_or(0);
    Ok(ReportReply {
        rows: vec![ReportRow::Step(StepRow { date: None, value: online.into(), before: None })],
        total: online.into(),
        count: 1,
        ..ReportReply::new(request.report, request.resolved(context, Coverage::default()))
    })
}
