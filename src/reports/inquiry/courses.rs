//! How measures went over a range, step by step: day by day, or the hours of a single day.

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

/// How measures went: one value a step, as far as the range has come.
#[derive(Clone, Debug)]
pub enum Course {
    /// Day by day; the days are those of the range.
    Days(Vec<Day>, Vec<Measures>),
    /// Hour by hour of one day.
    Hours(Vec<Measures>),
}

impl Course {
    /// The measures, step by step.
    pub fn measures(&self) -> &[Measures] {
        match self {
            Self::Days(_, measures) | Self::Hours(measures) => measures,
        }
    }
}

/// What a range shows at a glance.
pub struct Overview {
    /// What everything adds up to.
    pub totals: Compared<Measures>,
    /// How it went.
    pub courses: Compared<Course>,
    /// Items of each dimension, with how often they occurred, as many as there was room for.
    pub items: Vec<Compared<Items>>,
}

/// Measures step by step.
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
    /// The days of the range that have begun.
    pub fn days(&self) -> Vec<Day> {
        let today = self.site.zone.day(self.reader.now);
        self.range.each().filter(|day| *day <= today).collect()
    }

    /// The days that those are compared with.
    fn earlier_days(&self) -> Vec<Day> {
        let range = self.earlier.as_ref().map(|(range, _)| *range);
        range.into_iter().flat_map(Range::each).take(self.days().len()).collect()
    }

    /// Hours of a single day that have begun.
    pub fn hours(&self) -> usize {
        let (zone, now) = (&self.site.zone, self.reader.now);
        match self.range.last.cmp(&zone.day(now)) {
            Ordering::Less => 24,
            Ordering::Equal => usize::try_from(zone.local(now).hour()).unwrap_or(23) + 1,
            Ordering::Greater => 0,
        }
    }

    /// Whether the range is one day, which is shown by its hours.
    pub fn is_one_day(&self) -> bool {
        self.range.days() == 1
    }

    /// How everything went and what it adds up to, and how often the items of some dimensions occurred: all in one pass
    /// over the days.
    pub fn overview(&self, dimensions: &[&Dimension]) -> Result<Overview> {
        dimensions.iter().try_for_each(|dimension| self.demand(dimension))?;
        // What a bar of visitors shows is no hit.
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

    /// How everything went, now and before.
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

    /// How often the items of some lines occurred, step by step. Nothing for a single day of which totals are left: in which
    /// hours items occurred is not kept.
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
