//! Times, days and time zones. The present time comes from a [`Clock`], so that tests can set it.

use crate::error::{Error, Result};
use crate::limits;
use jiff::civil;
use jiff::tz::TimeZone;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A time: milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Returns the time in RFC 3339, in UTC: `2026-11-30T09:30:00Z`, with milliseconds if there are any.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map(|at| at.to_string()).unwrap_or_default()
    }

    /// Parses a time in RFC 3339, in any zone.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_millisecond()))
    }

    /// Returns the time that is `by` earlier.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(millis(by)))
    }

    /// Returns the time that is `by` later.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(millis(by)))
    }

    /// Returns the time passed since `earlier`; zero if it is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Returns true if `period` has passed since `earlier`, or if `earlier` is in the future because the clock
    /// was ahead then: it must not delay anything until the clock gets there again.
    pub fn has_passed(self, period: Duration, earlier: Self) -> bool {
        earlier > self.after(limits::CLOCK_AHEAD_MAX) || self.since(earlier) >= period
    }

    /// Returns whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A source of the present time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// Returns the machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(|| Timestamp(jiff::Timestamp::now().as_millisecond())))
    }

    /// Returns a clock that shows the milliseconds of a number.
    #[cfg(test)]
    pub fn steered(milliseconds: Arc<std::sync::atomic::AtomicI64>) -> Self {
        Self(Arc::new(move || Timestamp(milliseconds.load(std::sync::atomic::Ordering::SeqCst))))
    }

    /// Returns the present time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

/// A calendar day, as the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Day(pub i32);

const EPOCH: civil::Date = civil::date(1970, 1, 1);

impl Day {
    /// Returns the day of a calendar date.
    pub fn from_date(date: civil::Date) -> Self {
        let days = (date - EPOCH).get_days();
        Self(days)
    }

