//! Comparison periods: the period before (the month before, if the range is a month), the same weekdays earlier, or the
//! year before. Knows the calendar but no visits.

use super::date_range::{DateRange, Unit};
use crate::model::clock::{Day, Timestamp, Zone};

/// The days of a week.
const WEEK: i32 = 7;

/// A comparison. The period has as many days as the range, except for calendar units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The days right before the range.
    Before,
    /// The week, month or year before the one queried: the period before a range that a date names as a calendar unit.
    Calendar(Unit),
    /// The least number of whole weeks earlier, so that a Monday is compared with a Monday.
    Weekdays,
    /// As many days from the date a year earlier.
    Year,
}

impl Comparison {
    /// All comparisons in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Before, Self::Weekdays, Self::Year];

    /// Parses the value of a URL parameter: `none` for no comparison; missing and unknown values mean the period
    /// before.
    pub fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            Some("none") => None,
            Some(text) => Some(Self::ALL.into_iter().find(|one| one.name() == text).unwrap_or(Self::Before)),
            None => Some(Self::Before),
        }
    }

    /// Returns the calendar comparison for a date that names a week, month or year.
    #[must_use]
    pub fn for_date(self, date: &str) -> Self {
        match Unit::of_date(date) {
            Some(unit) if self == Self::Before => Self::Calendar(unit),
            _ => self,
        }
    }

    /// Returns the name for a URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Before | Self::Calendar(_) => "before",
            Self::Weekdays => "weekdays",
            Self::Year => "year",
        }
    }

    /// Returns the name within a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Self::Before => "the period before",
            Self::Calendar(Unit::Week) => "the week before",
            Self::Calendar(Unit::Month) => "the month before",
            Self::Weekdays => "the same weekdays before",
            Self::Calendar(Unit::Year) | Self::Year => "the year before",
        }
    }

    /// Returns the name at the beginning of a sentence, as for a line of a chart.
    pub fn title(self) -> &'static str {
        match self {
            Self::Before => "The period before",
            Self::Calendar(Unit::Week) => "The week before",
            Self::Calendar(Unit::Month) => "The month before",
            Self::Weekdays => "The same weekdays before",
            Self::Calendar(Unit::Year) | Self::Year => "The year before",
        }
    }

    /// Returns the name of the column in exported files.
    pub fn column(self) -> &'static str {
        match self {
            Self::Before | Self::Calendar(_) => "before",
            Self::Weekdays => "weekdays_before",
            Self::Year => "year_before",
        }
    }

    /// Returns the period with which a range is compared.
    pub fn period(self, range: DateRange) -> DateRange {
        let days = range.days();
        let first = match self {
            Self::Before => range.first.plus(-days),
            Self::Calendar(unit) => return before(unit, range),
            Self::Weekdays => range.first.plus(-(days + WEEK - 1) / WEEK * WEEK),
            // 29 February becomes 28 February.
            Self::Year => {
                let date = range.first.date();
                date.checked_sub(jiff::Span::new().years(1)).map_or(range.first, Day::from_date)
            }
        };
        DateRange { first, last: first.plus(days - 1) }
    }

    /// Returns the comparison period, and the time up to which it counts: for a range that is not over, the same time
    /// of the corresponding day. `None`, for the whole period, if the range is over or the period has no such day.
    pub fn until(self, range: DateRange, zone: &Zone, now: Timestamp) -> (DateRange, Option<Timestamp>) {
        let (earlier, today) = (self.period(range), zone.day(now));
        if today > range.last || today < range.first {
            return (earlier, None);
        }
        let same_day = earlier.first.plus(today.0 - range.first.0);
        let until = (same_day <= earlier.last).then(|| zone.at(same_day, zone.local(now).time()));
        (earlier, until)
    }
}

/// Returns the unit before the one in which a range begins: whole, or its first days if the range ends within its own
/// unit.
fn before(unit: Unit, range: DateRange) -> DateRange {
    let own = unit.around(range.first);
    let whole = unit.around(own.first.plus(-1));
    if range.last >= own.last {
        return whole;
    }
    DateRange { last: whole.last.min(whole.first.plus(range.days() - 1)), ..whole }
}

/// A result for the range and for the comparison period.
#[derive(Clone, Debug, Default)]
pub struct Compared<T> {
    /// The result for the range.
    pub now: T,
    /// The result for the comparison period; `None` without a comparison.
    pub before: Option<T>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn range(text: &str) -> DateRange {
        DateRange::parse(text, Day::parse("2026-11-24").unwrap()).unwrap()
    }

    #[test]
    fn a_range_is_compared_with_days_of_the_same_length() {
        for (asked, before, weekdays, year) in [
            ("2026-11-24", "2026-11-23", "2026-11-17", "2025-11-24"),
            ("last-7-days", "2026-11-11,2026-11-17", "2026-11-11,2026-11-17", "2025-11-18,2025-11-24"),
            ("this-week", "2026-11-21,2026-11-22", "2026-11-16,2026-11-17", "2025-11-23,2025-11-24"),
            ("2026-10", "2026-08-31,2026-09-30", "2026-08-27,2026-09-26", "2025-10-01,2025-10-31"),
            ("2024-02-29", "2024-02-28", "2024-02-22", "2023-02-28"),
            ("2024-02", "2024-01-03,2024-01-31", "2023-12-28,2024-01-25", "2023-02-01,2023-03-01"),
            ("2025", "2024-01-02,2024-12-31", "2023-12-27,2024-12-25", "2024-01-01,2024-12-30"),
        ] {
            for (comparison, expected) in Comparison::ALL.into_iter().zip([before, weekdays, year]) {
                let compared = comparison.period(range(asked));
                assert_eq!(compared.text(), expected, "{asked} with {}", comparison.label());
                assert_eq!(compared.days(), range(asked).days());
            }
        }
    }

