//! The reports on uptime: how long each monitor was up, how fast it answered, and its outages. They belong to no visit.

use super::comparison::Comparison;
use super::date_range::DateRange;
use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::MonitorId;
use crate::model::monitor::{HourSums, Monitor, Network, Outage};
use crate::store::sites::Site;
use crate::store::{monitor_checks, monitors, outages};
use rusqlite::Connection;
use std::collections::HashMap;

const HOUR: i64 = 3_600_000;
const HOURS_A_DAY: usize = 24;

/// The uptime of a site's monitors in a range.
#[derive(Clone, Debug, Default)]
pub struct UptimeReport {
    /// The monitors, by age.
    pub monitors: Vec<MonitorUptime>,
    /// The days of the range that have begun.
    pub days: Vec<Day>,
    /// The outages, newest first.
    pub outages: Vec<ListedOutage>,
    /// True if older outages are left out.
    pub has_more_outages: bool,
    /// The number of outages in the comparison period, up to one more than are listed; `None` without one.
    pub outages_before: Option<usize>,
}

/// The uptime of a monitor.
#[derive(Clone, Debug)]
pub struct MonitorUptime {
    /// The monitor's id.
    pub id: MonitorId,
    /// The name for people, without the query of an address.
    pub label: String,
    /// The state now.
    pub status: MonitorStatus,
    /// The time of the last check.
    pub checked_at: Option<Timestamp>,
    /// The days until the certificate expires, negative afterwards; `None` without HTTPS.
    pub certificate_days: Option<i64>,
    /// The sums of the range.
    pub sums: HourSums,
    /// The sums of the comparison period.
    pub before: Option<HourSums>,
    /// The sums of each day of the range that has begun.
    pub days: Vec<HourSums>,
    /// The sums of each hour of the only day of the range; empty for several days.
    pub hours: Vec<HourSums>,
    /// The number of outages that are the site's.
    pub outages: usize,
}

/// The state of a monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MonitorStatus {
    /// It is not checked.
    Paused,
    /// It was not checked yet.
    Pending,
    /// The last check succeeded, or its failure is not confirmed.
    Up,
    /// An outage goes on.
    Down(Outage),
}

impl MonitorStatus {
    /// Returns the stable name for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Pending => "pending",
            Self::Up => "up",
            Self::Down(outage) if outage.network == Network::Own => "unknown",
            Self::Down(_) => "down",
        }
    }

    /// Loads the state of a monitor.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn load(connection: &Connection, monitor: &Monitor) -> Result<Self> {
        Ok(match outages::find_open(connection, monitor.id)? {
            _ if monitor.paused_at.is_some() => Self::Paused,
            Some(outage) => Self::Down(outage),
            None if monitor.state.checked_at.is_none() => Self::Pending,
            None => Self::Up,
        })
    }
}

/// An outage with the name of its monitor.
#[derive(Clone, Debug)]
pub struct ListedOutage {
    /// The name of the monitor.
    pub monitor: String,
    /// The outage.
    pub outage: Outage,
    /// Its length in seconds, until now if it goes on.
    pub seconds: i64,
}

impl ListedOutage {
    /// Returns a sentence on this server's own network; empty where it was fine.
    pub fn network_note(&self) -> &'static str {
        match self.outage.network {
            Network::Fine => "",
            Network::Own => "This server's own network was down, so it doesn't count",
            Network::Unknown => "It may be this server's own network: there was no other host to ask",
        }
    }
}

/// Returns the days until a certificate expires, negative afterwards.
pub fn days_left(expires_at: Timestamp, now: Timestamp) -> i64 {
    (expires_at.0 - now.0).div_euclid(24 * HOUR)
}

/// Returns a share in percent with two decimals at most, never rounded up to 100, such as `99.98%`.
pub fn percent(sums: &HourSums) -> Option<String> {
    let hundredths = uptime_hundredths(sums)?;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    Some(match rest {
        0 => format!("{whole}%"),
        rest if rest % 10 == 0 => format!("{whole}.{}%", rest / 10),
        rest => format!("{whole}.{rest:02}%"),
    })
}

/// Returns the uptime in hundredths of a percent, rounded down; `None` if nothing was watched.
pub fn uptime_hundredths(sums: &HourSums) -> Option<i64> {
    let up = (sums.watched - sums.down).max(0);
    (sums.watched > 0).then(|| up.saturating_mul(10_000) / sums.watched)
}

impl UptimeReport {
    /// Returns the sums of all monitors.
    pub fn total(&self) -> HourSums {
        self.monitors.iter().fold(HourSums::default(), |mut sum, monitor| {
            sum.add(&monitor.sums);
            sum
        })
    }

    /// Returns the sums of all monitors in the comparison period; `None` without one.
    pub fn total_before(&self) -> Option<HourSums> {
        let mut sum = None;
        for before in self.monitors.iter().filter_map(|monitor| monitor.before.as_ref()) {
            sum.get_or_insert_with(HourSums::default).add(before);
        }
        sum
    }

