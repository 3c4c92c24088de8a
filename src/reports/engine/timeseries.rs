//! Time series of metrics over a range: by day, or by hour for a single day.

use super::runner::QueryRunner;
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::comparison::Compared;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::Dimension;
use crate::reports::engine::aggregate::accumulator::Accumulator;
use crate::reports::engine::aggregate::item_series::ItemSeries;
use crate::reports::engine::aggregate::totals::{ByDay, ByHour};
use crate::reports::engine::ranking::keyed::KeyedRow;
use crate::reports::engine::rollups;
use crate::reports::results::time_series::TimeSeries;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// An accumulator by day or by hour.
pub enum StepMetrics {
    /// By day.
    Days(ByDay),
    /// By hour of one day.
    Hours(Box<ByHour>),
}

impl Default for StepMetrics {
    fn default() -> Self {
        Self::Days(ByDay::default())
    }
}

impl StepMetrics {
    /// Creates an empty accumulator of the steps of a query.
    pub fn new(runner: &QueryRunner<'_>) -> Self {
        if is_one_day(runner) { Self::Hours(Box::default()) } else { Self::Days(ByDay::default()) }
    }

    /// Returns the accumulator.
    pub fn accumulator(&mut self) -> &mut dyn Accumulator {
        match self {
            Self::Days(days) => days,
            Self::Hours(hours) => &mut **hours,
        }
    }

    /// Returns the sum of all steps, with the cost of campaigns, which no hour has.
    pub fn totals(&self, cost: i64) -> Metrics {
        let mut totals = Metrics::default();
        match self {
            Self::Days(days) => days.0.values().for_each(|metrics| totals += *metrics),
            Self::Hours(hours) => hours.0.iter().for_each(|metrics| totals += *metrics),
        }
        totals[Measure::Cost] = cost;
        totals
    }
}

/// Returns the days of the range that have begun.
pub fn days(runner: &QueryRunner<'_>) -> Vec<Day> {
    let today = runner.site.zone.day(runner.snapshot.now);
    runner.range.each().filter(|day| *day <= today).collect()
}

/// Returns the days of the comparison period that correspond to [`days`].
pub fn earlier_days(runner: &QueryRunner<'_>) -> Vec<Day> {
    let range = runner.earlier.as_ref().map(|(range, _)| *range);
    range.into_iter().flat_map(DateRange::each).take(days(runner).len()).collect()
}

/// Returns the number of hours of a single day that have begun.
pub fn hours_begun(runner: &QueryRunner<'_>) -> usize {
    let (zone, now) = (&runner.site.zone, runner.snapshot.now);
    match runner.range.last.cmp(&zone.day(now)) {
        Ordering::Less => 24,
        Ordering::Equal => usize::try_from(zone.local(now).hour()).unwrap_or(23) + 1,
        Ordering::Greater => 0,
    }
}

/// Returns true if the range is one day, which is shown by hours.
pub fn is_one_day(runner: &QueryRunner<'_>) -> bool {
    runner.range.days() == 1
}

/// Returns the time series of steps, whose days are these.
pub fn series_of(runner: &QueryRunner<'_>, steps: StepMetrics, days: Vec<Day>) -> TimeSeries {
    match steps {
        StepMetrics::Hours(hours) => TimeSeries::Hours(hours.0[..hours_begun(runner)].to_vec()),
        StepMetrics::Days(found) => course(days, &found.0),
    }
}

/// Returns the occurrences of the items of each line, step by step. Empty for a single day of which only totals are
/// left, since they do not hold items by hour.
///
/// # Errors
/// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) for a hidden dimension, and when the query is
/// cancelled or the data cannot be read.
pub fn item_series(
    runner: &QueryRunner<'_>,
    dimension: &Dimension,
    lines: &[KeyedRow],
) -> Result<Compared<Vec<Vec<i64>>>> {
    runner.require(dimension)?;
    let groups: Vec<_> = lines.iter().map(|line| line.keys.clone()).collect();
    if is_one_day(runner)
        && !runner.predicate.has_clauses()
        && rollups::raw_since(runner.snapshot.connection, runner.site.id, runner.range)?.is_some()
    {
        return Ok(Compared::default());
    }
    let lines = || ItemSeries::new(dimension.group_key, &groups, is_one_day(runner));
    let (mut now, mut before) = (lines(), lines());
    runner.run(&mut [&mut now])?;
    let is_compared = runner.run_before_by(dimension.group_key, &mut [&mut before])?;
    let courses = |counted: &ItemSeries, days: &[Day]| -> Vec<Vec<i64>> {
        if is_one_day(runner) {
            return counted.by_hour.iter().map(|hours| hours[..hours_begun(runner)].to_vec()).collect();
        }
        let of_day = |day: &Day, group: usize| counted.by_day.get(day).map_or(0, |groups| groups[group]);
        (0..groups.len()).map(|group| days.iter().map(|day| of_day(day, group)).collect()).collect()
    };
    Ok(Compared {
        now: courses(&now, &days(runner)),
        before: is_compared.then(|| courses(&before, &earlier_days(runner))),
    })
}

fn course(days: Vec<Day>, by_day: &BTreeMap<Day, Metrics>) -> TimeSeries {
    let metrics = days.iter().map(|day| by_day.get(day).copied().unwrap_or_default()).collect();
    TimeSeries::Days(days, metrics)
}

/// Returns the number of steps of the range that have begun.
pub fn steps(runner: &QueryRunner<'_>) -> usize {
    if is_one_day(runner) { hours_begun(runner) } else { days(runner).len() }
}
