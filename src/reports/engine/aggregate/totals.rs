//! Totals of a range: as a whole, by day, by hour.

use super::accumulator::{Accumulator, DayOfRow, counted, each_day, hour, kinds};
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::ColumnPart;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::engine::costs::Costs;
use crate::reports::engine::rollups::Rollups;
use std::collections::BTreeMap;

/// An accumulator of the metrics of a range.
#[derive(Debug, Default)]
pub struct Totals(pub Metrics);

impl Accumulator for Totals {
    fn needs(&self, projection: &mut Projection) {
        if !projection.is_plain {
            projection.metrics();
            projection.offsets(kinds());
        }
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        if rows.is_unfiltered() {
            each_day(block, rows, |sums, of_day| {
                self.0 += rows.with_conversions_in_view(&sums.metrics, &of_day);
            });
            return;
        }
        self.0 += picked(block, rows);
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        if let Some(Self(metrics)) = counted(fork) {
            self.0 += metrics;
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        days.by_day()?.into_values().for_each(|metrics| self.0 += metrics);
        Ok(())
    }

    fn update_costs(&mut self, costs: &Costs) {
        self.0 += Metrics::new([(Measure::Cost, costs.total)]);
    }
}

/// Computes the metrics of selected visits of a block.
fn picked(block: &Block, rows: &Selection) -> Metrics {
    let sum = block.scale(rows).sum(rows);
    let mut metrics = sum;
    metrics[Measure::Hits] = sum[Measure::Visits];
    for (kind, bag) in metrics.kinds_mut().iter_mut().zip(kinds()) {
        block.each_count(bag, rows, |_, count| *kind += number(count));
    }
    metrics
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An accumulator of the metrics of each day; days without visits are missing.
#[derive(Debug, Default)]
pub struct ByDay(pub BTreeMap<Day, Metrics>);

impl Accumulator for ByDay {
    fn needs(&self, projection: &mut Projection) {
        Totals::default().needs(projection);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let mut ends = Vec::new();
        each_day(block, rows, |sums, of_day| {
            let metrics = if rows.is_unfiltered() {
                rows.with_conversions_in_view(&sums.metrics, &of_day)
            } else {
                Metrics::default()
            };
            ends.push((of_day.end, sums.day, metrics));
        });
        if let [(_, _, metrics)] = ends.as_mut_slice()
            && !rows.is_unfiltered()
        {
            *metrics = picked(block, rows);
        } else if !rows.is_unfiltered() {
            let (mut days, scale) = (DayOfRow::default(), block.scale(rows));
            rows.each(|row| {
                let day = days.find(row, |day| ends[day].0);
                let metrics = &mut ends[day].2;
                metrics[Measure::Hits] += 1;
                scale.add(metrics, row);
            });
            for (place, bag) in kinds().enumerate() {
                let mut days = DayOfRow::default();
                block.each_count(bag, rows, |visit, count| {
                    let day = days.find(visit, |day| ends[day].0);
                    ends[day].2.kinds_mut()[place] += number(count);
                });
            }
        }
        for (_, day, metrics) in ends {
            *self.0.entry(day).or_default() += metrics;
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        for (day, metrics) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.0) {
            *self.0.entry(day).or_default() += metrics;
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        for (day, metrics) in days.by_day()? {
            *self.0.entry(day).or_default() += metrics;
        }
        Ok(())
    }

    fn update_costs(&mut self, costs: &Costs) {
        for (day, cost) in &costs.by_day {
            *self.0.entry(*day).or_default() += Metrics::new([(Measure::Cost, *cost)]);
        }
    }
}

/// An accumulator of metrics by the local hour in which visits began, over all days. An hour that occurs twice when the
/// clocks are set back counts as one.
#[derive(Debug, Default)]
pub struct ByHour(pub [Metrics; 24]);

impl Accumulator for ByHour {
    fn needs(&self, projection: &mut Projection) {
        projection.metrics();
        projection.offsets(kinds());
        projection.parts.push(ColumnPart::Hours);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let is_whole = rows.is_unfiltered() && rows.range == (0..block.visits());
        if let Some(hours) = block.by_hour.as_ref().filter(|_| is_whole && rows.goal_in_view().is_none()) {
            self.0.iter_mut().zip(hours.iter()).for_each(|(hour, metrics)| *hour += *metrics);
            return;
        }
        let scale = block.scale(rows);
        rows.each(|row| {
            let hour = &mut self.0[hour(block, row)];
            scale.add(hour, row);
            hour[Measure::Hits] += 1;
        });
        for (place, bag) in kinds().enumerate() {
            block.each_count(bag, rows, |visit, count| {
                self.0[hour(block, visit)].kinds_mut()[place] += number(count);
            });
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        if let Some(fork) = counted::<Self>(fork) {
            self.0.iter_mut().zip(fork.0).for_each(|(hour, metrics)| *hour += metrics);
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        self.0.iter_mut().zip(days.by_hour()?).for_each(|(hour, metrics)| *hour += metrics);
        Ok(())
    }
}
