//! Calendar months, for billing.

use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use jiff::civil::Date;
use std::fmt;

/// A month, as year × 12 + month − 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

impl Month {
    /// Returns the month of a day.
    pub fn containing(day: Day) -> Self {
        let date = day.date();
        Self(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// Returns the current month in UTC, in which plans are set and bills begin.
    pub fn current(now: Timestamp) -> Self {
        Self::containing(Zone::utc().day(now))
    }

    /// Parses `YYYY-MM`.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 7).then(|| Day::parse(&format!("{text}-01"))).flatten().map(Self::containing)
    }

    /// Returns the year and the month (1 to 12); months beyond the calendar's range become its last one.
    pub fn parts(self) -> (i16, i8) {
        let parts = (i16::try_from(self.0.div_euclid(12)).ok(), i8::try_from(self.0.rem_euclid(12) + 1).ok());
        let date = parts.0.zip(parts.1).and_then(|(year, month)| Date::new(year, month, 1).ok());
        let date = date.unwrap_or(Date::MAX);
        (date.year(), date.month())
    }

    fn date(self) -> Date {
        let (year, month) = self.parts();
        Date::new(year, month, 1).unwrap_or(Date::MAX)
    }

    /// Returns the first day.
    pub fn first(self) -> Day {
        Day::from_date(self.date())
    }

    /// Returns the last day.
    pub fn last(self) -> Day {
        Day::from_date(self.date().last_of_month())
    }

    /// Returns the months from this one to another, both included.
    pub fn to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// Returns the time at which the month is closed: it is over in every time zone, and no visit begun in it
    /// can go on.
    pub fn closes_at(self) -> Timestamp {
        Zone::utc().start(self.last().plus(1)).after(limits::MONTH_CLOSES_AFTER)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = self.parts();
        write!(formatter, "{year:04}-{month:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_written_as_they_are_read_and_have_their_days() {
        for (text, number, first, last) in [
            ("2026-10", 24_321, "2026-10-01", "2026-10-31"),
            ("2024-02", 24_289, "2024-02-01", "2024-02-29"),
            ("2025-12", 24_311, "2025-12-01", "2025-12-31"),
        ] {
            let month = Month::parse(text).unwrap();
            assert_eq!((month.0, month.to_string().as_str()), (number, text));
            assert_eq!((month.first().to_string(), month.last().to_string()), (first.into(), last.into()));
            assert_eq!((Month::containing(month.first()), Month::containing(month.last())), (month, month));
        }
        for wrong in ["2026-13", "2026-1", "202610", "2026-10-01", "last-10", ""] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_month_is_closed_when_it_is_over_everywhere_on_earth() {
        let month = Month::parse("2026-10").unwrap();
        let last_place = Zone::parse("Etc/GMT+12").unwrap();
        assert!(month.closes_at() > last_place.start(month.last().plus(1)));
        assert_eq!(Zone::utc().local(month.closes_at()).to_string(), "2026-11-03T00:00:00");
    }

    #[test]
    fn months_follow_each_other_over_new_year() {
        let months: Vec<_> = Month::parse("2025-11").unwrap().to(Month::parse("2026-01").unwrap()).collect();
        assert_eq!(
            months.iter().map(Month::to_string).collect::<Vec<_>>(),
            ["2025-11", "2025-12", "2026-01"]
        );
    }
}