    /// Loads the uptime of a site's monitors.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn load(
        connection: &Connection,
        site: &Site,
        range: DateRange,
        comparison: Option<Comparison>,
        now: Timestamp,
    ) -> Result<Self> {
        let today = site.zone.day(now);
        let days: Vec<Day> = range.each().take_while(|day| *day <= today).collect();
        let known = monitors::list(connection, site.id)?;
        let sums = SumsByDay::load(connection, site, range)?;
        let earlier =
            comparison.map(|comparison| SumsByDay::load(connection, site, comparison.period(range)));
        let earlier = earlier.transpose()?;
        let listed = list_outages(connection, site, range, now)?;
        let outages_before = comparison
            .map(|comparison| list_outages(connection, site, comparison.period(range), now))
            .transpose()?
            .map(|outages| outages.len());
        let of_site = |monitor: &Monitor| {
            let is_own = |one: &&Outage| one.monitor == monitor.id && one.network != Network::Own;
            listed.iter().filter(is_own).count()
        };
        let found = known.iter().map(|monitor| {
            Ok(MonitorUptime {
                id: monitor.id,
                label: public_label(monitor),
                status: MonitorStatus::load(connection, monitor)?,
                checked_at: monitor.state.checked_at,
                certificate_days: monitor.state.certificate_expires_at.map(|at| days_left(at, now)),
                sums: sums.total(monitor.id),
                before: earlier.as_ref().map(|earlier| earlier.total(monitor.id)),
                days: days.iter().map(|day| sums.of_day(monitor.id, *day)).collect(),
                hours: if range.first == range.last {
                    sums.hours(monitor.id, &site.zone)
                } else {
                    Vec::new()
                },
                outages: of_site(monitor),
            })
        });
        let has_more_outages = listed.len() > limits::OUTAGES_LISTED_MAX;
        let monitors: Vec<MonitorUptime> = found.collect::<Result<_>>()?;
        let listed = listed.into_iter().take(limits::OUTAGES_LISTED_MAX).map(|outage| {
            let named = monitors.iter().find(|monitor| monitor.id == outage.monitor);
            let until = outage.ended_at.unwrap_or(now);
            let seconds = i64::try_from(until.since(outage.began_at).as_secs()).unwrap_or(i64::MAX);
            ListedOutage { monitor: named.map_or_else(String::new, |one| one.label.clone()), outage, seconds }
        });
        Ok(Self { days, outages: listed.collect(), monitors, has_more_outages, outages_before })
    }
}

/// Returns the name of a monitor without the query of its address, which may be a secret.
pub fn public_label(monitor: &Monitor) -> String {
    let label = monitor.label();
    if monitor.settings.name.is_empty() {
        label.split('?').next().unwrap_or(label).to_owned()
    } else {
        label.to_owned()
    }
}

/// Lists the outages of a range and one more than are shown, if there are more.
fn list_outages(
    connection: &Connection,
    site: &Site,
    range: DateRange,
    now: Timestamp,
) -> Result<Vec<Outage>> {
    let (begin, end) = (site.zone.start(range.first), site.zone.start(range.last.plus(1)));
    outages::list(
        connection,
        site.id,
        begin,
        end.min(now.after(std::time::Duration::from_millis(1))),
        limits::OUTAGES_LISTED_MAX + 1,
    )
}

/// The sums of monitors by hours, of which each counts to the local day in which it begins.
struct SumsByDay {
    hours: HashMap<MonitorId, Vec<(i64, Day, HourSums)>>,
}

impl SumsByDay {
    fn load(connection: &Connection, site: &Site, range: DateRange) -> Result<Self> {
        let begin = site.zone.start(range.first).0.div_euclid(HOUR);
        let end = site.zone.start(range.last.plus(1)).0.div_euclid(HOUR) + 1;
        let mut hours: HashMap<MonitorId, Vec<(i64, Day, HourSums)>> = HashMap::new();
        for (monitor, hour, sums) in monitor_checks::list_hours(connection, site.id, begin, end)? {
            let day = site.zone.day(Timestamp(hour * HOUR));
            if range.contains(day) {
                hours.entry(monitor).or_default().push((hour, day, sums));
            }
        }
        Ok(Self { hours })
    }

    fn of(&self, monitor: MonitorId) -> &[(i64, Day, HourSums)] {
        self.hours.get(&monitor).map_or(&[], Vec::as_slice)
    }

    fn total(&self, monitor: MonitorId) -> HourSums {
        sum(self.of(monitor).iter())
    }

    fn of_day(&self, monitor: MonitorId, day: Day) -> HourSums {
        sum(self.of(monitor).iter().filter(|(_, known, _)| *known == day))
    }

    /// Returns the sums of the 24 hours of a local day.
    fn hours(&self, monitor: MonitorId, zone: &Zone) -> Vec<HourSums> {
        let local = |hour: i64| usize::try_from(zone.local(Timestamp(hour * HOUR)).hour()).ok();
        (0..HOURS_A_DAY)
            .map(|place| sum(self.of(monitor).iter().filter(|(hour, _, _)| local(*hour) == Some(place))))
            .collect()
    }
}

fn sum<'a>(hours: impl Iterator<Item = &'a (i64, Day, HourSums)>) -> HourSums {
    hours.fold(HourSums::default(), |mut sum, (_, _, hour)| {
        sum.add(hour);
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uptime_is_never_rounded_up_to_all() {
        let uptime = |watched, down| percent(&HourSums { watched, down, ..HourSums::default() });
        assert_eq!(uptime(0, 0), None);
        assert_eq!(uptime(1_000_000, 0).unwrap(), "100%");
        assert_eq!(uptime(1_000_000, 1).unwrap(), "99.99%");
        assert_eq!(uptime(1_000, 1).unwrap(), "99.9%");
        assert_eq!(uptime(10_000, 5).unwrap(), "99.95%");
        assert_eq!(uptime(100, 100).unwrap(), "0%");
        assert_eq!(uptime(100, 200).unwrap(), "0%");
    }
}
