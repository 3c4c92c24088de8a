//! Limits of reports and queries.

use super::hits::URL_BYTES_MAX;
use std::time::Duration;

/// The limits that are handed down, so that tests can set them lower.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Changed visits of one site that are remembered for reports.
    pub changes_per_site_max: usize,
    /// The limits of the engine.
    pub engine: EngineLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { changes_per_site_max: CHANGES_PER_SITE_MAX, engine: EngineLimits::default() }
    }
}

/// The limits of the engine that tests set lower, so that few visits cover all cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Rows of a column above which its sums by key are stored with it.
    pub summed_rows_min: usize,
    /// Visits up to which a block of sealed days is stored as one part; days of small sites are merged into months
    /// and years while these have no more.
    pub whole_visits_max: usize,
    /// Visits from which a query is counted on all processors.
    pub visits_per_lane: usize,
    /// Items that a report counts in memory; above it, they are written to temporary partitions.
    pub items_counted_max: usize,
    /// Partitions of items written to disk; one that does not fit into memory is partitioned again.
    pub spill_parts: usize,
    /// Bytes of each partition that are written at a time.
    pub spill_buffer_bytes: usize,
    /// Bytes of rows that a sort collects before it writes them to disk.
    pub sort_bytes_max: usize,
    /// Sorted runs that are merged at a time; above it, some are merged into one first.
    pub sort_runs_max: usize,
    /// Bytes of a sorted run that are written, and read again, at a time.
    pub sort_chunk_bytes: usize,
    /// Items of a report that are held in memory for one of its pages; for later pages they are sorted on disk.
    pub page_items_max: usize,
    /// Items of a report with the same count that are sorted by their texts; above it, they are sorted by a hash of
    /// the text, so that a page of fifty does not read millions of texts.
    pub ties_sorted_max: usize,
    /// Visitors of a report that can be searched and sorted by name: the latest visit of each is read for it.
    pub visitors_named_max: usize,
    /// The least number of items collected before those too far down are dropped.
    pub top_items_min: usize,
    /// Visits whose actions are read at a time for the list of actions.
    pub action_visits_read: usize,
    /// Visits of recognized visitors that are collected at once for cohorts; above it, they are collected in parts.
    pub cohort_visits_max: usize,
    /// Pages of each step of a journey whose visits are counted by themselves, on each processor; those of further ones are
    /// counted together.
    pub journey_pages_max: usize,
    /// Measurements of web vitals whose values are held in memory; where there are more, the days are read again for the
    /// next pages.
    pub vitals_counted_max: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self {
            summed_rows_min: 4_096,
            whole_visits_max: 5_000,
            visits_per_lane: 50_000,
            items_counted_max: 114_000,
            spill_parts: 256,
            spill_buffer_bytes: 16 * 1024,
            sort_bytes_max: 16 * 1024 * 1024,
            sort_runs_max: 256,
            sort_chunk_bytes: 16 * 1024,
            page_items_max: 25_000,
            ties_sorted_max: 50_000,
            visitors_named_max: 50_000,
            top_items_min: 1_024,
            action_visits_read: 2_000,
            cohort_visits_max: 8_000_000,
            journey_pages_max: 100_000,
            vitals_counted_max: 2_000_000,
        }
    }
}

#[cfg(test)]
impl EngineLimits {
    /// The limits of tests.
    pub const fn small() -> Self {
        Self {
            summed_rows_min: 4,
            whole_visits_max: 6,
            visits_per_lane: 12,
            items_counted_max: 6,
            spill_parts: 4,
            spill_buffer_bytes: 32,
            sort_bytes_max: 512,
            sort_runs_max: 3,
            sort_chunk_bytes: 64,
            page_items_max: 9,
            ties_sorted_max: 3,
            visitors_named_max: 4,
            top_items_min: 2,
            action_visits_read: 2,
            cohort_visits_max: 5,
            journey_pages_max: 20,
            vitals_counted_max: 5,
        }
    }
}

