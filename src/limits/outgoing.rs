//! Limits of background work: tasks, outgoing letters, pages of other servers.

use std::time::Duration;

/// The shortest time between two stored runs of a task, unless the outcome changed.
pub const TASK_NOTED_EVERY: Duration = Duration::from_mins(10);
/// The pause after which a failed task is tried again, if its next run is later.
pub const TASK_TRIED_AGAIN: Duration = Duration::from_mins(10);
/// The timeout of an exchange with the mail server.
pub const MAIL_WITHIN: Duration = Duration::from_secs(20);
/// Letters that are sent in one run.
pub const LETTERS_AT_ONCE: usize = 20;
/// The pause after a letter's first failed try; it doubles with each further one …
pub const LETTER_PAUSE: Duration = Duration::from_mins(1);
/// … up to this.
pub const LETTER_PAUSE_MAX: Duration = Duration::from_hours(3);
/// The time for which the delivery of a letter is tried.
pub const LETTER_LASTS: Duration = Duration::from_hours(24);
/// The time for which an undeliverable letter is recorded.
pub const LETTER_GIVEN_UP_KEPT: Duration = Duration::from_hours(30 * 24);

/// Pages of other servers that are fetched at once.
pub const FETCHES_MAX: usize = 4;
/// Requests that wait for a page to be fetched.
pub const FETCHES_WAITING_MAX: usize = 100;
/// The timeout of fetching a page, including all redirects.
pub const FETCH_WITHIN: Duration = Duration::from_secs(10);
/// Redirects that are followed.
pub const FETCH_REDIRECTS_MAX: u32 = 5;
/// Bytes of a page that are read.
pub const FETCH_BYTES_MAX: u64 = 2 * 1024 * 1024;
