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

/// Webhooks of a site.
pub const WEBHOOKS_PER_SITE_MAX: usize = 10;
/// Characters of a webhook's name.
pub const WEBHOOK_NAME_CHARS_MAX: usize = 60;
/// Characters of a webhook's address.
pub const WEBHOOK_URL_CHARS_MAX: usize = 1_000;
/// Messages that are sent to webhooks in one run, each to another webhook.
pub const WEBHOOK_MESSAGES_AT_ONCE: usize = 8;
/// The timeout of a message to a webhook.
pub const WEBHOOK_WITHIN: Duration = Duration::from_secs(10);
/// The time for which the task leaves a message to the person who waits for its answer.
pub const WEBHOOK_LEFT_TO_CALLER: Duration = Duration::from_mins(1);
/// Bytes of a webhook's answer that are read.
pub const WEBHOOK_ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// Characters of a webhook's answer that are shown.
pub const WEBHOOK_ANSWER_CHARS_MAX: usize = 300;
/// Tries of a message to a webhook, over 28 hours.
pub const WEBHOOK_TRIES_MAX: u32 = 10;
/// The pause after a message's first failed try; each further one is four times as long …
pub const WEBHOOK_PAUSE: Duration = Duration::from_secs(10);
/// … up to this.
pub const WEBHOOK_PAUSE_MAX: Duration = Duration::from_hours(8);
/// The time for which an old secret of a webhook signs beside the new one.
pub const WEBHOOK_OLD_SECRET_LASTS: Duration = Duration::from_hours(24);
/// The time for which delivered and given-up messages are shown.
pub const WEBHOOK_DELIVERY_KEPT: Duration = Duration::from_hours(30 * 24);
/// Finished messages that are kept for a webhook.
pub const WEBHOOK_DELIVERIES_KEPT: usize = 200;
/// Messages that the screen lists.
pub const WEBHOOK_DELIVERIES_SHOWN: usize = 50;
/// The hour of the morning, in the site's time zone, at which e-mail reports are sent.
pub const DIGEST_HOUR: i8 = 7;
/// E-mail reports of one user.
pub const DIGESTS_PER_USER_MAX: usize = 20;
/// Sites of one e-mail report.
pub const DIGEST_SITES_MAX: usize = 20;
/// E-mail reports of one site to addresses outside.
pub const OUTSIDE_DIGESTS_PER_SITE_MAX: usize = 50;
/// Rows of a list in an e-mail report.
pub const DIGEST_ROWS: u32 = 5;
/// Annotations in an e-mail report, for each site.
pub const DIGEST_ANNOTATIONS_MAX: usize = 10;
/// The least change, in visits or views, that an e-mail report names as one of the largest.
pub const DIGEST_MOVER_MIN: i64 = 5;
/// Sent periods that are remembered for each e-mail report.
pub const DIGEST_PERIODS_KEPT: u32 = 400;
/// The time within which an outside address confirms that it wants a report.
pub const DIGEST_CONFIRMED_WITHIN: Duration = Duration::from_hours(14 * 24);
