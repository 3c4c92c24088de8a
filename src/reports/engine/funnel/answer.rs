//! The counts of a funnel over a range and the comparison period, broken down by a dimension, with the names of pages.

use super::funnel_counts::FunnelCounts;
use super::next_pages::TopPages;
use super::steps::FunnelSteps;
use super::visit_counts::FunnelVisits;
use super::visitor_counts::FunnelVisitors;
use crate::error::{Error, Result};
use crate::model::metrics::Metric;
use crate::reports::catalogue;
use crate::reports::comparison::Compared;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::Dimension;
use crate::reports::engine::aggregate::pairs::Axis;
use crate::reports::engine::predicate::Predicate;
use crate::reports::engine::ranking::keyed::KeyedRow;
use crate::reports::engine::ranking::table;
use crate::reports::engine::runner::QueryRunner;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::query::{FunnelWant, Query};
use crate::reports::results::funnel::{FunnelResult, FunnelRow, NextPage, StepResult};
use crate::reports::search::Search;
use crate::reports::table_query::{Page, Sort, TableQuery};
use std::sync::Arc;

/// Returns the counts of a funnel.
///
/// # Errors
/// Fails with [`Error::Forbidden`] when funnels or the dimension are hidden, and when the query is cancelled or the data cannot be
/// read.
pub fn funnel(snapshot: &Snapshot<'_>, query: &Query, want: &FunnelWant) -> Result<FunnelResult> {
    if !query.visibility.shows_funnels() {
        return Err(Error::Forbidden);
    }
    // Days without single visits know no events.
    let query = Query { visits_alone: true, ..query.clone() };
    let runner = QueryRunner::new(snapshot, &query)?;
    let counts_next = want.next_pages > 0 && query.visibility.counts_by(catalogue::pages());
    let steps = FunnelSteps::compile(&query.site.domain, &want.funnel)?;
    let steps = Arc::new(if counts_next { steps.with_pages() } else { steps });
    let rows = match want.by {
        Some((dimension, most)) => ranked(snapshot, &query, &steps, dimension, most)?,
        None => Vec::new(),
    };
    let by = want.by.filter(|_| !rows.is_empty());
    let by = by.map(|(by, _)| Axis::of_groups(by.group_key, rows.iter().map(|row| row.keys.as_slice())));
    let pass = Pass { runner: &runner, want, steps, by, groups: rows.len() };
    let now = pass.run(runner.range, &runner.predicate, counts_next)?;
    let before = runner.earlier.as_ref().map(|(range, predicate)| pass.run(*range, predicate, false));
    result(&runner, want, rows, Compared { now, before: before.transpose()? })
}

/// Returns the items of a dimension, those with most visits that took the first step first.
fn ranked(
    snapshot: &Snapshot<'_>,
    query: &Query,
    steps: &Arc<FunnelSteps>,
    dimension: &'static Dimension,
    most: u32,
) -> Result<Vec<KeyedRow>> {
    let query = Query { comparison: None, ..query.clone() };
    let mut runner = QueryRunner::new(snapshot, &query)?;
    runner.predicate = runner.predicate.entering(Arc::clone(steps));
    let table_query = TableQuery {
        sort: Sort::Metric(Metric::Visits),
        is_ascending: false,
        search: Search::Everything,
        page: Page { number: 1, rows: most },
    };
    Ok(table(&runner, dimension, &table_query)?.rows)
}

/// A pass over the days.
struct Pass<'a> {
    runner: &'a QueryRunner<'a>,
    want: &'a FunnelWant,
    steps: Arc<FunnelSteps>,
    by: Option<Axis>,
    groups: usize,
}

