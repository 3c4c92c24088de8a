//! The limits of programs, as the guide on the API states them.

use crate::limits;
use crate::reports::catalogue::REPORTS;
use crate::web::ui::format;
use maud::{Markup, html};

fn number(count: impl TryInto<i64>) -> Markup {
    html! { (format::grouped(count.try_into().unwrap_or(i64::MAX))) }
}

/// Renders the names of all reports, each with its title.
pub fn report_names() -> Markup {
    html! { @for (place, report) in REPORTS.iter().enumerate() { @if place > 0 { ", " } code { (report.name) } " (" (report.title) ")" } }
}

/// Renders the next pages of those lost after a step of a funnel.
pub fn next_pages() -> Markup {
    number(limits::API_NEXT_PAGES)
}

/// Renders the hits of a batch.
pub fn batch_hits() -> Markup {
    number(limits::HITS_PER_BATCH_MAX)
}

/// Renders the largest size of a batch, in mebibytes.
pub fn batch_mebibytes() -> Markup {
    number(limits::BATCH_BYTES_MAX / (1_024 * 1_024))
}

/// Renders the bytes of the id of a hit.
pub fn hit_id_bytes() -> Markup {
    number(limits::HIT_ID_BYTES_MAX)
}

/// Renders the largest size of a hit, in kibibytes.
pub fn hit_kibibytes() -> Markup {
    number(limits::BODY_BYTES_MAX / 1_024)
}

/// Renders the names of custom data of a hit.
pub fn custom_names() -> Markup {
    number(limits::CUSTOM_KEYS_MAX)
}

/// Renders the hours for which the id of a hit is kept.
pub fn sent_hours() -> Markup {
    number(limits::SENT_IDS_KEPT.as_secs() / 3_600)
}

/// Renders the requests with one token or key in a minute.
pub fn requests_per_minute() -> Markup {
    number(limits::API_REQUESTS_PER_MINUTE)
}

/// Renders the requests from one address in a minute.
pub fn requests_per_address() -> Markup {
    number(limits::API_REQUESTS_PER_ADDRESS_MINUTE)
}

/// Renders the rows of a page if a request names no number.
pub fn page_rows() -> Markup {
    number(limits::API_PAGE_ROWS)
}

/// Renders the largest number of rows of a page.
pub fn page_rows_max() -> Markup {
    number(limits::API_PAGE_ROWS_MAX)
}

/// Renders the largest number of items of the first of two dimensions.
pub fn pair_rows_max() -> Markup {
    number(limits::API_PAIR_ROWS_MAX)
}

/// Renders the days of a time series by hours.
pub fn hourly_days() -> Markup {
    number(limits::API_HOURLY_DAYS_MAX)
}

/// Renders the metrics of a query.
pub fn query_parts() -> Markup {
    number(limits::API_QUERY_PARTS_MAX)
}

/// Renders the filters of a request.
pub fn filters_max() -> Markup {
    number(limits::CONDITIONS_MAX)
}

/// Renders the largest size of a query, in kibibytes.
pub fn query_kibibytes() -> Markup {
    number(limits::API_QUERY_BYTES_MAX / 1_024)
}

/// Renders the streams of one token or key at a time.
pub fn streams_per_key() -> Markup {
    number(limits::PROGRAM_STREAMS_PER_KEY_MAX)
}

/// Renders the actions that are sent after a break of a stream.
pub fn missed_actions() -> Markup {
    number(limits::PROGRAM_ACTIONS_MISSED_MAX)
}

/// Renders the minutes of which a stream sends what was missed.
pub fn catch_up_minutes() -> Markup {
    number(limits::SPY_BACK.as_secs() / 60)
}
