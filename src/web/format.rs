//! Numbers, times and addresses as people read them. Pure: everything that depends on a zone or on now comes in.

use crate::clock::{Day, Timestamp, Zone};
use crate::month::Month;
use crate::reports::range::Range;
use jiff::civil::Date;
use maud::{Markup, html};

/// What stands for an unknown value.
pub const UNKNOWN: &str = "–";

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A number for reading: digits up to ten thousand, `12.3k` and `4.5M` above, the exact number on hover.
pub fn count(number: i64) -> Markup {
    let exact = grouped(number);
    let short = shortened(number);
    html! {
        @if let Some(short) = short { data value=(number) title=(exact) { (short) } }
        @else { (exact) }
    }
}

/// `12,345`
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { String::from("-") } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn shortened(number: i64) -> Option<String> {
    let size = number.unsigned_abs();
    let sign = if number < 0 { "-" } else { "" };
    let in_units = |unit: u64| format!("{sign}{}.{}", size / unit, size % unit * 10 / unit);
    match size {
        0..10_000 => None,
        10_000..1_000_000 => Some(in_units(1_000) + "k"),
        1_000_000..1_000_000_000 => Some(in_units(1_000_000) + "M"),
        _ => Some(in_units(1_000_000_000) + "B"),
    }
}

/// `0`, `45s`, `3m 10s`, `2h 5m`, `6d 19h`.
pub fn duration(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match seconds {
        ..=0 => "0".into(),
        1..60 => format!("{seconds}s"),
        60..3_600 => format!("{minutes}m {}s", seconds % 60),
        3_600..86_400 => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Thousandths of a whole.
    Permille,
    /// Hundredths of a thing.
    Hundredths,
}

impl Unit {
    /// Its name, for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Seconds => "seconds",
            Self::Permille => "permille",
            Self::Hundredths => "hundredths",
        }
    }

    /// A number for reading.
    pub fn short(self, value: i64) -> Markup {
        if self == Self::Count {
            count(value)
        } else {
            html! { (self.exact(value)) }
        }
    }

    /// A number in full.
    pub fn exact(self, value: i64) -> String {
        match self {
            Self::Count => grouped(value),
            Self::Seconds => duration(value),
            Self::Permille => percent(value),
            Self::Hundredths => format!("{}.{}", value / 100, value % 100 / 10),
        }
    }
}

/// `38.4 %`
pub fn percent(permille: i64) -> String {
    match (permille / 10, permille % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}

/// How a moment is written; the browser writes it anew as its person's locale does.
#[derive(Clone, Copy)]
pub enum Moment {
    /// `14:05:09`
    Seconds,
    /// `24 Nov, 14:05`
    Short,
    /// `24 Nov 2026, 14:05`
    Full,
}

/// A moment in the site's zone.
pub fn moment(zone: &Zone, at: Timestamp, style: Moment) -> Markup {
    let local = zone.local(at);
    let exact = jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default();
    let clock = format!("{:02}:{:02}", local.hour(), local.minute());
    let date = format!("{} {}", local.day(), month(local.date()));
    let (text, name) = match style {
        Moment::Seconds => (format!("{clock}:{:02}", local.second()), "seconds"),
        Moment::Short => (format!("{date}, {clock}"), "short"),
        Moment::Full => (format!("{date} {}, {clock}", local.year()), "full"),
    };
    html! { time datetime=(exact) data-style=(name) { (text) } }
}

fn month(date: Date) -> &'static str {
    MONTHS[usize::try_from(date.month() - 1).unwrap_or(0)]
}

/// A day such as `24 Nov 2026`.
pub fn day(day: Day) -> String {
    let date = day.date();
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// The days of a range, such as `18 – 24 Nov 2026`, `28 Oct – 3 Nov 2026` or `30 Dec 2026 – 5 Jan 2027`.
pub fn days(range: Range) -> String {
    let (first, last) = (range.first.date(), range.last.date());
    let begin = match (first.year() == last.year(), first.month() == last.month()) {
        _ if first == last => return day(range.last),
        (true, true) => first.day().to_string(),
        (true, false) => format!("{} {}", first.day(), month(first)),
        (false, _) => day(range.first),
    };
    format!("{begin} – {}", day(range.last))
}

/// The last day of what ends at a moment.
pub fn last_day(zone: &Zone, end: Timestamp) -> String {
    day(zone.day(Timestamp(end.0 - 1)))
}

/// A month such as `November 2026`.
pub fn month_of_year(month: Month) -> String {
    const NAMES: [&str; 12] = [
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
    let (year, number) = month.parts();
    let name = usize::try_from(number - 1).ok().and_then(|place| NAMES.get(place));
    format!("{} {year}", name.unwrap_or(&UNKNOWN))
}

/// The address, if a browser may be sent there: visitors' pages can claim any address, also `javascript:`.
pub fn safe_link(address: &str) -> Option<&str> {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "ftp")).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_up_to_ten_thousand_and_short_above() {
        for (number, shown) in [(0, "0"), (999, "999"), (9_999, "9,999"), (-1_234, "-1,234")] {
            assert_eq!(count(number).into_string(), shown);
        }
        for (number, shown) in
            [(12_345, "12.3k"), (999_999, "999.9k"), (4_560_000, "4.5M"), (-20_000, "-20.0k")]
        {
            assert_eq!(shortened(number).as_deref(), Some(shown));
        }
        assert_eq!(count(12_345).into_string(), r#"<data value="12345" title="12,345">12.3k</data>"#);
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let texts = [0, 59, 190, 7_500, 588_300].map(duration);
        assert_eq!(texts, ["0", "59s", "3m 10s", "2h 5m", "6d 19h"]);
    }

    #[test]
    fn the_days_of_a_range_say_what_differs() {
        for (text, shown) in [
            ("2026-11-18", "18 Nov 2026"),
            ("2026-11-18,2026-11-24", "18 – 24 Nov 2026"),
            ("2026-10-28,2026-11-03", "28 Oct – 3 Nov 2026"),
            ("2026-12-30,2027-01-05", "30 Dec 2026 – 5 Jan 2027"),
            ("2025-11-18,2026-11-24", "18 Nov 2025 – 24 Nov 2026"),
        ] {
            assert_eq!(days(Range::parse(text, Day::parse("2027-02-01").unwrap()).unwrap()), shown);
        }
    }

    #[test]
    fn only_ordinary_addresses_become_links() {
        assert!(safe_link("https://bakery.example/").is_some() && safe_link("HTTP://a").is_some());
        for hostile in
            ["javascript:alert(1)", "javascript://a/%0aalert(1)", "data:text/html,x", "//x", "/shop", ""]
        {
            assert_eq!(safe_link(hostile), None, "{hostile}");
        }
    }
}
