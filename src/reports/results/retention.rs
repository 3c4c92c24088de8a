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
    /// The days of its week or month, of the last cohort up to the end of the range.
    pub days: DateRange,
    /// The visitors who came in each period from their own one on, which is the first: its number is that of the cohort. The last
    /// period is that of the last cohort.
    pub visitors: Vec<i64>,
}

impl Cohort {
    /// Returns true if the week or month of the cohort is over, and counted to its end.
    pub fn is_over(&self, unit: Unit, today: Day) -> bool {
        let end = unit.around(self.days.first).last;
        self.days.last == end && end < today
    }

    /// Returns the share of a cohort's visitors who came back, in thousandths; `None` for a cohort without visitors.
    pub fn permille(returned: i64, visitors: i64) -> Option<i32> {
        (visitors > 0).then(|| i32::try_from(quotient(returned * 1_000, visitors)).unwrap_or(i32::MAX))
    }
}
