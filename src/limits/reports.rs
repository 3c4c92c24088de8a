//! Limits of reports and queries.

use super::hits::URL_BYTES_MAX;
use std::time::Duration;

/// Changed visits of one site that are remembered for reports; above it, a report reads the day again.
pub const CHANGES_PER_SITE_MAX: usize = if cfg!(test) { 1_024 } else { 65_536 };
/// Changed visits of all sites that are remembered for reports.
pub const CHANGES_MAX: usize = 4 * CHANGES_PER_SITE_MAX;
/// Unread changes of one site at which a live day is brought up to date in the background: the rest takes a
/// query a few milliseconds.
pub const CHANGES_WAITING_MAX: usize = 200;
/// The time after a query of a live day for which the day is kept up to date in the background.
pub const DAY_KEPT_UP_FOR: Duration = Duration::from_hours(1);
/// Sites whose changed visits are remembered at once.
pub const SITES_WATCHED_MAX: usize = 2_000;
/// Rows of a column above which its sums by key are stored with it.
pub const SUMMED_ROWS_MIN: usize = if cfg!(test) { 4 } else { 4_096 };
/// Visits up to which a block of sealed days is stored as one part; days of small sites are merged into months
/// and years while these have no more. (Unit tests use few visits to cover all cases.)
pub const WHOLE_VISITS_MAX: usize = if cfg!(test) { 6 } else { 5_000 };
/// Visits from which a query is counted on all processors.
pub const VISITS_PER_LANE: usize = if cfg!(test) { 12 } else { 50_000 };
/// Items that a report counts in memory; above it, they are written to temporary partitions.
pub const ITEMS_COUNTED_MAX: usize = if cfg!(test) { 6 } else { 114_000 };
/// Partitions of items written to disk; one that does not fit into memory is partitioned again.
pub const SPILL_PARTS: usize = if cfg!(test) { 4 } else { 256 };
/// Bytes of each partition that are written at a time.
pub const SPILL_BUFFER_BYTES: usize = if cfg!(test) { 32 } else { 16 * 1024 };
/// Bytes of the disk that reports leave free when they write temporary files: hits need them.
pub const SPILL_FREE_BYTES_MIN: u64 = 256 * 1024 * 1024;
/// Bytes of rows that a sort collects before it writes them to disk.
pub const SORT_BYTES_MAX: usize = if cfg!(test) { 512 } else { 16 * 1024 * 1024 };
/// Sorted runs that are merged at a time; above it, some are merged into one first.
pub const SORT_RUNS_MAX: usize = if cfg!(test) { 3 } else { 256 };
/// Bytes of a sorted run that are written, and read again, at a time.
pub const SORT_CHUNK_BYTES: usize = if cfg!(test) { 64 } else { 16 * 1024 };
/// Items of a report that are held in memory for one of its pages; for later pages they are sorted on disk.
pub const PAGE_ITEMS_MAX: usize = if cfg!(test) { 9 } else { 25_000 };
/// Items of a report with the same count that are sorted by their texts; above it, they are sorted by a hash of
/// the text, so that a page of fifty does not read millions of texts.
pub const TIES_SORTED_MAX: usize = if cfg!(test) { 3 } else { 50_000 };
/// Visitors of a report that can be searched and sorted by name: the latest visit of each is read for it.
pub const VISITORS_NAMED_MAX: usize = if cfg!(test) { 4 } else { 50_000 };
/// Bytes of blocks that one transaction of the sealing writes.
pub const SEAL_SLICE_BYTES: usize = 512 * 1024;
/// Blocks of days that are loaded ahead of the scan, for each processor.
pub const BLOCKS_AHEAD: usize = 4;
/// Bytes of columns that reports hold in memory, both decoded ones and those built from rows. The largest live
/// day comes on top, however large it is, while it is queried.
pub const COLUMNS_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of cached columns that one request replaces when the cache is full: a request that needs more than
/// fits finds as much as possible of it the next time.
pub const COLUMNS_REPLACED_BYTES_MAX: u64 = COLUMNS_BYTES_MAX / 8;
/// Bytes up to which a column is small: it is cached whatever was replaced, since locating it in the file costs
/// more than reading it.
pub const COLUMN_SMALL_BYTES_MAX: u64 = 4 * 1024;
/// Bytes of the cache reserved for decoded columns, whatever built days take.
pub const DECODED_BYTES_MIN: u64 = COLUMNS_BYTES_MAX / 4;

/// Filters of one query.
pub const CONDITIONS_MAX: usize = 20;
/// Values of one filter.
pub const CONDITION_VALUES_MAX: usize = 100;
/// Bytes of a filter's value: the address of a page.
pub const CONDITION_BYTES_MAX: usize = URL_BYTES_MAX;
/// Bytes of all filters of one query in an address. There is room for the longest value with each of its bytes
/// encoded as three, so that every row can be chosen as a filter.
pub const CONDITIONS_BYTES_MAX: usize = 3 * CONDITION_BYTES_MAX + 1_024;
/// Bytes of stored filters that are read. Filters stored today have at most `CONDITIONS_BYTES_MAX` bytes.
pub const SEGMENT_BYTES_MAX: usize = 16 * 1024;
/// Bytes of the query that the links of a page repeat: the filters, and as much of everything else.
pub const ADDRESS_BYTES_MAX: usize = 2 * CONDITIONS_BYTES_MAX;
/// Bytes that the rows of a page repeat, if each had one link; most have five. Fewer rows are shown if the
/// address is long.
pub const CARRIED_BYTES_MAX: usize = 512 * 1024;
/// Characters of the name of a segment.
pub const SEGMENT_NAME_CHARS_MAX: usize = 60;
/// Site-wide segments of one site.
pub const SEGMENTS_PER_SITE_MAX: i64 = 100;
/// Segments of one user on one site.
pub const SEGMENTS_PER_USER_MAX: i64 = 50;

/// Rows of a list on one page, if the address does not set them.
pub const PAGE_ROWS: u32 = 50;
/// The largest number of rows of a list on one page.
pub const PAGE_ROWS_MAX: u32 = 1_000;
/// Rows of a list that are exported at a time.
pub const EXPORT_SLICE_ROWS: u32 = 2_000;
/// Items of the second report in the exported file of a breakdown: the most frequent ones.
pub const BREAKDOWN_EXPORT_COLUMNS_MAX: u32 = 200;
/// Days of a date range.
pub const RANGE_DAYS_MAX: i32 = 3_700;
