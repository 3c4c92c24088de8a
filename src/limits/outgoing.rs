//! Limits of what the program does by itself: tasks, letters on their way, pages of other servers.

use std::time::Duration;

/// Shortest time between two written runs of a task, unless one ended otherwise than before.
pub const TASK_NOTED_EVERY: Duration = Duration::from_mins(10);
/// Pause after which a failed task is tried again, where its next turn is later.
pub const TASK_TRIED_AGAIN: Duration = Duration::from_mins(10);
/// Longest exchange with the mail server.
pub const MAIL_WITHIN: Duration = Duration::from_secs(20);
/// Letters that are sent in one go.
pub const LETTERS_AT_ONCE: usize = 20;
/// The pause after a letter's first failed try; it doubles with each further one …
pub const LETTER_PAUSE: Duration = Duration::from_mins(1);
/// … up to this.
pub const LETTER_PAUSE_MAX: Duration = Duration::from_hours(3);
/// Time for which a letter is tried.
pub const LETTER_LASTS: Duration = Duration::from_hours(24);
/// Time for which it is remembered that a letter was given up.
pub const LETTER_GIVEN_UP_KEPT: Duration = Duration::from_hours(30 * 24);

/// Pages of other servers that are fetched at once.
pub const FETCHES_MAX: usize = 4;
/// Requesters who wait for a page to be fetched.
pub const FETCHES_WAITING_MAX: usize = 100;
/// Longest fetch of a page, all redirects included.
pub const FETCH_WITHIN: Duration = Duration::from_secs(10);
/// Redirects that are followed.
pub const FETCH_REDIRECTS_MAX: u32 = 5;
/// Bytes of a page that are looked at.
pub const FETCH_BYTES_MAX: u64 = 2 * 1024 * 1024;
