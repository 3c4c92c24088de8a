//! The step of a monitor from one check to the next: a pure function of its state and what the check found. A failed check is
//! repeated soon; only the third failure in a row begins an outage, which the first success ends.

use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::monitor::{Check, HourSums, Monitor, MonitorState, Network, Outage};
use std::time::Duration;

const HOUR: i64 = 3_600_000;

/// The step that follows from a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state after it.
    pub state: MonitorState,
    /// True if the outage that goes on ends with the check.
    pub ends_outage: bool,
    /// The outage that begins with it.
    pub begins: Option<Beginning>,
    /// Sums to add, by hours since 1970.
    pub hours: Vec<(i64, HourSums)>,
}

/// An outage that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The time of the first failed check.
    pub began_at: Timestamp,
    /// The cause.
    pub cause: String,
    /// The state of this server's own network.
    pub network: Network,
}

/// Returns true if a check at this time that fails would make an outage, so that this server's own network is to be asked about
/// first.
pub fn would_confirm(monitor: &Monitor, open: Option<&Outage>, at: Timestamp) -> bool {
    match open {
        // The site may be down itself once the network is back.
        Some(outage) => outage.network == Network::Own,
        None => failures_before(monitor, at).0 + 1 >= limits::MONITOR_FAILURES_CONFIRMED,
    }
}

/// Returns the failed checks in a row and the time of the first of them; none if nobody looked since for longer than the interval:
/// what failed days ago confirms nothing now.
fn failures_before(monitor: &Monitor, at: Timestamp) -> (u32, Option<Timestamp>) {
    let state = &monitor.state;
    let is_stale =
        state.checked_at.is_some_and(|before| at.since(before) > interval(monitor) + limits::MONITOR_LATE);
    if is_stale { (0, None) } else { (state.failures, state.failing_since) }
}

/// Returns the step after a check. `network` counts only if [`would_confirm`] says so.
pub fn advance(
    monitor: &Monitor,
    open: Option<&Outage>,
    check: &Check,
    certificate_expires_at: Option<Timestamp>,
    network: Network,
) -> Step {
    let before = &monitor.state;
    let has_failed = check.problem.is_some();
    let (failures_before, since_before) = failures_before(monitor, check.at);
    let failures = if has_failed { failures_before.saturating_add(1) } else { 0 };
    let failing_since = has_failed.then(|| since_before.unwrap_or(check.at).min(check.at));
    let is_confirmed = has_failed && would_confirm(monitor, open, check.at);
    let was_own = open.is_some_and(|outage| outage.network == Network::Own);
    let begins = check.problem.as_ref().filter(|_| is_confirmed && !(was_own && network == Network::Own));
    let begins = begins.map(|cause| Beginning {
        // Before that, nobody knows whether the site itself was down.
        began_at: if was_own { check.at } else { failing_since.unwrap_or(check.at) },
        cause: cause.clone(),
        network,
    });
    let mut hours = Hours::default();
    hours.count(check);
    let watched = watched(monitor, check.at);
    let is_down = open.is_some_and(|outage| outage.network != Network::Own);
    if !was_own {
        hours.spread(watched, check.at, |sums, time| {
            sums.watched += time;
            sums.down += if is_down { time } else { 0 };
        });
    }
    if let Some(beginning) = &begins
        && !was_own
    {
        // The time since the first failure was counted as up until now.
        hours.spread(check.at.0 - beginning.began_at.0, check.at, |sums, time| match beginning.network {
            Network::Own => sums.watched -= time,
            Network::Fine | Network::Unknown => sums.down += time,
        });
    }
    let state = MonitorState {
        due_at: next_due(monitor, check.at, has_failed && failures < limits::MONITOR_FAILURES_CONFIRMED),
        checked_at: Some(check.at),
        failures,
        failing_since,
        problem: check.problem.clone(),
        certificate_expires_at: certificate_expires_at.or_else(|| {
            // No answer says nothing about the certificate.
            before.certificate_expires_at.filter(|_| check.status.is_none())
        }),
    };
    let ends_outage = open.is_some() && (!has_failed || begins.is_some());
    Step { state, ends_outage, begins, hours: hours.0 }
}

/// Returns the time of the next check: soon after a failure to be confirmed, else at the next multiple of the interval from when
/// this one was due.
fn next_due(monitor: &Monitor, at: Timestamp, is_soon: bool) -> Timestamp {
    if is_soon {
        return at.after(limits::MONITOR_CHECKED_AGAIN);
    }
    let every = interval(monitor);
    let (due, every_ms) = (monitor.state.due_at, i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1));
    // The clock was ahead when it was stored.
    if due > at.after(every) {
        return at.after(every);
    }
    let late = (at.0 - due.0).max(0);
    Timestamp(due.0 + (late / every_ms + 1) * every_ms)
}

fn interval(monitor: &Monitor) -> Duration {
    Duration::from_mins(monitor.settings.every_minutes.into())
}

/// Returns the milliseconds since the last check that count as watched: not longer than the interval, and some tolerance.
fn watched(monitor: &Monitor, at: Timestamp) -> i64 {
    let Some(checked_at) = monitor.state.checked_at else { return 0 };
    let most = interval(monitor) + limits::MONITOR_LATE;
    i64::try_from(at.since(checked_at).min(most).as_millis()).unwrap_or_default()
}

/// Sums by hours since 1970.
#[derive(Default)]
struct Hours(Vec<(i64, HourSums)>);

impl Hours {
    fn of(&mut self, hour: i64) -> &mut HourSums {
        let place = self.0.iter().position(|(known, _)| *known == hour).unwrap_or_else(|| {
            self.0.push((hour, HourSums::default()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    fn count(&mut self, check: &Check) {
        let sums = self.of(check.at.0.div_euclid(HOUR));
        sums.checks += 1;
        sums.failures += i64::from(check.problem.is_some());
        if let Some(milliseconds) = check.milliseconds.filter(|_| check.problem.is_none()) {
            sums.answers += 1;
            sums.milliseconds += i64::from(milliseconds);
            sums.slowest = sums.slowest.max(milliseconds.into());
        }
    }

    /// Spreads milliseconds that end at a time over their hours.
    fn spread(&mut self, milliseconds: i64, end: Timestamp, add: impl Fn(&mut HourSums, i64)) {
        // A longer time is none that was watched: the clock jumped.
        let mut begin = end.0 - milliseconds.clamp(0, 24 * HOUR);
        while begin < end.0 {
            let hour = begin.div_euclid(HOUR);
            let until = ((hour + 1) * HOUR).min(end.0);
            add(self.of(hour), until - begin);
            begin = until;
        }
    }
}

#[cfg(test)]
mod tests;
