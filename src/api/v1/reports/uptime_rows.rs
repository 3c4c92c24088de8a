//! The rows of the reports on uptime.

use crate::model::clock::Timestamp;
use crate::model::monitor::HourSums;
use crate::reports::uptime::{ListedOutage, MonitorUptime, uptime_hundredths};
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

/// A monitor in a range.
#[derive(Debug, Serialize, ToSchema)]
pub struct UptimeRow {
    /// The id of the monitor.
    #[schema(example = "1")]
    pub monitor_id: String,
    /// Its name, or host and path of its address.
    #[schema(example = "bakery.example")]
    pub monitor: String,
    /// The state now: `up`, `down`, `unknown` (this server's own network is down), `paused` or `pending`.
    #[schema(example = "up")]
    pub status: &'static str,
    /// The time of the last check, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<String>,
    /// The days until the certificate expires, negative afterwards; left out without HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_days: Option<i64>,
    /// The numbers of the range.
    #[serde(flatten)]
    pub numbers: UptimeNumbers,
    /// The outages that began, went on or ended in the range.
    pub outages: usize,
    /// The numbers of the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<UptimeNumbers>,
}

/// The numbers of a monitor.
#[derive(Debug, Serialize, ToSchema)]
pub struct UptimeNumbers {
    /// The share of the watched time in which it was up, in percent; null if it wasn't watched.
    #[schema(value_type = Option<f64>, example = 99.98)]
    pub uptime_percent: Option<Number>,
    /// The average response time in milliseconds; null without an answer as expected.
    pub response_ms: Option<i64>,
    /// The number of checks.
    pub checks: i64,
    /// The number of failed checks, also of single ones that made no outage.
    pub failed_checks: i64,
    /// The seconds in outages.
    pub down_seconds: i64,
}

/// An outage.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutageRow {
    /// The id of the monitor.
    #[schema(example = "1")]
    pub monitor_id: String,
    /// Its name, or host and path of its address.
    #[schema(example = "bakery.example")]
    pub monitor: String,
    /// The time of the first failed check, in RFC 3339.
    pub began_at: String,
    /// The time of the first check that succeeded again; null while it goes on.
    pub ended_at: Option<String>,
    /// The length in seconds, until now if it goes on.
    pub seconds: i64,
    /// The cause.
    #[schema(example = "Answered 503 instead of 200-299")]
    pub cause: String,
    /// This server's own network: `fine`, `own` (it was down: the outage doesn't count) or `unknown`.
    #[schema(example = "fine")]
    pub network: &'static str,
}

impl UptimeNumbers {
    fn new(sums: &HourSums) -> Self {
        Self {
            uptime_percent: uptime_percent(sums),
            response_ms: sums.average_milliseconds(),
            checks: sums.checks,
            failed_checks: sums.failures,
            down_seconds: sums.down / 1_000,
        }
    }
}

/// Returns the uptime in percent; `None` if nothing was watched.
#[expect(clippy::cast_precision_loss, reason = "it is 10,000 at most")]
pub fn uptime_percent(sums: &HourSums) -> Option<Number> {
    uptime_hundredths(sums).and_then(|hundredths| Number::from_f64(hundredths as f64 / 100.0))
}

impl UptimeRow {
    /// Describes a monitor.
    pub fn new(monitor: &MonitorUptime) -> Self {
        Self {
            monitor_id: monitor.id.to_string(),
            monitor: monitor.label.clone(),
            status: monitor.status.name(),
            checked_at: monitor.checked_at.map(Timestamp::rfc3339),
            certificate_days: monitor.certificate_days,
            numbers: UptimeNumbers::new(&monitor.sums),
            outages: monitor.outages,
            before: monitor.before.as_ref().map(UptimeNumbers::new),
        }
    }
}

impl OutageRow {
    /// Describes an outage.
    pub fn new(listed: &ListedOutage) -> Self {
        Self {
            monitor_id: listed.outage.monitor.to_string(),
            monitor: listed.monitor.clone(),
            began_at: listed.outage.began_at.rfc3339(),
            ended_at: listed.outage.ended_at.map(Timestamp::rfc3339),
            seconds: listed.seconds,
            cause: listed.outage.cause.clone(),
            network: listed.outage.network.name(),
        }
    }
}
