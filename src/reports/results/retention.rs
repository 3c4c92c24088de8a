//! Retention: of the visitors who came for the first time in a week or month, those who came back in each later one.

use crate::model::clock::Day;
use crate::model::metrics::quotient;
use crate::reports::date_range::{DateRange, Unit};

/// The retention of the cohorts of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The unit of cohorts and of the periods in which they come back.
    pub unit: Unit,
    /// The cohorts, the earliest first; also those without visitors.
    pub cohorts: Vec<Cohort>,
    /// The new visitors who are recognized for one day only, and so are in no cohort.
    pub unrecognized: i64,
}

/// The visitors who came for the first time in a week or month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The days of its week or month, of the running one up to today.
    pub days: DateRange,
    /// The visitors who came in each period from their own one on, which is the first: its number is that of the cohort. The last
    /// period is that of the last cohort.
    pub visitors: Vec<i64>,
}

impl Retention {
    /// Returns the retention of no cohorts.
    pub fn none(unit: Unit) -> Self {
        Self { unit, cohorts: Vec::new(), unrecognized: 0 }
    }

    /// Returns true if the last week or month, which is the last one of each cohort, is not over.
    pub fn is_open(&self, today: Day) -> bool {
        self.cohorts.last().is_some_and(|last| self.unit.around(last.days.first).last >= today)
    }

    /// Returns true if the week or month that comes so many after that of the cohort at a place is over.
    pub fn is_over(&self, place: usize, after: usize, today: Day) -> bool {
        place + after + 1 < self.cohorts.len() || !self.is_open(today)
    }
}

impl Cohort {
    /// Returns the share of a cohort's visitors who came back, in thousandths; `None` for a cohort without visitors.
    pub fn permille(returned: i64, visitors: i64) -> Option<i32> {
        (visitors > 0).then(|| i32::try_from(quotient(returned * 1_000, visitors)).unwrap_or(i32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_running_week_is_open_and_it_is_the_last_one_of_each_cohort() {
        // Two weeks from a Monday on.
        let weeks = [Day(20_000).plus(-2), Day(20_000).plus(5)].map(|first| Unit::Week.around(first));
        let cohorts = weeks.iter().zip([vec![5, 2], vec![3]]);
        let cohorts = cohorts.map(|(days, visitors)| Cohort { days: *days, visitors });
        let found = Retention { cohorts: cohorts.collect(), ..Retention::none(Unit::Week) };
        let places = [(0, 0), (0, 1), (1, 0)];
        let over = |today: Day| places.map(|(place, after)| found.is_over(place, after, today));
        assert_eq!(over(weeks[1].last), [true, false, false]);
        assert_eq!(over(weeks[1].last.plus(1)), [true, true, true]);
    }
}
