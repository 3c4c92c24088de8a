//! Limits of the data file: its writer and readers, copies and backups, deletion, import and export.

use std::time::Duration;

/// Jobs waiting for the writer; one more is answered 503.
pub const QUEUE_JOBS_MAX: usize = 8_192;
/// Beacons of clicks waiting for the writer; one more is answered 503.
pub const QUEUE_CLICKS_MAX: usize = 1_024;
/// Beacons of clicks written in one transaction, for which hits wait at most.
pub const BATCH_CLICKS_MAX: usize = 64;
/// The time for which the first of them waits for others, so that a transaction has several.
pub const CLICKS_GATHERED: Duration = Duration::from_millis(20);
/// Hits of batches that wait for the writer or are being written; a batch that does not fit is answered 503.
pub const QUEUE_BATCH_HITS_MAX: usize = 32_000;
/// Hits of batches in one transaction, at which no further job joins it: other hits wait as long as these take.
pub const TRANSACTION_BATCH_HITS_MAX: usize = 4_000;
/// Jobs written in one transaction.
pub const BATCH_JOBS_MAX: usize = 1_024;
/// The time within which readers in use are closed when the program ends …
pub const READERS_CLOSED_WITHIN: Duration = Duration::from_secs(2);
/// … and the pause between two looks at those that came back.
pub const READERS_CLOSED_EVERY: Duration = Duration::from_millis(10);
/// The pause before the log repeats a line about the same cause.
pub const LOG_LINE_EVERY: Duration = Duration::from_mins(1);
/// Causes of such lines that are distinguished in that time.
pub const LOG_CAUSES_MAX: usize = 500;
/// The time for which a successful write proves that the file is writable; after it, `/healthz` tries a write.
pub const HEALTH_HOLDS: Duration = Duration::from_secs(10);
/// The time for which a failed write proves that the file is not writable.
pub const FAULT_HOLDS: Duration = Duration::from_secs(1);
/// The time for which a request of `/healthz` waits for such a try.
pub const HEALTH_WITHIN: Duration = Duration::from_secs(5);
/// The time in the `Retry-After` of a full queue.
pub const BUSY_RETRY_AFTER: Duration = Duration::from_secs(2);
/// Frames in the write-ahead log after which a checkpoint runs beside the writer (4 KiB each: 8 MiB).
pub const CHECKPOINT_FRAMES: i64 = 2_000;
/// Frames in the write-ahead log after which the writer itself waits for a checkpoint (64 MiB).
pub const WAL_FRAMES_MAX: i64 = 16_000;
/// Connections for reading.
pub const READERS_MAX: u32 = 4;
/// Guests who read at once; the other readers are reserved for users.
pub const GUESTS_ASKING_MAX: usize = 2;
/// Guests who wait for a permit to read.
pub const GUESTS_WAITING_MAX: usize = 1_000;
/// The page cache of the writing connection, in KiB.
pub const WRITER_CACHE_KIB: i64 = 24 * 1024;
/// The page cache of one reading connection, in KiB.
pub const READER_CACHE_KIB: i64 = 4 * 1024;
/// Symbolic links that are followed from the path of a data file to the file.
pub const LINKS_FOLLOWED_MAX: usize = 40;
/// Pages of the file that are copied before the copy checks for cancellation (4 KiB each: 4 MiB).
pub const COPY_PAGES_PER_STEP: i32 = 1_000;
/// Bytes of the write-ahead log while a copy of the file is made, since the log cannot restart before the copy
/// ends; at this size the copy is given up.
pub const COPY_LOG_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of the write-ahead log above which it is truncated after a copy: it does not shrink by itself.
pub const COPY_LOG_BYTES_CUT: u64 = 2 * 4_096 * WAL_FRAMES_MAX.unsigned_abs();
/// Instructions of SQLite's virtual machine between two checks for cancellation while a copy is verified.
pub const COPY_OPERATIONS_PER_LOOK: i32 = 100_000;
/// Backups in one folder.
pub const BACKUPS_KEPT_MAX: usize = 10_000;
/// The shortest time between two backups of `serve`.
pub const BACKUP_EVERY_MIN: Duration = Duration::from_mins(1);
/// The longest time between two backups of `serve`.
pub const BACKUP_EVERY_MAX: Duration = Duration::from_hours(366 * 24);
/// The time for which a connection waits for another process that is writing.
pub const FILE_WAIT: Duration = Duration::from_secs(10);
/// Instructions of SQLite's virtual machine between two checks whether a query is cancelled.
pub const READ_OPERATIONS_PER_LOOK: i32 = 10_000;
/// The deadline of a screen, after which the response says what to narrow. Files have no deadline.
pub const SCREEN_WITHIN: Duration = Duration::from_secs(10);
/// The time for which a request waits for a reading connection, and a guest for a permit.
pub const READER_WAIT: Duration = Duration::from_secs(2);
/// The pause between two slices of a long deletion: longer than a waiting writer sleeps, so that it gets its
/// turn.
pub const DELETE_PAUSE: Duration = Duration::from_millis(120);
/// Rows that one transaction of a long deletion deletes.
pub const DELETE_ROWS_PER_SLICE: usize = 5_000;
/// Numbers of texts that are looked at in one go where an older file's pages get their form.
pub const FORMED_LABELS: i64 = 10_000;
/// Newest visits of a site among whose landing pages one on its domain is looked for, where an older file is read.
pub const ORIGIN_VISITS_MAX: i64 = 100;

