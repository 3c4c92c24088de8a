//! The report of retention: a row for each cohort.

use super::cohort_row::{CohortRow, ReturnedJson};
use super::reply::{ReportReply, ReportRow};
use super::request::ReportRequest;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::resolved::DaysJson;
use crate::error::Result;
use crate::reports::cohort_unit;
use crate::reports::query::Wants;
use crate::reports::results::retention::{Cohort, Retention};

/// Returns the cohorts.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let unit = cohort_unit::read(request.own("by"))?;
    let query = request.query(context, Wants { retention: Some(unit), ..Wants::default() })?;
    let answer = context.reader.run(&query)?;
    let found = answer.retention.unwrap_or_else(|| Retention::none(unit));
    let (cohorts, today) = (&found.cohorts, context.today());
    let places: Vec<usize> = (0..cohorts.len()).collect();
    let row = |place: &usize| {
        let Cohort { days, visitors } = &cohorts[*place];
        let size = visitors.first().copied().unwrap_or(0);
        let returned = visitors.iter().enumerate().skip(1).map(|(after, visitors)| ReturnedJson {
            after,
            visitors: *visitors,
            percent: Cohort::permille(*visitors, size).map(|permille| f64::from(permille) / 10.0),
            is_over: found.is_over(*place, after, today),
        });
        ReportRow::Cohort(CohortRow {
            days: DaysJson::new(*days),
            visitors: size,
            returned: returned.collect(),
        })
    };
    let total: i64 = cohorts.iter().filter_map(|cohort| cohort.visitors.first()).sum();
    Ok(ReportReply {
        rows: request.page.page.slice(&places).iter().map(row).collect(),
        total: total.into(),
        count: cohorts.len(),
        unrecognized_visitors: Some(found.unrecognized),
        next_cursor: request.page.next_of(cohorts.len(), context)?,
        ..ReportReply::new(request.report, request.resolved(context, answer.coverage))
    })
}
