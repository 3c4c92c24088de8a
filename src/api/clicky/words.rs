//! The words of Clicky's interface: titles of channels, times and durations as its programs expect them.

use crate::ingest::hit::ActionKind;
use crate::model::channel::Channel;
use crate::model::clock::{Timestamp, Zone};
use crate::model::currency::Currency;
use crate::model::metrics::{Metric, Metrics, NumberUnit, quotient};
use strum::IntoEnumIterator;

/// The metrics of `segments=summary`, each with its title.
pub const SUMMARY: [(Metric, &str); 7] = [
    (Metric::Visits, "Visitors"),
    (Metric::Uniques, "Unique visitors"),
    (Metric::Actions, "Actions"),
    (Metric::ActionsAverage, "Average actions / visit"),
    (Metric::TimeTotal, "Total time"),
    (Metric::TimeAverage, "Average time / visit"),
    (Metric::BounceRate, "Bounce rate"),
];

/// Returns the channel that stands for one which Clicky does not have: assistants are links there.
pub fn known_channel(channel: Channel) -> Channel {
    if channel == Channel::Assistant { Channel::Link } else { channel }
}

/// Returns the type of the referrer of a visit.
pub fn referrer_type(channel: Channel) -> &'static str {
    match known_channel(channel) {
        Channel::Direct => "direct",
        Channel::Search => "search",
        Channel::Link | Channel::Assistant => "link",
        Channel::Social => "social",
        Channel::Email => "email",
        Channel::Advertising => "advertising",
        Channel::Syndication => "syndication",
        Channel::Internal => "internal",
    }
}

/// Returns the titles of the channels that a text means: a title that Clicky has, or the type of a referrer.
pub fn titles_of_channel(text: &str) -> Vec<String> {
    let is_meant = |channel: &Channel| {
        let names = [known_channel(*channel).title(), referrer_type(*channel)];
        names.into_iter().any(|name| name.eq_ignore_ascii_case(text))
    };
    Channel::iter().filter(is_meant).map(|channel| channel.title().to_owned()).collect()
}

/// Returns the type of an action.
pub fn action_type(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::PageView => "pageview",
        ActionKind::Download => "download",
        ActionKind::Outbound => "outbound",
        ActionKind::Event => "click",
        ActionKind::Media => "video",
    }
}

/// Returns the value of a metric as a bare number: seconds, per cent, or a count.
pub fn number(metric: Metric, metrics: &Metrics, currency: Currency) -> String {
    let value = metric.value(metrics);
    match metric.unit(currency) {
        NumberUnit::Count | NumberUnit::Seconds => value.to_string(),
        NumberUnit::Permille => decimal(value, 10),
        NumberUnit::Hundredths => decimal(value, 100),
        NumberUnit::Money(currency) => currency.plain(value),
    }
}

/// Returns the share of a value in a whole, in per cent with one decimal.
pub fn percent(value: i64, whole: i64) -> String {
    decimal(quotient(value * 1_000, whole), 10)
}

/// Returns a number of tenths (`10`) or hundredths (`100`) without zeros at its end.
fn decimal(value: i64, parts: i64) -> String {
    let places = parts.ilog10() as usize;
    let text = format!("{}.{:0places$}", value / parts, value % parts);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns a duration such as `45s`, `3m 10s` or `6d 19h 5m`: three units at most.
pub fn duration(seconds: i64) -> String {
    let units =
        [(seconds / 86_400, 'd'), (seconds / 3_600 % 24, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let parts: Vec<String> = units
        .into_iter()
        .skip_while(|(count, _)| *count == 0)
        .take(3)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if parts.is_empty() { "0s".into() } else { parts.join(" ") }
}

/// Returns a time such as `Wed Jun 29 2022, 12:29p`, in the site's time zone.
pub fn moment(zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    let half = if local.hour() < 12 { 'a' } else { 'p' };
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    format!("{}, {hour}:{:02}{half}", local.strftime("%a %b %-d %Y"), local.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assistants_are_links_as_clicky_has_them() {
        assert_eq!(titles_of_channel("links"), ["Links", "AI assistants"]);
        assert_eq!(titles_of_channel("search"), ["Searches"]);
        assert_eq!(titles_of_channel("Social media"), ["Social media"]);
        assert!(titles_of_channel("AI assistants").is_empty());
    }

    #[test]
    fn durations_have_three_units_at_most() {
        for (seconds, text) in [
            (0, "0s"),
            (45, "45s"),
            (190, "3m 10s"),
            (3_600, "1h"),
            (3_725, "1h 2m 5s"),
            (586_999, "6d 19h 3m"),
            (86_405, "1d"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn numbers_are_bare_and_end_in_no_zero() {
        for (value, parts, text) in [
            (667, 10, "66.7"),
            (1_000, 10, "100"),
            (0, 10, "0"),
            (5, 10, "0.5"),
            (235, 100, "2.35"),
            (230, 100, "2.3"),
        ] {
            assert_eq!(decimal(value, parts), text);
        }
        assert_eq!((percent(2, 3), percent(0, 0)), ("66.7".into(), "0".into()));
    }

    #[test]
    fn times_are_those_of_the_sites_zone_by_a_clock_of_twelve_hours() {
        let zone = Zone::parse("America/Los_Angeles").unwrap();
        assert_eq!(moment(&zone, Timestamp(1_656_520_164_000)), "Wed Jun 29 2022, 9:29a");
        assert_eq!(moment(&Zone::utc(), Timestamp(1_656_460_800_000)), "Wed Jun 29 2022, 12:00a");
        assert_eq!(moment(&Zone::utc(), Timestamp(1_656_504_000_000)), "Wed Jun 29 2022, 12:00p");
    }
}
