//! Totals of a range: as a whole, by day, by hour.

use super::accumulator::{Accumulator, DayOfRow, counted, each_day, hour, kinds};
use crate::error::Result;
use crate::model::clock::Day;
use crate::reports::columns::ColumnPart;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::engine::rollups::Rollups;
use crate::reports::metrics::Metrics;
use std::collections::BTreeMap;

/// An accumulator of the metrics of a range.
#[derive(Debug, Default)]
pub struct Totals(pub Metrics);

impl Accumulator for Totals {
    fn needs(&self, wants: &mut Projection) {
        if !wants.is_plain {
            wants.measures();
            wants.owners(kinds());
        }
    }

    fn update(&mut self, stretch: &Block, rows: &Selection) {
        if rows.is_unfiltered() {
            each_day(stretch, rows, |sums, _| self.0 += sums.measures);
            return;
        }
        self.0 += picked(stretch, rows);
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        if let Some(Self(measures)) = counted(fork) {
            self.0 += measures;
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        days.by_day()?.into_values().for_each(|measures| self.0 += measures);
        Ok(())
    }
}

/// Computes the metrics of selected visits of a block.
fn picked(stretch: &Block, rows: &Selection) -> Metrics {
    let sum = stretch.scale(rows).sum(rows);
    let mut measures = Metrics { hits: sum.visits, ..sum };
    for (kind, bag) in measures.kinds.iter_mut().zip(kinds()) {
        stretch.each_count(bag, rows, |_, count| *kind += number(count));
    }
    measures
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An accumulator of the metrics of each day; days without visits are missing.
#[derive(Debug, Default)]
pub struct ByDay(pub BTreeMap<Day, Metrics>);

impl Accumulator for ByDay {
    fn needs(&self, wants: &mut Projection) {
        Totals::default().needs(wants);
    }

    fn update(&mut self, stretch: &Block, rows: &Selection) {
        let mut ends = Vec::new();
        each_day(stretch, rows, |sums, of_day| {
            let measures = if rows.is_unfiltered() { sums.measures } else { Metrics::default() };
            ends.push((of_day.end, sums.day, measures));
        });
        if let [(_, _, measures)] = ends.as_mut_slice()
            && !rows.is_unfiltered()
        {
            *measures = picked(stretch, rows);
        } else if !rows.is_unfiltered() {
            let (mut days, scale) = (DayOfRow::default(), stretch.scale(rows));
            rows.each(|row| {
                let day = days.find(row, |day| ends[day].0);
                let measures = &mut ends[day].2;
                measures.hits += 1;
                scale.add(measures, row);
            });
            for (place, bag) in kinds().enumerate() {
                let mut days = DayOfRow::default();
                stretch.each_count(bag, rows, |visit, count| {
                    let day = days.find(visit, |day| ends[day].0);
                    ends[day].2.kinds[place] += number(count);
                });
            }
        }
        for (_, day, measures) in ends {
            *self.0.entry(day).or_default() += measures;
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        for (day, measures) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.0) {
            *self.0.entry(day).or_default() += measures;
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        for (day, measures) in days.by_day()? {
            *self.0.entry(day).or_default() += measures;
        }
        Ok(())
    }
}

/// An accumulator of metrics by the local hour in which visits began, over all days. An hour that occurs twice when the
/// clocks are set back counts as one.
#[derive(Debug, Default)]
pub struct ByHour(pub [Metrics; 24]);

impl Accumulator for ByHour {
    fn needs(&self, wants: &mut Projection) {
        wants.measures();
        wants.owners(kinds());
        wants.parts.push(ColumnPart::Hours);
    }

    fn update(&mut self, stretch: &Block, rows: &Selection) {
        let is_whole = rows.is_unfiltered() && rows.range == (0..stretch.visits());
        if let Some(hours) = stretch.by_hour.as_ref().filter(|_| is_whole) {
            self.0.iter_mut().zip(hours.iter()).for_each(|(hour, measures)| *hour += *measures);
            return;
        }
        let scale = stretch.scale(rows);
        rows.each(|row| {
            let hour = &mut self.0[hour(stretch, row)];
            scale.add(hour, row);
            hour.hits += 1;
        });
        for (place, bag) in kinds().enumerate() {
            stretch.each_count(bag, rows, |visit, count| {
                self.0[hour(stretch, visit)].kinds[place] += number(count);
            });
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        if let Some(fork) = counted::<Self>(fork) {
            self.0.iter_mut().zip(fork.0).for_each(|(hour, measures)| *hour += measures);
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        self.0.iter_mut().zip(days.by_hour()?).for_each(|(hour, measures)| *hour += measures);
        Ok(())
    }
}
