//! Results without dimensions and by time, also of the most frequent items over time.

use super::items::report_path;
use super::plan::{OrderKey, Plan};
use super::reply::{QueryMeta, QueryReply, QueryResult};
use crate::api::v1::interval::{self, Interval, Step, fold, hour_label};
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::vocabulary::metrics::ValueScope;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::metrics::Metrics;
use crate::reports::comparison::Compared;
use crate::reports::dimension::Dimension;
use crate::reports::query::{TopSeriesWant, Wants};

/// Answers a query without dimensions.
///
/// # Errors
///
/// Fails as [`super::run`] does.
pub fn totals(context: &ReadContext<'_>, plan: &Plan) -> Result<QueryReply> {
    let answer = context.reader.run(&plan.query(context, Wants { totals: true, ..Wants::default() })?)?;
    let totals = answer.totals.unwrap_or_default();
    let result = QueryResult {
        dimensions: Vec::new(),
        metrics: plan.values(&totals.now, &ValueScope::new(context.currency())),
        before: totals
            .before
            .as_ref()
            .map(|before| plan.values(before, &ValueScope::new(context.currency()))),
        titles: None,
    };
    Ok(QueryReply {
        results: vec![result],
        meta: QueryMeta { total_rows: Some(1) },
        query: plan.resolved(context, "", answer.coverage),
        next_cursor: None,
    })
}

/// Answers a query by steps of time.
///
/// # Errors
///
/// Fails as [`super::run`] does.
pub fn by_time(context: &ReadContext<'_>, plan: &Plan, interval: Interval) -> Result<QueryReply> {
    let counted = interval::count(context, &plan.query(context, Wants::default())?, interval)?;
    let mut steps = counted.steps;
    match plan.order.by {
        OrderKey::Dimension if plan.order.is_ascending => {}
        OrderKey::Dimension => steps.reverse(),
        OrderKey::Metric(metric) => steps.sort_by_key(|step: &Step<Metrics>| {
            let rank = metric.rank(&step.now);
            if plan.order.is_ascending { rank } else { -rank }
        }),
    }
    let result = |step: &Step<Metrics>| QueryResult {
        dimensions: vec![step.label.clone()],
        metrics: plan.values(&step.now, &ValueScope::new(context.currency())),
        before: step.before.as_ref().map(|before| plan.values(before, &ValueScope::new(context.currency()))),
        titles: None,
    };
    let page = plan.page.page;
    Ok(QueryReply {
        results: page.slice(&steps).iter().map(result).collect(),
        meta: QueryMeta { total_rows: Some(steps.len()) },
        query: plan.resolved(context, "", counted.coverage),
        next_cursor: plan.page.next_of(steps.len(), context)?,
    })
}

/// Answers a query by the most frequent items of a dimension, step by step.
///
/// # Errors
///
/// Fails as [`super::run`] does.
pub fn by_time_and_item(
    context: &ReadContext<'_>,
    plan: &Plan,
    interval: Interval,
    dimension: &'static Dimension,
    is_time_first: bool,
) -> Result<QueryReply> {
    let is_one_day = plan.selection.range.days() == 1;
    if interval == Interval::Hour && !is_one_day {
        let sentence = "Items by the hour are counted for one day. Choose one day, or time:day.";
        return Err(Error::invalid("dimensions", sentence));
    }
    let want = TopSeriesWant { dimension, items: limits::API_SERIES_ITEMS_MAX };
    let answer =
        context.reader.run(&plan.query(context, Wants { top_series: Some(want), ..Wants::default() })?)?;
    let series = answer.top_series.unwrap_or_default();
    let mut results = Vec::new();
    for (place, (item, now)) in series.items.iter().zip(&series.values.now).enumerate() {
        let before = series.values.before.as_ref().and_then(|before| before.get(place));
        let values = Compared { now: now.as_slice(), before: before.map(Vec::as_slice) };
        let steps = steps_of_item(plan, interval, &answer.days, values);
        for (number, step) in steps.into_iter().enumerate() {
            let label = step.label;
            let value = item.filter.clone();
            let titles = (item.title != item.filter).then(|| item.title.clone());
            let pair = |value: String| {
                if is_time_first { vec![label.clone(), value] } else { vec![value, label.clone()] }
            };
            let result = QueryResult {
                titles: titles.map(pair),
                dimensions: pair(value),
                metrics: plan.metrics.iter().map(|_| Some(step.now.into())).collect(),
                before: step.before.map(|before| plan.metrics.iter().map(|_| Some(before.into())).collect()),
            };
            results.push((number, result));
        }
    }
    // Step by step, each with its items from the most frequent one on.
    results.sort_by_key(|(number, _)| *number);
    if !plan.order.is_ascending {
        results.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    }
    let count = results.len();
    let places = plan.page.page.places();
    let shown = results.into_iter().skip(places.start).take(places.len());
    Ok(QueryReply {
        results: shown.map(|(_, result)| result).collect(),
        meta: QueryMeta { total_rows: Some(count) },
        query: plan.resolved(context, &report_path(dimension), answer.coverage),
        next_cursor: plan.page.next_of(count, context)?,
    })
}

/// Returns the steps of an item; `values` are those of days, or of the hours of one day.
fn steps_of_item(
    plan: &Plan,
    interval: Interval,
    days: &[crate::model::clock::Day],
    values: Compared<&[i64]>,
) -> Vec<Step<i64>> {
    let range = plan.selection.range;
    if range.days() > 1 {
        return fold(interval, range, days, values, |sum, more| *sum += more);
    }
    if interval == Interval::Hour {
        let step = |(hour, now): (usize, &i64)| Step {
            label: hour_label(range.first, hour),
            now: *now,
            before: values.before.and_then(|before| before.get(hour).copied()),
        };
        return values.now.iter().enumerate().map(step).collect();
    }
    let sum = |values: &[i64]| values.iter().sum();
    vec![Step { label: range.first.to_string(), now: sum(values.now), before: values.before.map(sum) }]
}
