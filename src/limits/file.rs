//! Limits of the data file: its writer and readers, copies and backups, deletion, import and export.

use std::time::Duration;

/// Jobs waiting for the writer; a further one is answered 503.
pub const QUEUE_JOBS_MAX: usize = 8_192;
/// Jobs written in one transaction.
pub const BATCH_JOBS_MAX: usize = 1_024;
/// Pause before the log repeats a line about the same cause.
pub const LOG_LINE_EVERY: Duration = Duration::from_mins(1);
/// Causes of such lines that are told apart in that time.
pub const LOG_CAUSES_MAX: usize = 500;
/// Time for which a successful write proves that more can be written; after it, `/healthz` tries one.
pub const HEALTH_HOLDS: Duration = Duration::from_secs(10);
/// Time for which a failed write proves that none can be written.
pub const FAULT_HOLDS: Duration = Duration::from_secs(1);
/// Time for which a request of `/healthz` waits for such a try.
pub const HEALTH_WITHIN: Duration = Duration::from_secs(5);
/// Time that a full queue asks its callers to wait.
pub const BUSY_RETRY_AFTER: Duration = Duration::from_secs(2);
/// Frames in the write-ahead log after which a checkpoint runs beside the writer (4 KiB each: 8 MiB).
pub const CHECKPOINT_FRAMES: i64 = 2_000;
/// Frames in the write-ahead log after which the writer itself waits for a checkpoint (64 MiB).
pub const WAL_FRAMES_MAX: i64 = 16_000;
/// Reading connections.
pub const READERS_MAX: u32 = 4;
/// Guests whose questions are answered at once: the other readers are left for everybody else.
pub const GUESTS_ASKING_MAX: usize = 2;
/// Guests who wait for their turn.
pub const GUESTS_WAITING_MAX: usize = 1_000;
/// Page cache of the writing connection.
pub const WRITER_CACHE_KIB: i64 = 24 * 1024;
/// Page cache of one reading connection.
pub const READER_CACHE_KIB: i64 = 4 * 1024;
/// Links that are followed from the name of a data file to the file.
pub const LINKS_FOLLOWED_MAX: usize = 40;
/// Pages of the file that are copied before the copy checks whether it may go on (4 KiB each: 4 MiB).
pub const COPY_PAGES_PER_STEP: i32 = 1_000;
/// Bytes that the write-ahead log may grow to while a copy of the file is made, since the log can't begin
/// anew before the copy ends; at this size the copy is given up.
pub const COPY_LOG_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of the write-ahead log from which on it is truncated after a copy: it does not shrink by itself.
pub const COPY_LOG_BYTES_CUT: u64 = 2 * 4_096 * WAL_FRAMES_MAX.unsigned_abs();
/// Steps of SQLite's machine between two checks whether a copy that is being verified is still needed.
pub const COPY_OPERATIONS_PER_LOOK: i32 = 100_000;
/// Backups that may be kept in one folder.
pub const BACKUPS_KEPT_MAX: usize = 10_000;
/// Shortest time between two backups of `serve`.
pub const BACKUP_EVERY_MIN: Duration = Duration::from_mins(1);
/// Longest time between two backups of `serve`.
pub const BACKUP_EVERY_MAX: Duration = Duration::from_hours(366 * 24);
/// Time that a command waits for another process that is writing.
pub const FILE_WAIT: Duration = Duration::from_secs(10);
/// Steps of SQLite's machine between two looks whether somebody still waits for the answer.
pub const READ_OPERATIONS_PER_LOOK: i32 = 10_000;
/// Time for a screen; then it is answered with a sentence that says what to narrow. Files have no deadline.
pub const SCREEN_WITHIN: Duration = Duration::from_secs(10);
/// Time that a request waits for a reading connection, and a guest for a turn.
pub const READER_WAIT: Duration = Duration::from_secs(2);
/// The pause between two slices of a long deletion: longer than a waiting writer sleeps, so that it gets its turn.
pub const DELETE_PAUSE: Duration = Duration::from_millis(120);
/// Rows that one transaction of a long deletion takes.
pub const DELETE_ROWS_PER_SLICE: usize = 5_000;
/// Numbers of texts that are looked at in one go where an older file's pages get their form.
pub const FORMED_LABELS: i64 = 10_000;
/// Newest visits of a site among whose landing pages one on its domain is looked for, where an older file is read.
pub const ORIGIN_VISITS_MAX: i64 = 100;

