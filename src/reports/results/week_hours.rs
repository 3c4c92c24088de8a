//! Metrics by weekday and local hour.

use crate::model::clock::Day;
use crate::model::metrics::Metrics;

/// The number of weekdays.
pub const WEEKDAYS: usize = 7;
/// The number of hours of a day.
pub const HOURS: usize = 24;
/// The number of hours of a week.
pub const WEEK_HOURS: usize = WEEKDAYS * HOURS;

/// The names of weekdays for programs, Monday first.
pub const WEEKDAY_NAMES: [&str; WEEKDAYS] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The metrics of each hour of the week in which visits began, all weeks together. An hour that occurs twice when the clocks are
/// set back counts as one.
#[derive(Clone, Debug)]
pub struct WeekHours(pub Vec<Metrics>);

impl Default for WeekHours {
    fn default() -> Self {
        Self(vec![Metrics::default(); WEEK_HOURS])
    }
}

impl WeekHours {
    /// Returns the metrics of all hours.
    pub fn total(&self) -> Metrics {
        let mut total = Metrics::default();
        self.0.iter().for_each(|metrics| total += *metrics);
        total
    }

    /// Returns the metrics of an hour of a weekday; Monday is 0.
    pub fn get(&self, weekday: usize, hour: usize) -> Metrics {
        self.0.get(weekday * HOURS + hour).copied().unwrap_or_default()
    }
}

/// Returns the weekday of a day; Monday is 0.
pub fn weekday(day: Day) -> usize {
    usize::try_from(day.date().weekday().to_monday_zero_offset()).unwrap_or(0)
}