impl Pass<'_> {
    fn run(&self, range: DateRange, predicate: &Predicate, counts_next: bool) -> Result<FunnelCounts> {
        let Self { runner, want, steps, by, groups } = self;
        let (snapshot, site) = (runner.snapshot, runner.site());
        let predicate = predicate.clone().with_funnel_in_view(Arc::clone(steps));
        let counts = FunnelCounts::new(steps.rules, *groups, snapshot.aside());
        let Some(days) = want.funnel.window_days else {
            let mut visits = FunnelVisits::new(counts, by.clone(), counts_next);
            snapshot.run_visits(site, range, &predicate, &mut [&mut visits])?;
            return Ok(visits.counts);
        };
        // The steps of the comparison period have as much time after it as those of the range.
        let passed = site.zone.day(snapshot.now).0 - runner.range.last.0;
        let days = i32::try_from(days).unwrap_or(i32::MAX).min(passed.max(0));
        let until = DateRange { first: range.first, last: range.last.plus(days) };
        let mut visitors = FunnelVisitors::new(counts, by.clone(), counts_next, range.last);
        snapshot.run_visits(site, until, &predicate, &mut [&mut visitors])?;
        visitors.finish()
    }
}

fn result(
    runner: &QueryRunner<'_>,
    want: &FunnelWant,
    rows: Vec<KeyedRow>,
    counts: Compared<FunnelCounts>,
) -> Result<FunnelResult> {
    let Compared { now, before } = counts;
    let visits = Compared { now: now.visits, before: before.as_ref().map(|before| before.visits) };
    let recognized = want.funnel.window_days.map(|_| now.recognized);
    let mut by_item = Vec::with_capacity(rows.len());
    for (group, row) in rows.into_iter().enumerate() {
        let reached = compared(now.reached_of(group), before.as_ref().map(|before| before.reached_of(group)));
        by_item.push(FunnelRow { item: row.name, reached });
    }
    by_item.sort_by_key(|row| std::cmp::Reverse(row.reached.first().map_or(0, |entered| entered.now)));
    let reached = compared(now.reached(), before.as_ref().map(FunnelCounts::reached));
    let most = usize::try_from(want.next_pages).unwrap_or(usize::MAX);
    let mut tops = now.next.top(most)?.into_iter();
    let mut medians = now.times.medians()?.into_iter();
    let medians_before = before.map(|before| before.times.medians()).transpose()?;
    let mut medians_before = medians_before.map(Vec::into_iter);
    let mut steps = Vec::with_capacity(reached.len());
    for (place, of_step) in reached.iter().enumerate() {
        let next = reached.get(place + 1);
        let lost = match next {
            Some(next) => Compared {
                now: of_step.now - next.now,
                before: of_step.before.zip(next.before).map(|(here, next)| here - next),
            },
            None => Compared { now: 0, before: of_step.before.map(|_| 0) },
        };
        let median_ms = if place == 0 {
            Compared { now: None, before: of_step.before.map(|_| None) }
        } else {
            let before = medians_before.as_mut().map(|before| before.next().flatten());
            Compared { now: medians.next().flatten(), before }
        };
        let next = next_pages(runner, tops.next().unwrap_or_default())?;
        steps.push(StepResult { reached: of_step.clone(), lost, median_ms, next });
    }
    Ok(FunnelResult { steps, rows: by_item, visits, recognized })
}

fn compared(now: Vec<i64>, before: Option<Vec<i64>>) -> Vec<Compared<i64>> {
    let mut before = before.map(Vec::into_iter);
    let counts = now.into_iter();
    counts.map(|now| Compared { now, before: before.as_mut().and_then(Iterator::next) }).collect()
}

/// Names the next pages; those who left stand among them by their number.
fn next_pages(runner: &QueryRunner<'_>, top: TopPages) -> Result<Vec<NextPage>> {
    let namer = runner.namer(catalogue::pages());
    let mut next = Vec::with_capacity(top.pages.len() + 1);
    for (key, count) in top.pages {
        next.push(NextPage { page: Some(namer.name(key, None)?), count });
    }
    if top.left > 0 {
        next.push(NextPage { page: None, count: top.left });
    }
    next.sort_by_key(|page| std::cmp::Reverse(page.count));
    Ok(next)
}
