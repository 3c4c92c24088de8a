//! The request for the annotations of a report's days.

use crate::access::capability::Capability;
use crate::http::site_context::SiteContext;
use crate::reports::date_range::DateRange;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::ui::chart_notes::ChartNotesRequest;

/// Returns the request for the annotations of a range, as far as the caller may see them; its forms return to the screen at
/// this address.
pub fn request(access: &SiteContext, address: &ScreenAddress, range: DateRange) -> ChartNotesRequest {
    ChartNotesRequest {
        site: access.site.clone(),
        range,
        is_visible: access.may(Capability::SeeAnnotations),
        may_annotate: access.may(Capability::Annotate),
        names_authors: access.link.is_none(),
        screen: address.link(&[]),
    }
}