/// Visits of one visitor that one transaction erases.
pub const ERASE_VISITS_PER_SLICE: usize = 100;
/// Visits that one slice of a visitor's export holds.
pub const PERSON_SLICE_VISITS: usize = 50;
/// Shortest text that is taken for a person's where it is a part of a filter, or a part of it is one.
pub const NAMING_BYTES_MIN: usize = 4;
/// Time that truncating the log waits for its readers: others can't write meanwhile.
pub const LOG_WAIT: Duration = Duration::from_millis(100);
/// Tries of a command to truncate the log before it leaves that to the server.
pub const LOG_TRIES: u32 = 20;
/// Passes over all rows for unused texts, when an import comes between.
pub const MARK_TRIES: u32 = 3;
/// Counts of a day that is to be dropped, when something comes between.
pub const COUNT_TRIES: u32 = 3;
/// Days that visits may be kept at most, where they are not kept for good.
pub const VISITS_KEPT_DAYS_MAX: i64 = 3_650;
/// Bytes at a file's beginning, of the text inside where it is compressed, by which an import knows it again.
pub const IMPORT_HEAD_BYTES: usize = 64 * 1024;
/// Longest line of hits or of a web server's log that is imported.
pub const IMPORT_LINE_BYTES_MAX: usize = 64 * 1024;
/// Longest line of an exported site: a visit with a thousand long addresses.
pub const IMPORT_VISIT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Lines at a file's beginning by which its format is told.
pub const IMPORT_LINES_TRIED: usize = 100;
/// One bad line of so many stops an import before anything is written …
pub const IMPORT_BAD_ONE_OF: u64 = 100;
/// … when there are at least so many.
pub const IMPORT_BAD_MIN: u64 = 10;
/// Bad lines that an import names.
pub const IMPORT_BAD_TOLD: usize = 20;
/// Lines that are read ahead of those that are written, by so many at a time …
pub const IMPORT_BATCH_LINES: usize = 256;
/// … and so often.
pub const IMPORT_BATCHES_AHEAD: usize = 64;
/// Bytes of an exported site's lines that are read ahead of those that are written, by so many at a time …
pub const IMPORT_VISIT_BATCH_BYTES: usize = 64 * 1024;
/// … and so often.
pub const IMPORT_VISIT_BATCHES_AHEAD: usize = 4;
/// Hosts that are not the site's, of which an import counts lines by name …
pub const IMPORT_HOSTS_MAX: usize = 1_000;
/// … and of which it names those with the most lines.
pub const IMPORT_HOSTS_TOLD: usize = 20;
/// Length of the periods by which imported lines are known, in milliseconds.
pub const IMPORT_PERIOD_MS: i64 = 10 * 60 * 1_000;
/// Hits of one such period that a file may have: they are held in memory, up to 40 bytes each.
pub const IMPORT_PERIOD_LINES_MAX: usize = 4_000_000;
/// Time for which lines that were imported are known, since they were seen last …
pub const IMPORT_LINES_KEPT: Duration = Duration::from_hours(40 * 24);
/// … which is written down once in so long.
pub const IMPORT_LINE_SEEN_EVERY: Duration = Duration::from_hours(24);
/// Lists of such lines that one transaction forgets.
pub const IMPORT_LINE_ROWS_PER_SLICE: i64 = 500;
/// Imported lines that a line of an exported site holds.
pub const EXPORT_LINES: usize = 50_000;
/// Memory for the lines of a file that is not in the order of time; what goes beyond it is sorted in temporary files.
pub const IMPORT_SORT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Temporary files of such a sort; so many become one.
pub const IMPORT_SORT_RUNS_MAX: usize = 128;
/// Length of one transaction of an import while a server runs on the same file.
pub const IMPORT_SLICE: Duration = Duration::from_millis(15);
/// Length of one transaction of an import that has the file for itself.
pub const IMPORT_SLICE_ALONE: Duration = Duration::from_millis(200);
/// Time between two pauses of such an import, so that a process that comes meanwhile gets a turn.
pub const IMPORT_PAUSE_EVERY: Duration = Duration::from_secs(2);
/// Time for which a stopped import may be taken up again with the salts that it made, and no visit of half a
/// site is dropped.
pub const IMPORT_WITHIN: Duration = Duration::from_hours(24);
/// Numbers of sites of an exported site's file are below this: what the numbers of JSON hold exactly.
pub const SITE_ID_END: i64 = 1 << 53;
/// The last moment that such a file may name: the beginning of the year 2200.
pub const FILE_MOMENT_MAX: i64 = FILE_DAY_MAX as i64 * 24 * 3_600_000;
/// The day of that moment, in days since 1970.
pub const FILE_DAY_MAX: i32 = 84_006;
/// The largest count or sum of such a file: so many days of it still add up.
pub const FILE_COUNT_MAX: i64 = 1 << 40;
/// The largest file that such a file may say was imported.
pub const FILE_BYTES_MAX: i64 = 1 << 53;
/// Longest name of a file that it may say was imported.
pub const FILE_NAME_BYTES_MAX: usize = 1_024;
/// Longest list of names of reports and the like.
pub const FILE_NAMES_BYTES_MAX: usize = 4_096;
/// Revenue of a goal stays below this.
pub const REVENUE_MAX: f64 = 1e12;
/// Pixels from a page's edge at which a click may be.
pub const HEATMAP_PIXELS_MAX: i64 = 100_000;
/// Visits that are exported in one go.
pub const EXPORT_VISITS: i64 = 2_000;
/// Visits that a demo may have.
pub const DEMO_VISITS_MAX: u64 = 20_000_000;
