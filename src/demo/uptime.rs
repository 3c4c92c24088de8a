//! The monitors of the demo's bakery, with their checks by hour and two outages. They are paused: nothing answers at its domain.

use crate::alerts::monitors::definition::MonitorForm;
use crate::error::Result;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{MonitorId, SiteId};
use crate::model::monitor::{HourSums, MonitorState, Network};
use crate::store::{monitor_checks, monitors, outages};
use fastrand::Rng;
use rusqlite::Transaction;
use std::time::Duration;

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;
/// The days of checks, at most.
const DAYS: i32 = 90;

/// A monitor, with the milliseconds in which it usually answers.
struct DemoMonitor {
    name: &'static str,
    path: &'static str,
    every_minutes: i64,
    milliseconds: i64,
}

/// The time over which the monitors were checked.
pub struct History {
    /// The number of days, including the last one.
    pub days: i32,
    /// The last day.
    pub until: Day,
    /// The present time.
    pub now: Timestamp,
    /// The seed of the random source.
    pub seed: u64,
}

const MONITORS: [DemoMonitor; 2] = [
    DemoMonitor { name: "Home page", path: "", every_minutes: 5, milliseconds: 240 },
    DemoMonitor { name: "Shop", path: "shop", every_minutes: 1, milliseconds: 410 },
];

/// An outage of the shop.
struct DemoOutage {
    days_ago: i32,
    minute: i64,
    minutes: i64,
    cause: &'static str,
}

const OUTAGES: [DemoOutage; 2] = [
    DemoOutage { days_ago: 19, minute: 14 * 60 + 6, minutes: 52, cause: "Answered 503 instead of 200-299" },
    DemoOutage {
        days_ago: 4,
        minute: 3 * 60 + 30,
        minutes: 11,
        cause: "No complete answer within 10 seconds",
    },
];

/// Writes the monitors of a domain.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn write(tx: &Transaction<'_>, site: SiteId, domain: &str, zone: &Zone, history: &History) -> Result<()> {
    let mut rng = Rng::with_seed(history.seed);
    let first = history.until.plus(1 - history.days.min(DAYS));
    let (begin, end) = (zone.start(first), history.now.min(zone.start(history.until.plus(1))));
    for monitor in &MONITORS {
        let form = MonitorForm {
            name: monitor.name.into(),
            url: format!("https://{domain}/{}", monitor.path),
            every: monitor.every_minutes.to_string(),
            ..MonitorForm::default()
        };
        let id = monitors::create(tx, site, &form.checked()?, begin)?;
        for hour in begin.0.div_euclid(HOUR)..end.0.div_euclid(HOUR) {
            monitor_checks::add_to_hour(tx, id, hour, &ordinary_hour(&mut rng, monitor, hour))?;
        }
        let state = MonitorState {
            due_at: end,
            checked_at: Some(end.before(Duration::from_secs(30))),
            failures: 0,
            failing_since: None,
            problem: None,
            certificate_expires_at: Some(end.after(Duration::from_hours(43 * 24))),
        };
        monitors::set_state(tx, id, &state)?;
        monitors::set_paused(tx, id, Some(end))?;
        if monitor.path == "shop" {
            let shown = OUTAGES.iter().filter(|outage| outage.days_ago < history.days.min(DAYS));
            shown.map(|outage| (zone.start(history.until.plus(-outage.days_ago)), outage)).try_for_each(
                |(day, outage)| write_outage(tx, id, Timestamp(day.0 + outage.minute * MINUTE), outage),
            )?;
        }
    }
    Ok(())
}

/// Returns the sums of an hour in which the monitor was up, slower in the evening.
fn ordinary_hour(rng: &mut Rng, monitor: &DemoMonitor, hour: i64) -> HourSums {
    let checks = 60 / monitor.every_minutes;
    let evening = if (17..21).contains(&hour.rem_euclid(24)) { 60 } else { 0 };
    let average = monitor.milliseconds + evening + rng.i64(-30..40);
    HourSums {
        checks,
        failures: 0,
        answers: checks,
        milliseconds: average * checks,
        slowest: average + rng.i64(40..600),
        watched: HOUR,
        down: 0,
    }
}

fn write_outage(tx: &Transaction<'_>, id: MonitorId, began_at: Timestamp, outage: &DemoOutage) -> Result<()> {
    let ended_at = Timestamp(began_at.0 + outage.minutes * MINUTE);
    let confirmed_at = began_at.after(Duration::from_secs(40));
    outages::create(tx, id, began_at, confirmed_at, outage.cause, Network::Fine)?;
    outages::end_open(tx, id, ended_at)?;
    let sums = HourSums { down: outage.minutes * MINUTE, failures: outage.minutes, ..HourSums::default() };
    monitor_checks::add_to_hour(tx, id, began_at.0.div_euclid(HOUR), &sums)
}
