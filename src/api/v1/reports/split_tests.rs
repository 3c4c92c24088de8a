//! The report of split tests: a row for each version of one test, with the verdict on it.

use super::item_json::{ItemJson, MetricsJson};
use super::reply::{ReportReply, ReportRow};
use super::request::ReportRequest;
use super::split_row::{DifferenceJson, SplitRow, SplitTestJson};
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::resolved::DaysJson;
use crate::api::v1::vocabulary::metrics::ValueScope;
use crate::error::Result;
use crate::reports::date_range::DateRange;
use crate::reports::query::Wants;
use crate::reports::split_report::words::statement;
use crate::reports::split_report::{self, SplitChoice};

/// Returns the versions of a split test.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let query = request.query(context, Wants::default())?;
    let choice = SplitChoice {
        test: request.own("test").map(str::to_owned),
        baseline: request.own("baseline").map(str::to_owned),
        is_of_all_goals: request.is_of_all_goals,
    };
    let report = split_report::run(context.reader, &query, &choice)?;
    report.require_baseline(choice.baseline.as_deref())?;
    let scope = ValueScope::new(context.currency());
    let visibility = context.site.visibility();
    let rows: Vec<usize> = (0..report.test.versions.len()).collect();
    let row = |place: &usize| {
        let version = &report.test.versions[*place];
        let verdict = report.verdicts[*place];
        ReportRow::Split(SplitRow {
            item: ItemJson::new(&version.row.name),
            metrics: MetricsJson::new(&version.row.metrics, &scope, visibility),
            before: version.row.before.as_ref().map(|before| MetricsJson::new(before, &scope, visibility)),
            days: version.first_and_last().map(|(first, last)| DaysJson::new(DateRange { first, last })),
            verdict: verdict.name(),
            statement: statement(&report, *place),
            difference: verdict.difference().map(DifferenceJson::new),
        })
    };
    let mut resolved = request.resolved(context, report.coverage);
    resolved.conversions_of = report.goal.as_ref().map(|goal| goal.code.clone());
    Ok(ReportReply {
        rows: request.page.page.slice(&rows).iter().map(row).collect(),
        total: report.test.visits.now.into(),
        total_before: report.test.visits.before.map(Into::into),
        count: rows.len(),
        next_cursor: request.page.next_of(rows.len(), context)?,
        split_test: Some(SplitTestJson::new(&report)),
        ..ReportReply::new(request.report, resolved)
    })
}
