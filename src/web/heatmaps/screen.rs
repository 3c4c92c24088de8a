//! The parts that the screens of heatmaps share: their address, their frame, and the note on what is recorded.

use crate::access::capability::{Capability, SeeHeatmaps};
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::model::clock::Day;
use crate::reports::query::Query;
use crate::web::filters::filter_bar::FilterBar;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::RangeControl;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::ui::format;
use actix_web::HttpRequest;
use maud::{Markup, html};

/// The parts of a screen beside its answer.
pub struct HeatmapScreen {
    /// The address of the screen.
    pub address: ScreenAddress,
    /// True if clicks are recorded at present: on some page, or on the page that the screen is about.
    pub is_recorded: bool,
    /// The share of visits that are recorded, in percent.
    pub sample: i64,
    /// The first day whose clicks are kept, where the range begins before it.
    pub kept_since: Option<Day>,
    /// True if the caller may choose the pages.
    pub may_choose: bool,
    /// True if the caller may export files.
    pub may_export: bool,
}

impl HeatmapScreen {
    /// Returns the parts for a caller who asks a query on a day.
    pub fn new(
        access: &SiteAccess<SeeHeatmaps>,
        (query, today): (&Query, Day),
        address: ScreenAddress,
        is_recorded: bool,
    ) -> Self {
        let first_kept = access.site.heatmaps.first_kept(today);
        Self {
            address,
            is_recorded,
            sample: access.site.heatmaps.sample,
            kept_since: (query.range.first < first_kept).then_some(first_kept),
            may_choose: access.may(Capability::ChooseRecordedPages),
            may_export: access.may(Capability::ExportCsv),
        }
    }
}

/// Returns the address of a screen of heatmaps, with the requests for its frame and its filters.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the address has unknown parameters.
pub fn open(
    access: &SiteAccess<SeeHeatmaps>,
    request: &HttpRequest,
    params: QueryParams,
    query: &Query,
    path: &str,
) -> Result<(ScreenAddress, SiteFrameRequest, FilterBar)> {
    let base = access.base();
    let path = format!("{base}{path}");
    let address = ScreenAddress { base, path, params, filters: query.filters.clone() };
    let filter_bar = FilterBar::new(access, &address);
    Ok((address, SiteFrameRequest::new(request, access)?, filter_bar))
}

/// Returns the range control of a screen of heatmaps.
pub fn range_control(address: &ScreenAddress, (query, today): (&Query, Day)) -> RangeControl {
    RangeControl::new(&address.params, &address.path, query.range, today).without_comparison()
}

/// Renders the notes on what is recorded at present, if that is nothing or a part, and on what is kept; `place` follows the
/// word “Clicks”.
pub fn recording_note(screen: &HeatmapScreen, place: &str) -> Markup {
    html! {
        @if !screen.is_recorded {
            p.verdict.plain role="note" {
                "Clicks" (place) " aren't recorded at present. "
                @if screen.may_choose { a href={ (screen.address.base) "/preferences/heatmaps" } { "Choose pages in Preferences → Heatmaps" } }
            }
        } @else if screen.sample < 100 {
            p.quiet { "Recorded of " (screen.sample) " % of visits." }
        }
        @if let Some(day) = screen.kept_since {
            p.quiet role="note" { "Clicks and scroll depths from before " (format::day(day)) " aren't kept." }
        }
    }
}

/// Returns a text, or the sign of what was not measured.
pub fn known(text: Option<String>) -> String {
    text.unwrap_or_else(|| format::UNKNOWN.into())
}