/// Changed visits of one site that are remembered for reports; above it, a report reads the day again.
pub const CHANGES_PER_SITE_MAX: usize = 65_536;
/// Changed visits of all sites that are remembered for reports, for each that is remembered of one site.
pub const CHANGES_MAX_BY_SITE_MAX: usize = 4;
/// Unread changes of one site at which a live day is brought up to date in the background: the rest takes a
/// query a few milliseconds.
pub const CHANGES_WAITING_MAX: usize = 200;
/// The time after a query of a live day for which the day is kept up to date in the background.
pub const DAY_KEPT_UP_FOR: Duration = Duration::from_hours(1);
/// Sites whose changed visits are remembered at once.
pub const SITES_WATCHED_MAX: usize = 2_000;
/// Bytes of the disk that reports leave free when they write temporary files: hits need them.
pub const SPILL_FREE_BYTES_MIN: u64 = 256 * 1024 * 1024;
/// Pages of a step of a journey that are put in order by their texts; of more, equally frequent ones stand as they were stored.
pub const JOURNEY_TIES_SORTED_MAX: usize = 10_000;
/// Pages of each step of a journey that files and programs get by themselves.
pub const JOURNEY_PAGES_EXPORTED: u32 = 100;
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
/// Visits of an export of programs that are read at a time, with all their actions.
pub const EXPORT_SLICE_VISITS: u32 = 200;
/// Items of the second report in the exported file of a breakdown: the most frequent ones.
pub const BREAKDOWN_EXPORT_COLUMNS_MAX: u32 = 200;
/// Titles, and addresses, of actions about which a list of actions remembers whether a search finds them.
pub const TEXTS_COMPARED_MAX: usize = 100_000;
/// Pages in a report on web vitals: those with most measurements.
pub const VITAL_PAGES_MAX: usize = 100_000;
/// Values of a web vital from which their 75th percentile is rated; with fewer, a single slow visitor would decide.
pub const VITAL_VALUES_RATED_MIN: i64 = 20;
/// Pages in the list of heatmaps: those with most clicks.
pub const HEATMAP_PAGES_MAX: usize = 100_000;
/// Elements of a heatmap: those with most clicks.
pub const HEATMAP_ELEMENTS_MAX: usize = 200;
/// Points of a heatmap, of all elements together and of clicks without elements; of more, near ones become one.
pub const HEATMAP_POINTS_MAX: usize = 20_000;
/// Points of a page that are counted apart; of more, near ones become one at once.
pub const HEATMAP_CELLS_COUNTED_MAX: usize = 100_000;
/// Pairs of an element and its text that one heatmap counts.
pub const HEATMAP_ELEMENTS_COUNTED_MAX: usize = 100_000;
/// The time for which the heatmap of a page is shown over that page by one link.
pub const HEATMAP_LINK_LASTS: Duration = Duration::from_mins(10);
/// Links of one user that show heatmaps over pages at once; beyond it, the oldest ends.
pub const HEATMAP_LINKS_PER_USER_MAX: usize = 20;
/// Links of all users that show heatmaps over pages at once; beyond it, the oldest ends.
pub const HEATMAP_LINKS_MAX: usize = 10_000;
/// Questions by one link that shows a heatmap over a page.
pub const HEATMAP_LINK_QUESTIONS_MAX: u32 = 300;
/// Days of a date range.
pub const RANGE_DAYS_MAX: i32 = 3_700;
/// Split tests that can be chosen in a report.
pub const SPLIT_TESTS_MAX: usize = 100;
/// Versions of a split test that are listed and compared; further ones are counted together.
pub const SPLIT_VERSIONS_MAX: u32 = 20;
/// Newest splits of a range among which the goal that page code names for a test is looked for.
pub const SPLIT_GOAL_ROWS_MAX: u32 = 10_000;
/// Visits that a version needs before it is compared with another one.
pub const SPLIT_VISITS_MIN: i64 = 200;
/// Visits with a conversion, and as many without one, that a version needs before it is compared.
pub const SPLIT_CONVERSIONS_MIN: i64 = 25;
/// Visits of two versions together at which their interval is narrowest compared with others that could be chosen.
pub const SPLIT_VISITS_TUNED: f64 = 5_000.0;
/// Chance, over all looks at a test and all its versions, that a difference is claimed where there is none.
pub const SPLIT_CHANCE_MAX: f64 = 0.05;
/// Share of a test's visits below which a version is not compared.
pub const SPLIT_SHARE_MIN: f64 = 0.01;
/// Chance below which a version without visits on the first or last days is taken for one that did not run then.
pub const SPLIT_PAUSE_CHANCE_MAX: f64 = 0.001;
