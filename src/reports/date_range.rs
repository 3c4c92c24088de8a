//! Date ranges in Clicky's date grammar, in the site's time zone.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::VisitId;
use jiff::civil::Date;

/// A calendar unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A week, Monday to Sunday.
    Week,
    /// A month, from its first to its last day.
    Month,
    /// A year, January to December.
    Year,
}

impl Unit {
    /// Returns the unit that a date text names, such as `this-month`, `last-year` or `2026-11`; `None` for a number of
    /// days.
    pub fn of_date(text: &str) -> Option<Self> {
        match text.trim() {
            "this-week" | "last-week" => Some(Self::Week),
            "this-month" | "last-month" => Some(Self::Month),
            "this-year" | "last-year" => Some(Self::Year),
            text if text.ends_with("-months-ago") => Some(Self::Month),
            text if text.len() == "2026-11".len() && text.as_bytes()[4] == b'-' => Some(Self::Month),
            text if text.len() == 4 => Some(Self::Year),
            _ => None,
        }
    }

    /// Returns the whole unit that contains a day.
    pub fn around(self, day: Day) -> DateRange {
        let date = day.date();
        match self {
            Self::Week => {
                let first = day.plus(-i32::from(date.weekday().to_monday_zero_offset()));
                DateRange { first, last: first.plus(6) }
            }
            Self::Month => DateRange {
                first: Day::from_date(date.first_of_month()),
                last: Day::from_date(date.last_of_month()),
            },
            Self::Year => DateRange {
                first: Day::from_date(date.first_of_year()),
                last: Day::from_date(date.last_of_year()),
            },
        }
    }

    /// Returns the text of a whole unit in a URL: `2026-11`, `2026`, or the days of a week.
    pub fn text(self, whole: DateRange) -> String {
        let length = match self {
            Self::Week => return whole.text(),
            Self::Month => "2026-11".len(),
            Self::Year => "2026".len(),
        };
        whole.first.to_string()[..length].to_owned()
    }
}

/// A range of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

impl DateRange {
    /// Parses `today`, `last-7-days`, `2026-11`, `2026-11-01,2026-11-15`, … relative to `today`.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for another text, and for more than [`limits::RANGE_DAYS_MAX`] days.
    pub fn parse(text: &str, today: Day) -> Result<Self> {
        let range = Self::find(text, today).ok_or_else(|| {
            Error::invalid(
                "date",
                "That is not a date. Write today, last-7-days, 2026-11-24 or 2026-11-01,2026-11-24.",
            )
        })?;
        if range.days() > limits::RANGE_DAYS_MAX {
            return Err(Error::invalid("date", "That range is too long. Choose ten years at most."));
        }
        Ok(range)
    }

    /// Finds the range of a text, however long it is; `None` for a text that is no date.
    pub fn find(text: &str, today: Day) -> Option<Self> {
        let text = text.trim();
        if let Some((first, last)) = text.split_once(',') {
            let (first, last) = (Day::parse(first)?, Day::parse(last)?);
            return (first <= last).then_some(Self { first, last });
        }
        let date = today.date();
        let week = today.plus(-i32::from(date.weekday().to_monday_zero_offset()));
        match text {
            "" | "today" => Some(Self::day(today)),
            "yesterday" => Some(Self::day(today.plus(-1))),
            "this-week" => Some(Self { first: week, last: today }),
            "last-week" => Some(Self { first: week.plus(-7), last: week.plus(-1) }),
            "this-month" => Some(Self { first: Day::from_date(date.first_of_month()), last: today }),
            "last-month" => Self::month(date, 1),
            "this-year" => Some(Self { first: Day::from_date(date.first_of_year()), last: today }),
            "last-year" => Self::year(date.year().checked_sub(1)?),
            _ => Self::read_number(text, today, date),
        }
    }

