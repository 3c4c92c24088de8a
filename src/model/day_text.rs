//! Days as text for letters, such as `Mon 23 Nov 2026`, and ranges of days.

use super::clock::{Day, Timestamp, Zone};
use jiff::civil::{Date, Weekday};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month(date: Date) -> &'static str {
    MONTHS[usize::try_from(date.month() - 1).unwrap_or(0)]
}

/// Returns the weekday in three letters, such as `Mon`.
pub fn weekday(day: Day) -> &'static str {
    match day.date().weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

/// Returns a time in a zone, such as `Mon 23 Nov 2026, 7:00`.
pub fn morning(zone: &Zone, at: Timestamp) -> String {
    let (day, local) = (zone.day(at), zone.local(at));
    format!("{} {}, {}:{:02}", weekday(day), full(day), local.hour(), local.minute())
}

/// Returns a day without its year, such as `23 Nov`.
pub fn short(day: Day) -> String {
    let date = day.date();
    format!("{} {}", date.day(), month(date))
}

/// Returns a day, such as `23 Nov 2026`.
pub fn full(day: Day) -> String {
    format!("{} {}", short(day), day.date().year())
}

const LONG_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Returns the month of a day, such as `November 2026`.
fn whole_month(date: Date) -> String {
    let name = LONG_MONTHS[usize::try_from(date.month() - 1).unwrap_or(0)];
    format!("{name} {}", date.year())
}

/// Returns a range of days, such as `November 2026`, `Mon 23 Nov 2026`, `16 – 22 Nov 2026`, `28 Oct – 3 Nov 2026` or
/// `30 Dec 2026 – 5 Jan 2027`.
pub fn range(first: Day, last: Day) -> String {
    let (begin, end) = (first.date(), last.date());
    let begin = match (begin.year() == end.year(), begin.month() == end.month()) {
        _ if first == last => return format!("{} {}", weekday(last), full(last)),
        (true, true) if begin.day() == 1 && end.day() == end.days_in_month() => return whole_month(end),
        (true, true) => begin.day().to_string(),
        (true, false) => short(first),
        (false, _) => full(first),
    };
    format!("{begin} – {}", full(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_says_what_differs_and_a_day_its_weekday() {
        for (first, last, text) in [
            ("2026-11-23", "2026-11-23", "Mon 23 Nov 2026"),
            ("2026-11-16", "2026-11-22", "16 – 22 Nov 2026"),
            ("2026-02-01", "2026-02-28", "February 2026"),
            ("2026-10-28", "2026-11-03", "28 Oct – 3 Nov 2026"),
            ("2026-12-30", "2027-01-05", "30 Dec 2026 – 5 Jan 2027"),
        ] {
            assert_eq!(range(Day::parse(first).unwrap(), Day::parse(last).unwrap()), text);
        }
    }
}