/// Visits of one visitor that one transaction erases.
pub const ERASE_VISITS_PER_SLICE: usize = 100;
/// Visits in one slice of a visitor's export.
pub const PERSON_SLICE_VISITS: u32 = 50;
/// The least number of bytes of a text that counts as a visitor's when it is a part of a filter, or a part of
/// the text is one.
pub const NAMING_BYTES_MIN: usize = 4;
/// The time for which truncating the log waits for its readers; other processes cannot write meanwhile.
pub const LOG_WAIT: Duration = Duration::from_millis(100);
/// Tries of a command to truncate the log before it leaves that to the server.
pub const LOG_TRIES: u32 = 20;
/// Passes over all rows for unused labels, if an import interferes.
pub const MARK_TRIES: u32 = 3;
/// Counts of a day that is to be pruned, if a change interferes.
pub const COUNT_TRIES: u32 = 3;
/// The longest retention of visits in days, unless it is unlimited.
pub const VISITS_KEPT_DAYS_MAX: i64 = 3_650;
/// Bytes at a file's beginning (decompressed) by which an import recognises it.
pub const IMPORT_HEAD_BYTES: usize = 64 * 1024;
/// Bytes of a line of hits or of a web server's log.
pub const IMPORT_LINE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a line of an exported site: a visit with a thousand long addresses.
pub const IMPORT_VISIT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Lines at a file's beginning by which its format is recognised.
pub const IMPORT_LINES_TRIED: usize = 100;
/// The ratio of bad lines, one of this many, that stops an import before anything is written …
pub const IMPORT_BAD_ONE_OF: u64 = 100;
/// … if there are at least this many bad lines.
pub const IMPORT_BAD_MIN: u64 = 10;
/// Bad lines that an import reports.
pub const IMPORT_BAD_TOLD: usize = 20;
/// Lines in one batch that is read ahead of the writing …
pub const IMPORT_BATCH_LINES: usize = 256;
/// … and the number of such batches.
pub const IMPORT_BATCHES_AHEAD: usize = 64;
/// Bytes of an exported site's lines that are read ahead of those that are written, by so many and one further line at a
/// time …
pub const IMPORT_VISIT_BATCH_BYTES: usize = 64 * 1024;
/// … and so often.
pub const IMPORT_VISIT_BATCHES_AHEAD: usize = 4;
/// Hosts that are not the site's, of which an import counts lines by name …
pub const IMPORT_HOSTS_MAX: usize = 1_000;
/// … and the number of those reported, by most lines.
pub const IMPORT_HOSTS_TOLD: usize = 20;
/// The length of the periods by which imported lines are recognised, in milliseconds.
pub const IMPORT_PERIOD_MS: i64 = 10 * 60 * 1_000;
/// Hits of one such period in a file: they are held in memory, up to 40 bytes each.
pub const IMPORT_PERIOD_LINES_MAX: usize = 4_000_000;
/// The time for which imported lines are recognised since they were met last …
pub const IMPORT_LINES_KEPT: Duration = Duration::from_hours(40 * 24);
/// … and the shortest time between two updates of it.
pub const IMPORT_LINE_SEEN_EVERY: Duration = Duration::from_hours(24);
/// Lists of such lines that one transaction deletes.
pub const IMPORT_LINE_ROWS_PER_SLICE: i64 = 500;
/// Imported lines in one line of an exported site.
pub const EXPORT_LINES: usize = 50_000;
/// Bytes of memory for the lines of a file that is not ordered by time; the excess is sorted in temporary
/// files.
pub const IMPORT_SORT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Temporary files of such a sort; at this number they are merged into one.
pub const IMPORT_SORT_RUNS_MAX: usize = 128;
/// The length of one transaction of an import while a server runs on the same file.
pub const IMPORT_SLICE: Duration = Duration::from_millis(15);
/// The length of one transaction of an import that has the file for itself.
pub const IMPORT_SLICE_ALONE: Duration = Duration::from_millis(200);
/// The time between two pauses of such an import, so that a new process gets a turn.
pub const IMPORT_PAUSE_EVERY: Duration = Duration::from_secs(2);
/// The time within which a stopped import may be continued with the salts that it created, and in which no
/// visits of its site are pruned.
pub const IMPORT_WITHIN: Duration = Duration::from_hours(24);
/// The bound above all site IDs in an exported site's file: JSON's numbers are exact below it.
pub const SITE_ID_END: i64 = 1 << 53;
/// The last time that such a file may contain, in milliseconds since 1970: the beginning of the year 2200.
pub const FILE_MOMENT_MAX: i64 = FILE_DAY_MAX as i64 * 24 * 3_600_000;
/// The day of that time, in days since 1970.
pub const FILE_DAY_MAX: i32 = 84_006;
/// The largest count or sum in such a file: so many days of it still add up.
pub const FILE_COUNT_MAX: i64 = 1 << 40;
/// The largest size of an imported file that such a file may state, in bytes.
pub const FILE_BYTES_MAX: i64 = 1 << 53;
/// Bytes of the name of an imported file that it may state.
pub const FILE_NAME_BYTES_MAX: usize = 1_024;
/// Bytes of a list of names, such as reports.
pub const FILE_NAMES_BYTES_MAX: usize = 4_096;
/// Pixels between a page's edge and a click.
pub const HEATMAP_PIXELS_MAX: i64 = 100_000;
/// Visits that are exported at a time.
pub const EXPORT_VISITS: i64 = 2_000;
/// Visits of a demo.
pub const DEMO_VISITS_MAX: u64 = 20_000_000;
