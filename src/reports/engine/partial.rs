//! Partial answers of our engine: the visits of some days, counted and named, but not ranked.

use super::aggregate::accumulator::Accumulator;
use super::aggregate::group_by::GroupBy;
use super::aggregate::parted::each_part;
use super::aggregate::totals::{ByDay, ByHour};
use super::ranking::all_keys;
use super::ranking::groups::groups;
use super::runner::QueryRunner;
use crate::error::Result;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::block::MetricSet;
use crate::reports::comparison::Compared;
use crate::reports::dimension::Dimension;
use crate::reports::partial::Partial;
use std::collections::BTreeMap;

/// Counts the days, hours and items of a query in one pass over its range.
///
/// # Errors
/// Fails with `Error::Forbidden` for a hidden dimension, and when the query is cancelled or the data cannot be read.
pub fn partial(runner: &QueryRunner<'_>, dimensions: &[&'static Dimension]) -> Result<Partial> {
    dimensions.iter().try_for_each(|dimension| runner.require(dimension))?;
    let (mut days, mut hours) = (ByDay::default(), ByHour::default());
    let group = |dimension: &&'static Dimension| {
        GroupBy::some(dimension.group_key, MetricSet::All, all_keys(runner, dimension.group_key))
    };
    let mut items: Vec<GroupBy> = dimensions.iter().map(group).collect();
    let steps: [&mut dyn Accumulator; 2] = [&mut days, &mut hours];
    let mut accumulators: Vec<&mut dyn Accumulator> = steps.into_iter().collect();
    accumulators.extend(items.iter_mut().map(|items| items as &mut dyn Accumulator));
    runner.run(&mut accumulators)?;
    let counted = |(_, metrics): &(_, Metrics)| metrics[Measure::Visits] > 0;
    let named = dimensions.iter().zip(items).map(|(dimension, items)| named(runner, dimension, items));
    Ok(Partial {
        days: days.0.into_iter().filter(|(_, metrics)| *metrics != Metrics::default()).collect(),
        hours: hours.0.into_iter().enumerate().filter(counted).collect(),
        items: named.collect::<Result<_>>()?,
    })
}

/// Returns the metrics of items by their values in filters.
fn named(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    items: GroupBy,
) -> Result<BTreeMap<String, Metrics>> {
    let (namer, counted) = (runner.namer(dimension), Compared { now: items, before: None });
    let mut sums: BTreeMap<String, Metrics> = BTreeMap::new();
    if dimension.folds() {
        for group in groups(runner, dimension, counted)?.0 {
            *sums.entry(namer.group_name(&group.name).filter).or_default() += group.metrics.now;
        }
        return Ok(sums);
    }
    each_part(&runner.snapshot.aside(), counted, &mut |items| {
        for (key, metrics) in items.now.each().filter(|(key, _)| *key != 0 || dimension.shows_unknown) {
            *sums.entry(namer.name(key, None)?.filter).or_default() += metrics;
        }
        Ok(())
    })?;
    Ok(sums)
}
