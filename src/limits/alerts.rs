//! Limits of alerts.

use std::time::Duration;

/// Alerts of a whole site; and own alerts of one person on one site.
pub const ALERTS_PER_SITE_MAX: usize = 50;
/// The time between two looks at what alerts watch.
pub const ALERTS_EVALUATED_EVERY: Duration = Duration::from_secs(20);
/// The largest threshold of an alert that is no amount of money.
pub const ALERT_THRESHOLD_MAX: i64 = 100_000_000;
/// The largest increase in percent that an alert on a spike takes.
pub const ALERT_PERCENT_MAX: i64 = 10_000;
/// Hours without a hit that an alert takes at most.
pub const ALERT_HOURS_MAX: i64 = 24 * 14;
/// Days before a certificate expires that an alert takes at most.
pub const ALERT_CERTIFICATE_DAYS_MAX: i64 = 60;
/// Days for which events of alerts are kept.
pub const ALERT_EVENTS_KEPT: Duration = Duration::from_hours(400 * 24);
/// Finished days of sites whose visits by hour are kept in memory for alerts.
pub const ALERT_DAYS_CACHED_MAX: usize = 40_000;
/// Hours that are judged again after the program did not run, at most: older ones are no news.
pub const ALERT_HOURS_JUDGED_MAX: usize = 3;
/// Conversions or new referring sites that one look tells of by name.
pub const ALERT_FINDINGS_MAX: usize = 10;
/// Referring sites that an alert judges in a day, or for “This would have fired”; smaller ones are not looked at.
pub const ALERT_REFERRERS_JUDGED_MAX: usize = 500;
/// Events of which a person is told by letters within an hour; the next letter says how many more there were.
pub const ALERT_EVENTS_MAILED_PER_HOUR_MAX: i64 = 20;
/// Days that “This would have fired” covers.
pub const ALERT_PREVIEW_DAYS: i32 = 30;
/// Events in a person's list of alerts.
pub const ALERT_EVENTS_LISTED: usize = 100;
/// Unseen events that the bell counts; more are shown with a plus.
pub const ALERT_BELL_MAX: usize = 99;
