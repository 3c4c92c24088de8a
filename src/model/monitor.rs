//! Monitors: pages that are checked at intervals, and the outages found. What a check does is in `outbound::probe`.

use super::clock::Timestamp;
use super::id::{MonitorId, OutageId, SiteId};
use std::fmt;

/// A monitor of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// The id.
    pub id: MonitorId,
    /// The site.
    pub site: SiteId,
    /// The time at which it was added.
    pub created_at: Timestamp,
    /// The time at which it was paused; `None` while it runs.
    pub paused_at: Option<Timestamp>,
    /// The settings.
    pub settings: MonitorSettings,
    /// The state after the last check.
    pub state: MonitorState,
}

/// The settings of a monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorSettings {
    /// The name for people; empty if the address names it.
    pub name: String,
    /// The address that is checked: http or https.
    pub url: String,
    /// The minutes between two checks.
    pub every_minutes: u32,
    /// The statuses that are expected.
    pub statuses: Statuses,
    /// The text that must be in the answer; empty for any answer.
    pub must_contain: String,
    /// The text that must not be in the answer; empty for none.
    pub must_not_contain: String,
    /// The seconds within which the whole answer must be there.
    pub timeout_seconds: u32,
}

/// The state of a monitor, from which its next check and its outages follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorState {
    /// The time of the next check.
    pub due_at: Timestamp,
    /// The time of the last check.
    pub checked_at: Option<Timestamp>,
    /// The number of failed checks in a row.
    pub failures: u32,
    /// The time of the first of them.
    pub failing_since: Option<Timestamp>,
    /// The cause of the last one.
    pub problem: Option<String>,
    /// The time at which the certificate of the last answer over HTTPS expires.
    pub certificate_expires_at: Option<Timestamp>,
}

/// A check of a monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The time at which it began.
    pub at: Timestamp,
    /// The milliseconds until the answer was read; `None` without an answer.
    pub milliseconds: Option<u32>,
    /// The HTTP status; `None` without an answer.
    pub status: Option<u16>,
    /// The cause of its failure, a short sentence without a full stop; `None` if the answer is as expected.
    pub problem: Option<String>,
}

/// Sums of a monitor over an hour, or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourSums {
    /// The number of checks.
    pub checks: i64,
    /// The number of failed checks.
    pub failures: i64,
    /// The number of checks as expected, whose times the next two are of.
    pub answers: i64,
    /// Milliseconds until these answers were read, in all.
    pub milliseconds: i64,
    /// The milliseconds of the slowest one.
    pub slowest: i64,
    /// Milliseconds in which the monitor is known to be up or down.
    pub watched: i64,
    /// Milliseconds of them in an outage.
    pub down: i64,
}

impl HourSums {
    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        self.checks += other.checks;
        self.failures += other.failures;
        self.answers += other.answers;
        self.milliseconds += other.milliseconds;
        self.slowest = self.slowest.max(other.slowest);
        self.watched += other.watched;
        self.down += other.down;
    }

    /// Returns the average of the response times in milliseconds; `None` without an answer as expected.
    pub fn average_milliseconds(&self) -> Option<i64> {
        (self.answers > 0).then(|| self.milliseconds / self.answers)
    }
}

/// An outage of a monitor: three failed checks in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The id.
    pub id: OutageId,
    /// The monitor.
    pub monitor: MonitorId,
    /// The time of the first failed check.
    pub began_at: Timestamp,
    /// The time of the third failed check.
    pub confirmed_at: Timestamp,
    /// The time of the first check that succeeded again; `None` while the outage goes on.
    pub ended_at: Option<Timestamp>,
    /// The cause, such as "Answered 503 instead of 200-299".
    pub cause: String,
    /// The state of this server's own network.
    pub network: Network,
}

/// The state of this server's own network when an outage was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Another host answered, or the monitored one did: the site itself is down.
    Fine,
    /// No other host answered either: the outage is not the site's, and nobody is alerted.
    Own,
    /// There was no other host to ask: it may be this server's own network.
    Unknown,
}

impl Network {
    /// Returns the stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Own => "own",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the network by its stored name; `Unknown` for any other text.
    pub fn from_name(name: &str) -> Self {
        [Self::Fine, Self::Own].into_iter().find(|network| network.name() == name).unwrap_or(Self::Unknown)
    }
}

impl Monitor {
    /// Returns the name for people: its own, or host and path of the address.
    pub fn label(&self) -> &str {
        self.settings.label()
    }
}

