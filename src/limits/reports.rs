//! Limits of reports and of the questions that people ask them.

use super::URL_BYTES_MAX;
use std::time::Duration;

/// Changed visits of one site that are remembered for reports; beyond that a report reads the day anew.
pub const CHANGES_PER_SITE_MAX: usize = if cfg!(test) { 1_024 } else { 65_536 };
/// Changed visits of all sites that are remembered for reports.
pub const CHANGES_MAX: usize = 4 * CHANGES_PER_SITE_MAX;
/// Changes of one site that wait to be read until a day that somebody looks at is brought up to date in the background: what
/// is left for a question takes a few milliseconds.
pub const CHANGES_WAITING_MAX: usize = 200;
/// Time after a question about a day that goes on for which the day is kept up to date in the background.
pub const DAY_KEPT_UP_FOR: Duration = Duration::from_hours(1);
/// Sites whose changed visits are remembered at once.
pub const SITES_WATCHED_MAX: usize = 2_000;
/// Rows of a column from which on its sums by key are kept beside it.
pub const SUMMED_ROWS_MIN: usize = if cfg!(test) { 4 } else { 4_096 };
/// Visits up to which a stretch of sealed days is stored in one piece; days of small sites are merged into months and
/// years as long as these have no more. (In unit tests few visits shall go all ways.)
pub const WHOLE_VISITS_MAX: usize = if cfg!(test) { 6 } else { 5_000 };
/// Visits from which on a question is counted on all processors.
pub const VISITS_PER_LANE: usize = if cfg!(test) { 12 } else { 50_000 };
/// Items that a report counts in memory: where there are more, they are written aside in parts.
pub const ITEMS_COUNTED_MAX: usize = if cfg!(test) { 6 } else { 114_000 };
/// Parts in which items are written aside; one of more items than fit into memory is parted again.
pub const SPILL_PARTS: usize = if cfg!(test) { 4 } else { 256 };
/// Bytes of each part that are written aside at a time.
pub const SPILL_BUFFER_BYTES: usize = if cfg!(test) { 32 } else { 16 * 1024 };
/// Bytes of the disk that reports leave free when they write items aside: hits need them.
pub const SPILL_FREE_BYTES_MIN: u64 = 256 * 1024 * 1024;
/// Bytes of rows that a sort collects before it writes them aside.
pub const SORT_BYTES_MAX: usize = if cfg!(test) { 512 } else { 16 * 1024 * 1024 };
/// Sorted runs that are merged at a time; more of them are made one first.
pub const SORT_RUNS_MAX: usize = if cfg!(test) { 3 } else { 256 };
/// Bytes of a sorted run that are written aside, and read again, at a time.
pub const SORT_CHUNK_BYTES: usize = if cfg!(test) { 64 } else { 16 * 1024 };
/// Items of a report that are kept in memory for one of its pages; for pages further down they are sorted aside.
pub const PAGE_ITEMS_MAX: usize = if cfg!(test) { 9 } else { 25_000 };
/// Items of a report that share a count and are sorted by their texts; more of them are sorted by a hash of
/// the text, so that nobody reads millions of texts for a page of fifty.
pub const TIES_SORTED_MAX: usize = if cfg!(test) { 3 } else { 50_000 };
/// Visitors of a report that can be searched and sorted by what they are called: each one's newest visit is read for it.
pub const VISITORS_NAMED_MAX: usize = if cfg!(test) { 4 } else { 50_000 };
/// Bytes of blocks that one transaction of the sealing writes.
pub const SEAL_SLICE_BYTES: usize = 512 * 1024;
/// Stretches of days that have loaded but not been looked at yet, for each processor.
pub const STRETCHES_AHEAD: usize = 4;
/// Bytes of columns that reports keep in memory, decoded ones and those of days that were built from the rows. The
/// largest day that goes on comes on top, however large it is, while somebody looks at it.
pub const COLUMNS_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of columns that one request puts in the place of others, where there is no room left: what needs more
/// than there is room for finds as much of it as possible the next time.
pub const COLUMNS_REPLACED_BYTES_MAX: u64 = COLUMNS_BYTES_MAX / 8;
/// Bytes up to which a column is small: it is kept whatever was replaced, since finding it costs more than reading it.
pub const COLUMN_SMALL_BYTES_MAX: u64 = 4 * 1024;
/// Bytes of these that decoded columns have for themselves, whatever days that were built take.
pub const DECODED_BYTES_MIN: u64 = COLUMNS_BYTES_MAX / 4;

/// Conditions that one question may have.
pub const CONDITIONS_MAX: usize = 20;
/// Values that one condition may name.
pub const CONDITION_VALUES_MAX: usize = 100;
/// Longest value of a condition: an address of a page.
pub const CONDITION_BYTES_MAX: usize = URL_BYTES_MAX;
/// Longest text of all conditions of one question, as an address has them. Room for the longest value, each of its bytes
/// written as three: whatever a row says can be chosen.
pub const CONDITIONS_BYTES_MAX: usize = 3 * CONDITION_BYTES_MAX + 1_024;
/// Longest text of conditions that are read where they were kept. What is kept now is no longer than
/// `CONDITIONS_BYTES_MAX`.
pub const SEGMENT_BYTES_MAX: usize = 16 * 1024;
/// Longest text that the links of a page carry along: conditions, and as much of everything else.
pub const ADDRESS_BYTES_MAX: usize = 2 * CONDITIONS_BYTES_MAX;
/// Bytes that the rows of a page carry along, if each had one link; most have five. Fewer rows are shown where the address
/// is long.
pub const CARRIED_BYTES_MAX: usize = 512 * 1024;
/// Characters of the name of a segment.
pub const SEGMENT_NAME_CHARS_MAX: usize = 60;
/// Segments of everybody, of one site.
pub const SEGMENTS_PER_SITE_MAX: i64 = 100;
/// Segments of one person, of one site.
pub const SEGMENTS_PER_USER_MAX: i64 = 50;

/// Rows of a list on one page, when the address does not say.
pub const PAGE_ROWS: u32 = 50;
/// Rows of a list on one page at most.
pub const PAGE_ROWS_MAX: u32 = 1_000;
/// Rows of a list that are exported in one go.
pub const EXPORT_SLICE_ROWS: u32 = 2_000;
/// Items of the second report that the file of a breakdown tells of: the most frequent ones.
pub const BREAKDOWN_EXPORT_COLUMNS_MAX: u32 = 200;
/// Days of a range at most.
pub const RANGE_DAYS_MAX: i32 = 3_700;
