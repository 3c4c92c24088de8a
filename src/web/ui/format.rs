//! Numbers, times and addresses as text for people. Pure: the zone and the present time are arguments.

use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::currency::Currency;
pub use crate::model::metrics::NumberUnit;
pub use crate::model::metrics::duration_text as duration;
use crate::model::metrics::quotient;
use crate::model::month::Month;
pub use crate::model::number_text::grouped;
use crate::reports::date_range::DateRange;
use jiff::civil::Date;
use maud::{Markup, html};

/// The text for an unknown value.
pub const UNKNOWN: &str = "–";

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Renders a number: all digits below ten thousand, `12.3k` and `4.5M` above, with the exact number on hover.
pub fn count(number: i64) -> Markup {
    let exact = grouped(number);
    let short = shortened(number);
    html! {
        @if let Some(short) = short { data value=(number) title=(exact) { (short) } }
        @else { (exact) }
    }
}

/// The largest number that is written with all its digits, and the units above it, each with its size.
const EXACT_MAX: u64 = 9_999;
const UNITS: [(i64, &str); 3] = [(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "B")];

/// Returns a number rounded to a tenth of a unit; one that rounds up to a thousand units is one of the next unit.
fn shortened(number: i64) -> Option<String> {
    if number.unsigned_abs() <= EXACT_MAX {
        return None;
    }
    let tenths = |unit: i64| quotient(number, unit / 10);
    let fitting = UNITS.iter().find(|(unit, _)| tenths(*unit).abs() < 10_000);
    let (unit, letter) = *fitting.unwrap_or(&UNITS[UNITS.len() - 1]);
    let (sign, tenths) = (if number < 0 { "-" } else { "" }, tenths(unit).abs());
    Some(format!("{sign}{}.{}{letter}", tenths / 10, tenths % 10))
}

/// Renders a number of a unit, shortened if it is a large count.
pub fn short(unit: NumberUnit, value: i64) -> Markup {
    if unit == NumberUnit::Count {
        count(value)
    } else {
        html! { (exact(unit, value)) }
    }
}

/// Returns a number of a unit with all its digits.
pub fn exact(unit: NumberUnit, value: i64) -> String {
    match unit {
        NumberUnit::Count => grouped(value),
        NumberUnit::Seconds => duration(value),
        NumberUnit::Permille => percent(value),
        NumberUnit::Hundredths => format!("{}.{:02}", value / 100, value % 100),
        NumberUnit::Money(currency) => currency.text(value),
    }
}

/// Returns an amount without its currency, such as `1,200.00`, for columns whose heading names it.
pub fn amount(currency: Currency, amount: i64) -> String {
    let text = currency.text(amount);
    text.strip_suffix(currency.code()).map_or(text.as_str(), str::trim_end).to_owned()
}

/// Returns a share in per cent, such as `38.4 %`.
pub fn percent(permille: i64) -> String {
    let sign = if permille < 0 { "\u{2212}" } else { "" };
    match (permille.unsigned_abs() / 10, permille.unsigned_abs() % 10) {
        (whole, 0) => format!("{sign}{whole} %"),
        (whole, tenth) => format!("{sign}{whole}.{tenth} %"),
    }
}

/// The format of a time; a script rewrites it in the browser's locale.
#[derive(Clone, Copy)]
pub enum Moment {
    /// `14:05:09`
    Seconds,
    /// `24 Nov, 14:05`
    Short,
    /// `24 Nov 2026, 14:05`
    Full,
}

/// Renders a time in the site's zone.
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

/// Returns a day such as `24 Nov 2026`.
pub fn day(day: Day) -> String {
    let date = day.date();
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// Returns a range such as `18 – 24 Nov 2026`, `28 Oct – 3 Nov 2026` or `30 Dec 2026 – 5 Jan 2027`.
pub fn days(range: DateRange) -> String {
    let (first, last) = (range.first.date(), range.last.date());
    let begin = match (first.year() == last.year(), first.month() == last.month()) {
        _ if first == last => return day(range.last),
        (true, true) => first.day().to_string(),
        (true, false) => format!("{} {}", first.day(), month(first)),
        (false, _) => day(range.first),
    };
    format!("{begin} – {}", day(range.last))
}

/// Returns the last day before an end.
pub fn last_day(zone: &Zone, end: Timestamp) -> String {
    day(zone.day(Timestamp(end.0 - 1)))
}

/// Returns a month such as `November 2026`.
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

/// Returns an address if it is safe as a link: visitors' pages can claim any address, also `javascript:`.
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
        for (number, shown) in [
            (12_345, "12.3k"),
            (13_571, "13.6k"),
            (-13_571, "-13.6k"),
            (-20_000, "-20.0k"),
            (999_949, "999.9k"),
            (999_950, "1.0M"),
            (4_560_000, "4.6M"),
            (999_949_999, "999.9M"),
            (999_950_000, "1.0B"),
            (1_250_000_000_000, "1250.0B"),
        ] {
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
    fn durations_and_averages_are_rounded_also_where_a_unit_ends() {
        let texts = [3_599, 7_169, 7_170, 86_369, 86_370, 588_600].map(duration);
        assert_eq!(texts, ["59m 59s", "1h 59m", "2h 0m", "23h 59m", "1d 0h", "6d 20h"]);
        assert_eq!(exact(NumberUnit::Hundredths, 298), "2.98");
        assert_eq!(exact(NumberUnit::Permille, 1_000), "100 %");
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
            assert_eq!(days(DateRange::parse(text, Day::parse("2027-02-01").unwrap()).unwrap()), shown);
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