impl MonitorSettings {
    /// Returns the name for people: its own, or host and path of the address.
    pub fn label(&self) -> &str {
        if !self.name.is_empty() {
            return &self.name;
        }
        let bare = self.url.split_once("://").map_or(self.url.as_str(), |(_, bare)| bare);
        bare.strip_suffix('/').filter(|host| !host.contains('/')).unwrap_or(bare)
    }
}

/// Returns the host of an address in lower case.
pub fn host_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok()?.host_str().map(str::to_lowercase)
}

/// Returns the part of a host that its neighbors on one machine usually share: the last two labels of a name, or the whole
/// address. Some names of different owners share theirs, such as those below `co.uk`.
pub fn domain_of(host: &str) -> String {
    if host.parse::<std::net::Ipv4Addr>().is_ok() || host.starts_with('[') {
        return host.to_owned();
    }
    let labels: Vec<&str> = host.trim_end_matches('.').rsplit('.').take(2).collect();
    labels.into_iter().rev().collect::<Vec<_>>().join(".")
}

/// A set of HTTP statuses: ranges that do not overlap, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(Vec<(u16, u16)>);

impl Default for Statuses {
    fn default() -> Self {
        Self(vec![(200, 299)])
    }
}

impl Statuses {
    /// Parses statuses such as `200`, `200-299` or `200, 301-308`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let status = |text: &str| {
            let text = text.trim();
            let is_status = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|status| is_status && (100..=599).contains(status))
        };
        let range = |part: &str| match part.split_once(['-', '–']) {
            Some((first, last)) => {
                Some((status(first)?, status(last)?)).filter(|(first, last)| first <= last)
            }
            None => status(part).map(|only| (only, only)),
        };
        let parts = text.split(',').filter(|part| !part.trim().is_empty());
        let mut ranges: Vec<(u16, u16)> = parts.map(range).collect::<Option<_>>()?;
        ranges.sort_unstable();
        let mut merged: Vec<(u16, u16)> = Vec::new();
        for (first, last) in ranges {
            match merged.last_mut().filter(|before| first <= before.1.saturating_add(1)) {
                Some(before) => before.1 = before.1.max(last),
                None => merged.push((first, last)),
            }
        }
        (!merged.is_empty()).then_some(Self(merged))
    }

    /// Returns true if a status is expected.
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&status))
    }

    /// Returns true if a redirect is expected, which is then not followed.
    pub fn expects_redirect(&self) -> bool {
        [301, 302, 303, 307, 308].into_iter().any(|status| self.contains(status))
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (first, last)) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            if first == last {
                write!(formatter, "{comma}{first}")?;
            } else {
                write!(formatter, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_merged_and_written() {
        for (text, written) in [
            ("200", "200"),
            (" 301 , 200-204,205", "200-205,301"),
            ("200-299, 250-310", "200-310"),
            ("200,200", "200"),
        ] {
            assert_eq!(Statuses::parse(text).unwrap().to_string(), written, "{text}");
        }
        for wrong in ["", ",", "20", "2000", "+200", "600", "099", "300-200", "200-", "ok", "200;301"] {
            assert_eq!(Statuses::parse(wrong), None, "{wrong}");
        }
        let statuses = Statuses::parse("200-299,404").unwrap();
        assert!(statuses.contains(204) && statuses.contains(404) && !statuses.contains(300));
        assert!(!statuses.expects_redirect() && Statuses::parse("200-301").unwrap().expects_redirect());
    }

    #[test]
    fn hosts_of_one_domain_are_neighbors() {
        for (host, domain) in [
            ("www.bakery.example", "bakery.example"),
            ("bakery.example.", "bakery.example"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(domain_of(host), domain);
        }
    }

    #[test]
    fn a_monitor_without_a_name_is_named_by_its_address() {
        let label = |name: &str, url: &str| {
            let (name, url) = (name.to_owned(), url.to_owned());
            let settings = MonitorSettings {
                name,
                url,
                every_minutes: 5,
                statuses: Statuses::default(),
                must_contain: String::new(),
                must_not_contain: String::new(),
                timeout_seconds: 10,
            };
            settings.label().to_owned()
        };
        assert_eq!(label("", "https://bakery.example/"), "bakery.example");
        assert_eq!(label("", "https://bakery.example/shop/"), "bakery.example/shop/");
        assert_eq!(label("Shop", "https://bakery.example/shop"), "Shop");
    }
}