    fn read_number(text: &str, today: Day, date: Date) -> Option<Self> {
        let number = |start: &str, end: &str| -> Option<i32> {
            let digits = text.strip_prefix(start)?.strip_suffix(end)?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        if let Some(days) = number("last-", "-days").filter(|days| *days > 0) {
            return Some(Self { first: today.plus(1 - days), last: today });
        }
        if let Some(days) = number("previous-", "-days").filter(|days| *days > 0) {
            return Some(Self { first: today.plus(-days), last: today.plus(-1) });
        }
        if let Some(days) = number("", "-days-ago").filter(|days| *days < 1_000_000) {
            return Some(Self::day(today.plus(-days)));
        }
        if let Some(months) = number("", "-months-ago") {
            return Self::month(date, months);
        }
        match text.len() {
            4 => Self::year(number("", "")?.try_into().ok()?),
            7 => Self::month(Day::parse(&format!("{text}-01"))?.date(), 0),
            _ => Day::parse(text).map(Self::day),
        }
    }

    fn day(day: Day) -> Self {
        Self { first: day, last: day }
    }

    fn month(date: Date, months_ago: i32) -> Option<Self> {
        let first = date.first_of_month().checked_sub(jiff::Span::new().try_months(months_ago).ok()?).ok()?;
        Some(Self { first: Day::from_date(first), last: Day::from_date(first.last_of_month()) })
    }

    fn year(year: i16) -> Option<Self> {
        let first = Date::new(year, 1, 1).ok().filter(|_| year >= 1970)?;
        Some(Self { first: Day::from_date(first), last: Day::from_date(first.last_of_year()) })
    }

    /// Returns the number of days.
    pub fn days(self) -> i32 {
        self.last.0 - self.first.0 + 1
    }

    /// Returns the range of the same length that ends the day before this one begins.
    #[must_use]
    pub fn earlier(self) -> Self {
        Self { first: self.first.plus(-self.days()), last: self.first.plus(-1) }
    }

    /// Returns true if the range contains a day.
    pub fn contains(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// Returns the days that are in both ranges; `None` if there are none.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Self { first, last })
    }

    /// Iterates over the days, first to last.
    pub fn each(self) -> impl Iterator<Item = Day> {
        (self.first.0..=self.last.0).map(Day)
    }

    /// Returns the range of the same length that begins the day after this one ends; `None` if that is after today.
    pub fn later(self, today: Day) -> Option<Self> {
        let later = Self { first: self.last.plus(1), last: self.last.plus(self.days()) };
        (later.first <= today).then_some(later)
    }

    /// Returns the half-open range of ids that visits beginning on these days can have.
    pub fn visits(self, zone: &Zone) -> std::ops::Range<VisitId> {
        let begin = |day: Day| VisitId::first_at(zone.start(day));
        begin(self.first)..begin(self.last.plus(1))
    }

    /// Formats the range for a URL: `2026-11-23` or `2026-11-17,2026-11-23`.
    pub fn text(self) -> String {
        if self.first == self.last { self.first.to_string() } else { format!("{},{}", self.first, self.last) }
    }
}

/// Returns the lowest id of visits that began at most `back` before now.
pub fn since(now: Timestamp, back: std::time::Duration) -> VisitId {
    VisitId::first_at(now.before(back))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        DateRange::parse(text, Day::parse("2026-11-24").unwrap()).map(DateRange::text).unwrap_or_default()
    }

    #[test]
    fn every_form_of_the_grammar_is_read() {
        for (text, range) in [
            ("today", "2026-11-24"),
            ("yesterday", "2026-11-23"),
            ("3-days-ago", "2026-11-21"),
            ("last-7-days", "2026-11-18,2026-11-24"),
            ("previous-7-days", "2026-11-17,2026-11-23"),
            ("this-week", "2026-11-23,2026-11-24"),
            ("last-week", "2026-11-16,2026-11-22"),
            ("this-month", "2026-11-01,2026-11-24"),
            ("last-month", "2026-10-01,2026-10-31"),
            ("9-months-ago", "2026-02-01,2026-02-28"),
            ("this-year", "2026-01-01,2026-11-24"),
            ("last-year", "2025-01-01,2025-12-31"),
            ("2026-11-01", "2026-11-01"),
            ("2026-11-01,2026-11-03", "2026-11-01,2026-11-03"),
            ("2024-02", "2024-02-01,2024-02-29"),
            ("2024", "2024-01-01,2024-12-31"),
        ] {
            assert_eq!(read(text), range, "{text}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "tomorrow",
            "2026-13-01",
            "2026-11-03,2026-11-01",
            "last-0-days",
            "last--1-days",
            "1,2",
            "20261124",
            "0001",
            "99999999999999999999-days-ago",
            "last-99999-days",
            "9999999-months-ago",
            "2026-02-30",
            "ä-days-ago",
            "202ä",
        ] {
            assert_eq!(read(text), "", "{text}");
        }
    }

    #[test]
    fn a_date_that_names_a_unit_of_the_calendar_is_told_from_days() {
        for (text, unit) in [
            ("this-week", Some(Unit::Week)),
            ("this-month", Some(Unit::Month)),
            ("2-months-ago", Some(Unit::Month)),
            ("2026-11", Some(Unit::Month)),
            ("2026", Some(Unit::Year)),
            ("2026-11-01,2026-11-30", None),
            ("last-30-days", None),
            ("", None),
        ] {
            assert_eq!(Unit::of_date(text), unit, "{text}");
        }
        let day = Day::parse("2024-02-29").unwrap();
        let whole = [Unit::Week, Unit::Month, Unit::Year].map(|unit| unit.text(unit.around(day)));
        assert_eq!(whole, ["2024-02-26,2024-03-03", "2024-02", "2024"]);
    }

    #[test]
    fn earlier_and_later_are_neighbours() {
        let today = Day::parse("2026-11-24").unwrap();
        let week = DateRange::parse("last-7-days", today).unwrap();
        assert_eq!(week.earlier().text(), "2026-11-11,2026-11-17");
        assert_eq!(week.earlier().later(today), Some(week));
        assert_eq!(week.later(today), None);
    }
}