    /// Parses `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        well_formed.then(|| text.parse::<civil::Date>().ok()).flatten().map(Self::from_date)
    }

    /// Returns the calendar date; days beyond the calendar's range become its first or last one.
    pub fn date(self) -> civil::Date {
        let end = if self.0 < 0 { civil::Date::MIN } else { civil::Date::MAX };
        let span = jiff::Span::new().try_days(self.0);
        span.and_then(|days| EPOCH.checked_add(days)).unwrap_or(end)
    }

    /// Returns the day this many days later, or earlier if negative.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.date();
        write!(formatter, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

/// A time zone of the IANA database.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Returns UTC.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Returns the zone of a name such as `Europe/Berlin`.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when the database has no zone of that name.
    pub fn parse(name: &str) -> Result<Self> {
        let wrong = || {
            let shown: String = name.chars().take(64).collect();
            let unknown =
                if name.is_empty() { String::new() } else { format!("There is no time zone {shown}. ") };
            Error::invalid("time_zone", format!("{unknown}Choose one such as Europe/Berlin or UTC."))
        };
        if name.is_empty() || name.len() > 64 {
            return Err(wrong());
        }
        TimeZone::get(name).map(Self).map_err(|_| wrong())
    }

    /// Returns the zone's IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Returns the name of this machine's zone; `UTC` if it has none.
    pub fn of_machine() -> String {
        TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
    }

    /// Returns the sorted names of all zones offered for selection: `UTC` and those of regions.
    pub fn names() -> Vec<String> {
        let listed = |name: &String| name == "UTC" || (name.contains('/') && !name.starts_with("Etc/"));
        let mut names: Vec<String> =
            jiff::tz::db().available().map(|name| name.to_string()).filter(listed).collect();
        names.sort();
        names
    }

    /// Returns the local date and time.
    pub fn local(&self, at: Timestamp) -> civil::DateTime {
        let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        self.0.to_datetime(moment)
    }

    /// Returns the local date and time as text, rounded down to the second so that the day stays the same, such
    /// as `2026-11-24T14:05:09`.
    pub fn local_second(&self, at: Timestamp) -> String {
        self.local(Timestamp(at.seconds().saturating_mul(1_000))).to_string()
    }

    /// Returns the local second with its offset from UTC, such as `2026-11-24T14:05:09+01:00`, which
    /// distinguishes the two hours at the end of summer time.
    pub fn local_second_with_offset(&self, at: Timestamp) -> String {
        let moment = jiff::Timestamp::from_second(at.seconds()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        jiff::ZonedDateTime::new(moment, self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// Returns the local day.
    pub fn day(&self, at: Timestamp) -> Day {
        Day::from_date(self.local(at).date())
    }

    /// Returns the start of a local day: midnight, or the first time after it if summer time skips midnight.
    pub fn start(&self, day: Day) -> Timestamp {
        let midnight = day.date().to_datetime(civil::Time::midnight());
        let end = if day.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Timestamp(self.0.to_timestamp(midnight).unwrap_or(end).as_millisecond())
    }

    /// Returns the time at which a local clock shows `time` on a day: the first one if it does so twice; if
    /// summer time skips it, the time later by the skipped length.
    pub fn at(&self, day: Day, time: civil::Time) -> Timestamp {
        let moment = self.0.to_timestamp(day.date().to_datetime(time)).unwrap_or(jiff::Timestamp::MAX);
        Timestamp(moment.as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_25_hours_when_summer_time_ends_and_23_when_it_begins() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let hours = |text: &str| {
            let day = Day::parse(text).unwrap();
            berlin.start(day.plus(1)).since(berlin.start(day)).as_secs() / 3_600
        };
        assert_eq!((hours("2026-10-25"), hours("2026-03-29"), hours("2026-11-24")), (25, 23, 24));
    }

    #[test]
    fn a_day_begins_at_the_first_moment_where_midnight_is_skipped() {
        let beirut = Zone::parse("Asia/Beirut").unwrap();
        let day = Day::parse("2026-03-29").unwrap();
        assert_eq!(beirut.day(beirut.start(day)), day);
        assert_eq!(beirut.day(Timestamp(beirut.start(day).0 - 1)), day.plus(-1));
    }

    #[test]
    fn the_last_moment_of_a_year_is_written_as_one_of_that_year() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let new_year = berlin.start(Day::parse("2027-01-01").unwrap());
        let last = Timestamp(new_year.0 - 1);
        assert_eq!(berlin.day(last).to_string(), "2026-12-31");
        assert_eq!(berlin.local_second(last), "2026-12-31T23:59:59");
        assert_eq!(berlin.local_second(new_year), "2027-01-01T00:00:00");
        assert_eq!(berlin.local_second_with_offset(last), "2026-12-31T23:59:59+01:00");
        // Half past two comes twice when summer time ends.
        let hour = 3_600_000;
        let first = Timestamp(berlin.start(Day::parse("2026-10-25").unwrap()).0 + 5 * hour / 2);
        assert_eq!(berlin.local_second_with_offset(first), "2026-10-25T02:30:00+02:00");
        assert_eq!(berlin.local_second_with_offset(Timestamp(first.0 + hour)), "2026-10-25T02:30:00+01:00");
        assert_eq!(Zone::utc().local_second_with_offset(Timestamp(-1)), "1969-12-31T23:59:59+00:00");
        assert_eq!(Zone::utc().local_second(Timestamp(-1)), "1969-12-31T23:59:59");
    }

    #[test]
    fn days_beyond_the_calendar_are_its_first_and_its_last_one() {
        for (day, text) in [(i32::MAX, "9999-12-31"), (i32::MIN, "-9999-01-01")] {
            assert_eq!(Day(day).to_string(), text);
        }
        assert!(Zone::utc().start(Day(i32::MIN)) < Zone::utc().start(Day(0)));
        assert!(Zone::utc().start(Day(0)) < Zone::utc().start(Day(i32::MAX)));
    }

    #[test]
    fn what_was_written_down_by_a_clock_that_was_ahead_is_long_ago() {
        let (now, hour) = (Timestamp(1_795_000_000_000), Duration::from_hours(1));
        assert!(!now.has_passed(hour, now.before(hour / 2)) && now.has_passed(hour, now.before(hour)));
        assert!(!now.has_passed(hour, now.after(limits::CLOCK_AHEAD_MAX)), "clocks differ a little");
        assert!(now.has_passed(hour, now.after(hour / 2)));
    }

    #[test]
    fn days_are_written_as_they_are_read() {
        for text in ["1970-01-01", "2026-11-24", "2024-02-29"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["2026-02-30", "2026-1-1", "20260101", "today", "2026-01-01T00"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }
}
