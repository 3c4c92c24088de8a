//! Totals, time series and items of dimensions, counted in one pass over the days of a range.

use super::aggregate::accumulator::Accumulator;
use super::aggregate::group_by::GroupBy;
use super::ranking::keyed::KeyedTable;
use super::ranking::{all_keys, tables_of};
use super::runner::QueryRunner;
use super::timeseries::{StepMetrics, days, earlier_days, item_series, series_of};
use crate::error::Result;
use crate::model::metrics::{Metric, Metrics};
use crate::reports::answer::NamedSeries;
use crate::reports::columns::block::MetricSet;
use crate::reports::comparison::Compared;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::query::{TopSeriesWant, Wants};
use crate::reports::results::table::Table;
use crate::reports::results::time_series::TimeSeries;
use crate::reports::table_query::{Sort, TableQuery};

/// The parts of an answer that one pass over the days of each period counts.
#[derive(Default)]
pub struct Overview {
    /// The metrics of the range.
    pub totals: Option<Compared<Metrics>>,
    /// The time series.
    pub series: Option<Compared<TimeSeries>>,
    /// The tables, in the order in which they were wanted.
    pub tables: Vec<Table>,
    /// The series of the most frequent items, in one more pass.
    pub top_series: Option<NamedSeries>,
}

/// The tables of one dimension, whose items are counted once.
struct Counted<'w> {
    dimension: &'static Dimension,
    metrics: MetricSet,
    /// The parameters of each table, with the position of the table among those that are wanted.
    parts: Vec<(Option<usize>, &'w TableQuery)>,
}

/// Counts totals, series and items.
///
/// # Errors
/// Fails with `Error::Forbidden` for a hidden dimension or metric, with `Error::Invalid` for a sort or search that is
/// not possible, and when the query is cancelled or the data cannot be read.
pub fn overview(runner: &QueryRunner<'_>, wants: &Wants) -> Result<Overview> {
    let top = wants.top_series.as_ref().map(|want| (want, top_of(want)));
    let counted = counted(wants, top.as_ref());
    let has_steps = wants.totals || wants.series;
    if counted.is_empty() && !has_steps {
        return Ok(Overview::default());
    }
    counted.iter().try_for_each(|one| runner.require(one.dimension))?;
    let groups = || -> Vec<GroupBy> {
        let group = |one: &Counted<'_>| {
            GroupBy::some(one.dimension.group_key, one.metrics, all_keys(runner, one.dimension.group_key))
        };
        counted.iter().map(group).collect()
    };
    let (mut steps, mut items) = (StepMetrics::new(runner), groups());
    runner.run(&mut accumulators(has_steps.then_some(&mut steps), items.iter_mut()))?;
    let (mut steps_before, mut items_before) = (StepMetrics::new(runner), groups());
    let compared = counted.iter().map(|one| runner.compares(one.dimension.group_key)).collect::<Vec<_>>();
    let kept = items_before
        .iter_mut()
        .zip(&compared)
        .filter_map(|(items, is_compared)| is_compared.then_some(items));
    let mut before = accumulators(has_steps.then_some(&mut steps_before), kept);
    let is_compared = !before.is_empty() && runner.run_before(&mut before)?;
    drop(before);
    let mut overview = Overview { tables: vec![Table::default(); wants.tables.len()], ..Overview::default() };
    let items_before =
        items_before.into_iter().zip(compared).map(|(items, kept)| (is_compared && kept).then_some(items));
    for ((one, now), before) in counted.iter().zip(items).zip(items_before) {
        let parts: Vec<&TableQuery> = one.parts.iter().map(|(_, part)| *part).collect();
        let tables = tables_of(runner, one.dimension, Compared { now, before }, &parts)?;
        for ((place, _), table) in one.parts.iter().zip(tables) {
            match place {
                Some(place) => overview.tables[*place] = table.into(),
                None => overview.top_series = Some(top_series(runner, one.dimension, table)?),
            }
        }
    }
    if wants.totals {
        let costs = runner.total_costs()?;
        overview.totals = Some(Compared {
            now: steps.totals(costs.now),
            before: is_compared.then(|| steps_before.totals(costs.before.unwrap_or(0))),
        });
    }
    overview.series = wants.series.then(|| Compared {
        now: series_of(runner, steps, days(runner)),
        before: is_compared.then(|| series_of(runner, steps_before, earlier_days(runner))),
    });
    Ok(overview)
}

fn accumulators<'q>(
    steps: Option<&'q mut StepMetrics>,
    items: impl Iterator<Item = &'q mut GroupBy>,
) -> Vec<&'q mut dyn Accumulator> {
    items.map(|items| items as _).chain(steps.map(StepMetrics::accumulator)).collect()
}

/// Returns the parameters of the table of the most frequent items.
fn top_of(want: &TopSeriesWant) -> TableQuery {
    TableQuery {
        is_ascending: false,
        sort: Sort::Metric(Metric::Hits),
        ..TableQuery::top(want.dimension, want.items)
    }
}

/// Returns the dimensions to count, each once.
fn counted<'w>(wants: &'w Wants, top: Option<&'w (&TopSeriesWant, TableQuery)>) -> Vec<Counted<'w>> {
    let mut counted: Vec<Counted<'w>> = Vec::new();
    let tables = wants
        .tables
        .iter()
        .enumerate()
        .map(|(place, want)| (Some(place), want.dimension, &want.table, want.is_brief));
    let top = top.map(|(want, part)| (None, want.dimension, part, true));
    for (place, dimension, part, is_brief) in tables.chain(top) {
        // The bar of a visitor shows actions, not occurrences.
        let metrics = if is_brief && dimension.value_kind != ValueKind::Visitor {
            MetricSet::Hits
        } else {
            MetricSet::All
        };
        match counted.iter_mut().find(|one| one.dimension == dimension) {
            Some(one) => {
                if metrics == MetricSet::All {
                    one.metrics = metrics;
                }
                one.parts.push((place, part));
            }
            None => counted.push(Counted { dimension, metrics, parts: vec![(place, part)] }),
        }
    }
    counted
}

fn top_series(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    top: KeyedTable,
) -> Result<NamedSeries> {
    let values = item_series(runner, dimension, &top.rows)?;
    Ok(NamedSeries { items: top.rows.into_iter().map(|row| row.name).collect(), values })
}
