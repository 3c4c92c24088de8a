//! The report of hours and weekdays: a row for each hour of the week.

use super::hour_row::HourRow;
use super::reply::{ReportReply, ReportRow};
use super::request::ReportRequest;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::vocabulary::metrics::number;
use crate::error::Result;
use crate::model::metrics::Metrics;
use crate::reports::hour_metrics;
use crate::reports::query::Wants;
use crate::reports::results::week_hours::{HOURS, WEEK_HOURS, WEEKDAY_NAMES, WeekHours};

/// Returns the metric by hour of the week.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let chosen = hour_metrics::find(request.own("metric"), context.site.visibility())?;
    let wants = Wants { hours: Some(chosen.metric), ..Wants::default() };
    let answer = context.reader.run(&request.query(context, wants)?)?;
    let hours = answer.hours.unwrap_or_default();
    let unit = chosen.metric.unit(context.currency());
    let value = |metrics: &Metrics| number(unit, chosen.metric.value(metrics));
    let row = |place: usize| {
        let before = hours.before.as_ref().and_then(|before| before.0.get(place));
        ReportRow::Hour(HourRow {
            weekday: WEEKDAY_NAMES[place / HOURS],
            hour: place % HOURS,
            value: value(&hours.now.0[place]),
            before: before.map(value),
        })
    };
    let places: Vec<usize> = (0..WEEK_HOURS).collect();
    let all = |hours: &WeekHours| value(&hours.total());
    Ok(ReportReply {
        rows: request.page.page.slice(&places).iter().map(|place| row(*place)).collect(),
        total: all(&hours.now),
        total_before: hours.before.as_ref().map(all),
        count: WEEK_HOURS,
        next_cursor: request.page.next_of(WEEK_HOURS, context)?,
        ..ReportReply::new(request.report, request.resolved(context, answer.coverage))
    })
}