    #[test]
    fn a_unit_of_the_calendar_is_compared_with_the_one_before() {
        for (asked, before) in [
            ("2026-11", "2026-10-01,2026-10-31"),
            ("2026-03", "2026-02-01,2026-02-28"),
            ("2024-03", "2024-02-01,2024-02-29"),
            ("2026-01", "2025-12-01,2025-12-31"),
            ("last-month", "2026-09-01,2026-09-30"),
            ("2-months-ago", "2026-08-01,2026-08-31"),
            ("this-month", "2026-10-01,2026-10-24"),
            ("this-week", "2026-11-16,2026-11-17"),
            ("last-week", "2026-11-09,2026-11-15"),
            ("2025", "2024-01-01,2024-12-31"),
            ("this-year", "2025-01-01,2025-11-24"),
            // Days are days, also where they happen to be a month.
            ("2026-10-01,2026-10-31", "2026-08-31,2026-09-30"),
        ] {
            let compared = Comparison::Before.for_date(asked).period(range(asked));
            assert_eq!(compared.text(), before, "{asked}");
        }
        assert_eq!(Comparison::Year.for_date("2026-11"), Comparison::Year);
    }

    #[test]
    fn a_running_month_is_compared_up_to_the_same_day_and_time_or_with_all_of_a_shorter_one() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let until = |date: &str, today: &str| {
            let today = Day::parse(today).unwrap();
            let now = zone.start(today).after(Duration::from_mins(90));
            let range = DateRange::parse(date, today).unwrap();
            let (range, until) = Comparison::Before.for_date(date).until(range, &zone, now);
            (range.text(), until.map(|until| zone.local(until).to_string()).unwrap_or_default())
        };
        let october = "2026-10-24T01:30:00".to_owned();
        assert_eq!(until("this-month", "2026-11-24"), ("2026-10-01,2026-10-24".into(), october.clone()));
        assert_eq!(until("2026-11", "2026-11-24"), ("2026-10-01,2026-10-31".into(), october));
        for date in ["this-month", "2026-03"] {
            assert_eq!(until(date, "2026-03-30"), ("2026-02-01,2026-02-28".into(), String::new()), "{date}");
        }
        assert_eq!(
            until("2026-10", "2026-11-24"),
            ("2026-09-01,2026-09-30".into(), String::new()),
            "it is over"
        );
    }

    #[test]
    fn the_same_weekdays_are_the_nearest_that_do_not_overlap() {
        for days in 1..40 {
            let last = Day::parse("2026-11-24").unwrap();
            let asked = DateRange { first: last.plus(1 - days), last };
            let compared = Comparison::Weekdays.period(asked);
            let back = asked.first.0 - compared.first.0;
            assert!(back % WEEK == 0 && compared.last < asked.first && back < days + WEEK, "{days} days");
        }
    }

    #[test]
    fn old_addresses_mean_what_they_meant() {
        assert_eq!(Comparison::parse(None), Some(Comparison::Before));
        assert_eq!(Comparison::parse(Some("")), Some(Comparison::Before));
        assert_eq!(Comparison::parse(Some("previous")), Some(Comparison::Before));
        assert_eq!(Comparison::parse(Some("none")), None);
        for one in Comparison::ALL {
            assert_eq!(Comparison::parse(Some(one.name())), Some(one));
        }
    }

    #[test]
    fn a_range_that_is_not_over_is_compared_up_to_the_same_time_also_over_summer_time() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let local = |moment: Option<Timestamp>| moment.map(|moment| zone.local(moment).to_string());
        let until = |comparison: Comparison, first: &str, last: &str, now: Timestamp| {
            let range = DateRange { first: Day::parse(first).unwrap(), last: Day::parse(last).unwrap() };
            local(comparison.until(range, &zone, now).1).unwrap_or_default()
        };
        let today = Day::parse("2026-11-24").unwrap();
        let now = zone.start(today).after(Duration::from_mins(90));
        assert_eq!(until(Comparison::Before, "2026-11-18", "2026-11-24", now), "2026-11-17T01:30:00");
        assert_eq!(until(Comparison::Year, "2026-11-01", "2026-11-30", now), "2025-11-24T01:30:00");
        assert_eq!(until(Comparison::Before, "2026-11-23", "2026-11-23", now), "", "it is over");
        // Half past eleven at night, 24.5 hours into the long day on which summer time ends; the day before had 24.
        let night = Timestamp(zone.start(Day::parse("2026-10-26").unwrap()).0 - 30 * 60_000);
        assert_eq!(until(Comparison::Before, "2026-10-25", "2026-10-25", night), "2026-10-24T23:30:00");
        assert_eq!(until(Comparison::Weekdays, "2026-10-25", "2026-10-25", night), "2026-10-18T23:30:00");
        // The day before had only 23 hours.
        let night = Timestamp(zone.start(Day::parse("2026-03-31").unwrap()).0 - 30 * 60_000);
        assert_eq!(until(Comparison::Before, "2026-03-30", "2026-03-30", night), "2026-03-29T23:30:00");
    }
}
