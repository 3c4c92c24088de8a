//! Limits of uptime: monitors, their checks and outages.

use std::time::Duration;

/// Monitors of one site.
pub const MONITORS_PER_SITE_MAX: usize = 10;
/// Characters of the name of a monitor.
pub const MONITOR_NAME_CHARS_MAX: usize = 60;
/// Bytes of the address of a monitor.
pub const MONITOR_URL_BYTES_MAX: usize = 2_000;
/// Characters of a text that must, or must not, be in the answer.
pub const MONITOR_TEXT_CHARS_MAX: usize = 200;
/// The shortest time between two checks of a monitor, in minutes …
pub const MONITOR_MINUTES_MIN: u32 = 1;
/// … and the longest.
pub const MONITOR_MINUTES_MAX: u32 = 60;
/// The shortest timeout of a check, in seconds …
pub const MONITOR_TIMEOUT_SECONDS_MIN: u32 = 1;
/// … and the longest, shorter than the shortest time between two checks.
pub const MONITOR_TIMEOUT_SECONDS_MAX: u32 = 30;
/// Failed checks in a row that make an outage.
pub const MONITOR_FAILURES_CONFIRMED: u32 = 3;
/// The pause after a failed check that is not confirmed yet.
pub const MONITOR_CHECKED_AGAIN: Duration = Duration::from_secs(20);
/// The tolerance for a check that begins late: a longer gap counts as time in which nobody looked.
pub const MONITOR_LATE: Duration = Duration::from_mins(1);
/// Monitors of other hosts that must all fail before this server's own network counts as down …
pub const MONITOR_REFERENCES_ASKED: usize = 2;
/// … and those from which they are chosen.
pub const MONITOR_REFERENCES_LISTED: usize = 10;
/// Threads that wait for the answers of monitored servers.
pub const MONITOR_THREADS: usize = 32;
/// Checks of one site's monitors that run at once, so that slow servers of one site leave threads to the others.
pub const MONITOR_CHECKS_PER_SITE_AT_ONCE: usize = 3;
/// Checks that wait for a thread.
pub const MONITOR_CHECKS_WAITING_MAX: usize = 1_000;
/// Bytes of an answer that are read, before and after decompression.
pub const MONITOR_BYTES_MAX: u64 = 1024 * 1024;
/// The time for which single checks are kept.
pub const MONITOR_CHECKS_KEPT: Duration = Duration::from_hours(7 * 24);
/// The time for which the sums of checks by hour, and ended outages, are kept.
pub const MONITOR_HOURS_KEPT: Duration = Duration::from_hours(2 * 366 * 24);
/// Hours of a monitor on one line of an exported site.
pub const MONITOR_HOURS_PER_LINE: usize = 168;
/// Outages that a report lists.
pub const OUTAGES_LISTED_MAX: usize = 1_000;
/// The pause between two checks of one monitor that a person asks for.
pub const MONITOR_CHECK_NOW_EVERY: Duration = Duration::from_secs(10);
