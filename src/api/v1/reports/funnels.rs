//! The report on funnels: the steps of a funnel, or of the items of another report within it.

use super::funnel_rows::{FunnelItemRow, FunnelStepRow, NextPageJson, StepCounts};
use super::item_json::ItemJson;
use super::reply::{ReportReply, ReportRow};
use super::request::ReportRequest;
use crate::api::v1::read_context::ReadContext;
use crate::error::Result;
use crate::limits;
use crate::reports::comparison::Compared;
use crate::reports::funnel_filter;
use crate::reports::query::{FunnelWant, Wants};
use crate::reports::results::funnel::StepResult;
use crate::reports::step_names;

/// Returns the steps of the funnel that was asked for, or of the first one; no rows if the site has none.
///
/// # Errors
///
/// Fails as [`super::show`] does, and with `Error::Invalid` when there is no such funnel.
pub fn show(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    let (connection, site) = (context.reader.connection, context.site.site.id);
    let Some(funnel) = funnel_filter::choose(connection, site, request.funnel.as_deref())? else {
        let query = request.query(context, Wants::default())?;
        let coverage = context.reader.engine.coverage(&query)?;
        return Ok(ReportReply::new(request.report, request.resolved(context, coverage)));
    };
    let names = step_names::list(connection, site, &funnel.settings)?;
    let page = request.page.page;
    let items = u32::try_from(page.places().end).unwrap_or(u32::MAX);
    let by = request.by.map(|by| (by, items));
    let want = FunnelWant { funnel: funnel.settings, by, next_pages: limits::API_NEXT_PAGES };
    let query = request.query(context, Wants { funnel: Some(want), ..Wants::default() })?;
    let answer = context.reader.run(&query)?;
    let result = answer.funnel.unwrap_or_default();
    let entered = result.steps.first().map(|step| step.reached.clone()).unwrap_or_default();
    let mut reply = ReportReply::new(request.report, request.resolved(context, answer.coverage));
    reply.funnel = Some(funnel.id.0.to_string());
    (reply.total, reply.total_before) = (entered.now.into(), entered.before.map(Into::into));
    reply.visits = Some(result.visits.now);
    reply.recognized_visits = result.recognized;
    if request.by.is_some() {
        let rows = page.slice(&result.rows).iter().map(|row| {
            let counts = |of: fn(&Compared<i64>) -> Option<i64>| row.reached.iter().map(of).collect();
            ReportRow::FunnelItem(FunnelItemRow {
                item: ItemJson::new(&row.item),
                reached: row.reached.iter().map(|reached| reached.now).collect(),
                before: counts(|reached| reached.before),
            })
        });
        reply.rows = rows.collect();
        reply.count = result.rows.len();
        return Ok(reply);
    }
    let rows = result.steps.iter().zip(names).zip(1..);
    reply.rows = rows.map(|((step, name), number)| ReportRow::FunnelStep(row(step, name, number))).collect();
    reply.count = reply.rows.len();
    Ok(reply)
}

fn row(step: &StepResult, name: String, number: usize) -> FunnelStepRow {
    let StepResult { reached, lost, median_ms, next } = step;
    let before = reached.before.zip(lost.before).map(|(reached, lost)| StepCounts {
        reached,
        lost,
        median_ms: median_ms.before.flatten(),
    });
    FunnelStepRow {
        step: number,
        name,
        counts: StepCounts { reached: reached.now, lost: lost.now, median_ms: median_ms.now },
        before,
        next: next
            .iter()
            .map(|next| NextPageJson { page: next.page.as_ref().map(ItemJson::new), count: next.count })
            .collect(),
    }
}
