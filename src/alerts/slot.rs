//! Hours as a site's clocks show them.

use crate::model::clock::{Day, Timestamp, Zone};
use jiff::civil;
use std::time::Duration;

const HOURS: i64 = 24;

/// An hour of a day in a site's time zone. An hour that clocks show twice is one slot; one that they skip is an empty slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(i64);

impl Slot {
    /// Returns the slot of a time.
    pub fn at(zone: &Zone, at: Timestamp) -> Self {
        let local = zone.local(at);
        Self(i64::from(Day::from_date(local.date()).0) * HOURS + i64::from(local.hour()))
    }

    /// Returns the first slot of a day.
    pub fn first_of(day: Day) -> Self {
        Self(i64::from(day.0) * HOURS)
    }

    /// Returns the slot with this number; see [`Slot::number`].
    pub fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number: slots are counted one after another.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Returns the slot so many hours later.
    #[must_use]
    pub fn plus(self, hours: i64) -> Self {
        Self(self.0.saturating_add(hours))
    }

    /// Returns the day.
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(HOURS)).unwrap_or(i32::MAX))
    }

    /// Returns the hour of the day, from 0.
    pub fn hour(self) -> usize {
        usize::try_from(self.0.rem_euclid(HOURS)).unwrap_or(0)
    }

    fn time(self) -> civil::Time {
        civil::Time::new(i8::try_from(self.hour()).unwrap_or(0), 0, 0, 0).unwrap_or_default()
    }

    /// Returns the time at which it begins.
    pub fn begins(self, zone: &Zone) -> Timestamp {
        zone.at(self.day(), self.time())
    }

    /// Returns true if clocks show the hour once.
    pub fn is_regular(self, zone: &Zone) -> bool {
        let begins = self.begins(zone);
        let shows = |at: Timestamp| Self::at(zone, at) == self;
        let hour = Duration::from_hours(1);
        shows(begins) && !shows(begins.after(hour)) && !shows(Timestamp(begins.0 - 1))
    }

    /// Returns the key of an event in this hour, such as `2026-11-30T14`.
    pub fn key(self) -> String {
        format!("{}T{:02}", self.day(), self.hour())
    }

    /// Returns the time as clocks show it, such as `14:00`.
    pub fn clock(self) -> String {
        format!("{:02}:00", self.hour())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_that_clocks_show_twice_or_never_are_not_regular() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let slot = |day: &str, hour: i64| Slot::first_of(Day::parse(day).unwrap()).plus(hour);
        assert!(!slot("2026-10-25", 2).is_regular(&berlin) && !slot("2026-03-29", 2).is_regular(&berlin));
        for (day, hour) in [("2026-10-25", 1), ("2026-10-25", 3), ("2026-03-29", 1), ("2026-03-29", 3)] {
            assert!(slot(day, hour).is_regular(&berlin), "{day} {hour}");
        }
        let half = Zone::parse("Asia/Kathmandu").unwrap();
        assert!(slot("2026-10-25", 2).is_regular(&half));
        let begins = slot("2026-11-30", 14).begins(&berlin);
        assert_eq!(Slot::at(&berlin, begins.after(Duration::from_mins(59))), slot("2026-11-30", 14));
        assert_eq!(slot("2026-11-30", 14).key(), "2026-11-30T14");
    }
}
