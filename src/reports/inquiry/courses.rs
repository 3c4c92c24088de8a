//! Time series of metrics over a range: by day, or by hour for a single day.

use super::{Compared, Inquiry};
use crate::clock::Day;
use crate::error::Result;
use crate::reports::columns::stretch::Counting;
use crate::reports::dimension::{Dimension, Naming};
use crate::reports::measures::Measures;
use crate::reports::questions::{ByDay, ByHour, Items, Lines, Question};
use crate::reports::range::Range;
use crate::reports::table::Line;
use crate::reports::totals;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A time series: metrics for each step that has begun.
#[derive(Clone, Debug)]
pub enum Course {
    /// Metrics by day, with the days.
    Days(Vec<Day>, Vec<Measures>),
    /// Metrics by hour of one day.
    Hours(Vec<Measures>),
}

impl Course {
    /// Returns the metrics, step by step.
    pub fn measures(&self) -> &[Measures] {
        match self {
            Self::Days(_, measures) | Self::Hours(measures) => measures,
        }
    }
}

/// The overview of a range for the dashboard.
pub struct Overview {
    /// The totals.
    pub totals: Compared<Measures>,
    /// The time series.
    pub courses: Compared<Course>,
    /// The items of each dimension with their occurrences.
    pub items: Vec<Compared<Items>>,
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
    fn question(&mut self) -> &mut dyn Question {
        match self {
            Self::Days(days) => days,
            Self::Hours(hours) => &mut **hours,
        }
    }

    fn totals(&self) -> Measures {
        let mut totals = Measures::default();
        match self {
            Self::Days(days) => days.0.values().for_each(|measures| totals += *measures),
            Self::Hours(hours) => hours.0.iter().for_each(|measures| totals += *measures),
        }
        totals
    }
}

impl Inquiry<'_> {
    /// Returns the days of the range that have begun.
    pub fn days(&self) -> Vec<Day> {
        let today = self.site.zone.day(self.reader.now);
        self.range.each().filter(|day| *day <= today).collect()
    }

    /// Returns the days of the comparison period that correspond to [`Inquiry::days`].
    fn earlier_days(&self) -> Vec<Day> {
        let range = self.earlier.as_ref().map(|(range, _)| *range);
        range.into_iter().flat_map(Range::each).take(self.days().len()).collect()
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
            Naming::Visitor => Items::some(dimension.by, Counting::Measures, self.all_keys()),
            _ => Items::some(dimension.by, Counting::Hits, self.all_keys()),
        };
        let ask =
            |ask: &dyn Fn(&mut [&mut dyn Question]) -> Result<bool>| -> Result<Option<(Steps, Vec<Items>)>> {
                let mut steps = if self.is_one_day() {
                    Steps::Hours(Box::default())
                } else {
                    Steps::Days(ByDay::default())
                };
                let mut items: Vec<Items> = dimensions.iter().map(|dimension| counted(dimension)).collect();
                let mut questions: Vec<&mut dyn Question> =
                    items.iter_mut().map(|items| items as _).collect();
                questions.push(steps.question());
                Ok(ask(&mut questions)?.then_some((steps, items)))
            };
        let now = ask(&|questions| self.ask(questions).map(|()| true))?;
        let before = ask(&|questions| self.ask_before(questions))?;
        let (steps, items) = now.unwrap_or_default();
        let (steps_before, items_before) = before.unzip();
        let mut items_before = items_before.into_iter().flatten();
        let compared = |(now, dimension): (Items, &&Dimension)| Compared {
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

    fn course(&self, steps: Steps, days: Vec<Day>) -> Course {
        match steps {
            Steps::Hours(hours) => Course::Hours(hours.0[..self.hours()].to_vec()),
            Steps::Days(found) => course(days, &found.0),
        }
    }

    /// Returns the time series of the range and the comparison period.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn courses(&self) -> Result<Compared<Course>> {
        if self.is_one_day() {
            let Compared { now, before } = self.compare::<ByHour>()?;
            return Ok(Compared {
                now: Course::Hours(now.0[..self.hours()].to_vec()),
                before: before.map(|before| Course::Hours(before.0[..self.hours()].to_vec())),
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
    pub fn lines(&self, dimension: &Dimension, lines: &[Line]) -> Result<Compared<Vec<Vec<i64>>>> {
        self.demand(dimension)?;
        let groups: Vec<_> = lines.iter().map(|line| line.keys.clone()).collect();
        if self.is_one_day()
            && !self.filter.has_conditions()
            && totals::since(self.reader.connection, self.site.id, self.range)?.is_some()
        {
            return Ok(Compared::default());
        }
        let lines = || Lines::of(dimension.by, &groups, self.is_one_day());
        let (mut now, mut before) = (lines(), lines());
        self.ask(&mut [&mut now])?;
        let is_compared = self.ask_before_by(dimension.by, &mut [&mut before])?;
        let courses = |counted: &Lines, days: &[Day]| -> Vec<Vec<i64>> {
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

fn course(days: Vec<Day>, by_day: &BTreeMap<Day, Measures>) -> Course {
    let measures = days.iter().map(|day| by_day.get(day).copied().unwrap_or_default()).collect();
    Course::Days(days, measures)
}
