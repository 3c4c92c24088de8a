//! The validation of alerts, monitors and outages.

use super::goals::is_code;
use super::values::{
    RecordProblem, are_conditions, first_wrong, is_count, is_moment, is_moment_or_none, is_text,
};
use crate::alerts::monitors::definition::MonitorForm;
use crate::alerts::rules;
use crate::limits;
use crate::model::alert::{AlertKind, AlertSettings};
use crate::model::monitor::Network;
use crate::store::site_export::{AlertRecord, MonitorHoursRecord, MonitorRecord, OutageRecord};

/// The milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// Returns the problem of an alert, if there is one.
pub fn alert_problem(alert: &AlertRecord) -> RecordProblem {
    let settings = alert.settings(None);
    let holds = |problem: fn(&_) -> Option<String>| {
        settings.as_ref().is_some_and(|settings| problem(settings).is_none())
    };
    first_wrong([
        (settings.is_some(), "the alert is of a kind that there is not"),
        (holds(rules::threshold_problem), "the alert's number is too small or too large"),
        (holds(rules::percent_problem), "the alert's percentage is too small or too large"),
        (
            alert.goal.as_deref().is_none_or(is_code)
                && settings.is_some_and(|settings| fits(&settings, alert)),
            "the alert's goal is none",
        ),
        (alert.segment.is_empty() || are_conditions(&alert.segment), "the alert's filters are none"),
        (is_moment(alert.created_at), "the time is none from 1970 to 2199"),
    ])
}

/// Returns true if an alert names a goal where its kind needs one, and none where its kind has none.
fn fits(settings: &AlertSettings, alert: &AlertRecord) -> bool {
    match settings.kind {
        AlertKind::Goal => alert.goal.is_some(),
        AlertKind::Revenue => true,
        _ => alert.goal.is_none(),
    }
}

/// Returns the problem of a monitor, if there is one.
pub fn monitor_problem(monitor: &MonitorRecord) -> RecordProblem {
    let settings = monitor.settings();
    let is_valid = settings.as_ref().is_some_and(|settings| {
        MonitorForm::from_settings(settings).checked().is_ok_and(|checked| checked == *settings)
    });
    let moments = [monitor.checked_at, monitor.certificate_expires_at];
    first_wrong([
        (is_valid, "the monitor's settings are none that this program takes"),
        (
            is_moment(monitor.created_at) && moments.into_iter().all(is_moment_or_none),
            "the time is none from 1970 to 2199",
        ),
    ])
}

/// Returns the problem of a monitor's hours, if there is one.
pub fn hours_problem(record: &MonitorHoursRecord) -> RecordProblem {
    let counts = 1..=limits::MONITOR_HOURS_PER_LINE;
    let is_hour = |hour: i64| hour.checked_mul(HOUR_MS).is_some_and(is_moment);
    first_wrong([
        (is_label(&record.monitor), "the monitor has no name"),
        (counts.contains(&record.hours.len()), "there are no hours, or far too many"),
        (record.hours.iter().all(|numbers| is_hour(numbers[0])), "the time is none from 1970 to 2199"),
        (record.hours.iter().all(are_sums), "the numbers of an hour can't be"),
    ])
}

/// Returns true for numbers that an hour of checks may have. The time of an outage is taken back where this server's own network was
/// down, also of an hour that it was not counted in.
fn are_sums(numbers: &[i64; 8]) -> bool {
    let [_, checks, failures, answers, milliseconds, slowest, watched, down] = *numbers;
    [checks, failures, answers, milliseconds, slowest].into_iter().all(is_count)
        && failures.max(answers) <= checks
        && [watched, down].into_iter().all(|time| (-HOUR_MS..=HOUR_MS).contains(&time))
}

/// Returns the problem of an outage, if there is one.
pub fn outage_problem(outage: &OutageRecord) -> RecordProblem {
    let moments = [Some(outage.began_at), Some(outage.confirmed_at), outage.ended_at];
    let is_in_order = outage.began_at <= outage.confirmed_at
        && outage.ended_at.is_none_or(|ended_at| outage.began_at <= ended_at);
    first_wrong([
        (is_label(&outage.monitor), "the monitor has no name"),
        (moments.into_iter().all(is_moment_or_none), "the time is none from 1970 to 2199"),
        (is_in_order, "the outage ends before it begins"),
        (is_text(&outage.cause, limits::URL_BYTES_MAX), "the outage's cause is too long, or none"),
        (
            Network::from_name(&outage.network).name() == outage.network,
            "what the outage says of the network is none of the three answers",
        ),
    ])
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && is_text(label, limits::MONITOR_URL_BYTES_MAX)
}
