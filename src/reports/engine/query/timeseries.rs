//! Time series of metrics over a range: by day, or by hour for a single day.

use super::QueryRunner;
use crate::error::Result;
use crate::model::clock::Day;
use crate::reports::columns::block::MetricSet;
use crate::reports::comparison::Compared;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::engine::aggregate::accumulator::Accumulator;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::aggregate::item_series::ItemSeries;
use crate::reports::engine::aggregate::totals::{ByDay, ByHour};
use crate::reports::engine::rollups;
use crate::reports::metrics::Metrics;
use crate::reports::results::table::TableRow;
use crate::reports::results::time_series::TimeSeries;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The overview of a range for the dashboard.
pub struct Overview {
    /// The totals.
    pub totals: Compared<Metrics>,
    /// The time series.
    pub courses: Compared<TimeSeries>,
    /// The items of each dimension with their occurrences.
    pub items: Vec<Compared<GroupBy>>,
}

/// An accumulator by day or by hour.
enum Steps {
    Days(ByDay),
    Hours(Box<ByHour>),
}

impl Default for Steps {
    fn default() -> Self {
        Self::Days(ByDay::default())
    }
}

impl Steps {
    fn question(&mut self) -> &mut dyn Accumulator {
        match self {
            Self::Days(days) => days,
            Self::Hours(hours) => &mut **hours,
        }
    }

    fn totals(&self) -> Metrics {
        let mut totals = Metrics::default();
        match self {
            Self::Days(days) => days.0.values().for_each(|measures| totals += *measures),
            Self::Hours(hours) => hours.0.iter().for_each(|measures| totals += *measures),
        }
        totals
    }
}

impl QueryRunner<'_> {
    /// Returns the days of the range that have begun.
    pub fn days(&self) -> Vec<Day> {
        let today = self.site.zone.day(self.reader.now);
        self.range.each().filter(|day| *day <= today).collect()
    }

    /// Returns the days of the comparison period that correspond to [`Inquiry::days`].
    fn earlier_days(&self) -> Vec<Day> {
        let range = self.earlier.as_ref().map(|(range, _)| *range);
        range.into_iter().flat_map(DateRange::each).take(self.days().len()).collect()
    }

    /// Returns the number of hours of a single day that have begun.
    pub fn hours(&self) -> usize {
        let (zone, now) = (&self.site.zone, self.reader.now);
        match self.range.last.cmp(&zone.day(now)) {
            Ordering::Less => 24,
            Ordering::Equal => usize::try_from(zone.local(now).hour()).unwrap_or(23) + 1,
            Ordering::Greater => 0,
        }
    }

    /// Returns true if the range is one day, which is shown by hours.
    pub fn is_one_day(&self) -> bool {
        self.range.days() == 1
    }

    /// Returns time series, totals and the items of some dimensions, all from one pass over the days of each period.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) for a hidden dimension, and when the query is
    /// cancelled or the data cannot be read.
    pub fn overview(&self, dimensions: &[&Dimension]) -> Result<Overview> {
        dimensions.iter().try_for_each(|dimension| self.demand(dimension))?;
        // The bar of a visitor shows actions, not occurrences.
        let counted = |dimension: &Dimension| match dimension.naming {
            ValueKind::Visitor => GroupBy::some(dimension.by, MetricSet::Measures, self.all_keys()),
            _ => GroupBy::some(dimension.by, MetricSet::Hits, self.all_keys()),
        };
        let ask =
            |ask: &dyn Fn(&mut [&mut dyn Accumulator]) -> Result<bool>| -> Result<Option<(Steps, Vec<GroupBy>)>> {
                let mut steps = if self.is_one_day() {
                    Steps::Hours(Box::default())
                } else {
                    Steps::Days(ByDay::default())
                };
                let mut items: Vec<GroupBy> = dimensions.iter().map(|dimension| counted(dimension)).collect();
                let mut questions: Vec<&mut dyn Accumulator> =
                    items.iter_mut().map(|items| items as _).collect();
                questions.push(steps.question());
                Ok(ask(&mut questions)?.then_some((steps, items)))
            };
        let now = ask(&|questions| self.run(questions).map(|()| true))?;
        let before = ask(&|questions| self.ask_before(questions))?;
        let (steps, items) = now.unwrap_or_default();
        let (steps_before, items_before) = before.unzip();
        let mut items_before = items_before.into_iter().flatten();
        let compared = |(now, dimension): (GroupBy, &&Dimension)| Compared {
            now,
            before: items_before.next().filter(|_| self.compares(dimension.by)),
        };
        let items = items.into_iter().zip(dimensions).map(compared).collect();
        Ok(Overview {
            totals: Compared { now: steps.totals(), before: steps_before.as_ref().map(Steps::totals) },
            courses: Compared {
                now: self.course(steps, self.days()),
                before: steps_before.map(|steps| self.course(steps, self.earlier_days())),
            },
            items,
        })
    }

    fn course(&self, steps: Steps, days: Vec<Day>) -> TimeSeries {
        match steps {
            Steps::Hours(hours) => TimeSeries::Hours(hours.0[..self.hours()].to_vec()),
            Steps::Days(found) => course(days, &found.0),
        }
    }

    /// Returns the time series of the range and the comparison period.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn timeseries(&self) -> Result<Compared<TimeSeries>> {
        if self.is_one_day() {
            let Compared { now, before } = self.compare::<ByHour>()?;
            return Ok(Compared {
                now: TimeSeries::Hours(now.0[..self.hours()].to_vec()),
                before: before.map(|before| TimeSeries::Hours(before.0[..self.hours()].to_vec())),
            });
        }
        let Compared { now, before } = self.compare::<ByDay>()?;
        Ok(Compared {
            now: course(self.days(), &now.0),
            before: before.map(|before| course(self.earlier_days(), &before.0)),
        })
    }

    /// Returns the occurrences of the items of each line, step by step. Empty for a single day of which only totals are
    /// left, since they do not hold items by hour.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) for a hidden dimension, and when the query is
    /// cancelled or the data cannot be read.
    pub fn item_series(&self, dimension: &Dimension, lines: &[TableRow]) -> Result<Compared<Vec<Vec<i64>>>> {
        self.demand(dimension)?;
        let groups: Vec<_> = lines.iter().map(|line| line.keys.clone()).collect();
        if self.is_one_day()
            && !self.filter.has_conditions()
            && rollups::raw_since(self.reader.connection, self.site.id, self.range)?.is_some()
        {
            return Ok(Compared::default());
        }
        let lines = || ItemSeries::new(dimension.by, &groups, self.is_one_day());
        let (mut now, mut before) = (lines(), lines());
        self.run(&mut [&mut now])?;
        let is_compared = self.ask_before_by(dimension.by, &mut [&mut before])?;
        let courses = |counted: &ItemSeries, days: &[Day]| -> Vec<Vec<i64>> {
            if self.is_one_day() {
                return counted.by_hour.iter().map(|hours| hours[..self.hours()].to_vec()).collect();
            }
            let of_day = |day: &Day, group: usize| counted.by_day.get(day).map_or(0, |groups| groups[group]);
            (0..groups.len()).map(|group| days.iter().map(|day| of_day(day, group)).collect()).collect()
        };
        Ok(Compared {
            now: courses(&now, &self.days()),
            before: is_compared.then(|| courses(&before, &self.earlier_days())),
        })
    }
}

fn course(days: Vec<Day>, by_day: &BTreeMap<Day, Metrics>) -> TimeSeries {
    let measures = days.iter().map(|day| by_day.get(day).copied().unwrap_or_default()).collect();
    TimeSeries::Days(days, measures)
}
