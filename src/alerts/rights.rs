//! The rights that a person needs to have an alert.

use crate::access::Grant;
use crate::access::capability::Capability;
use crate::model::alert::{AlertKind, AlertSettings};
use crate::reports::catalogue;
use crate::reports::filter::{self, Filter};
use crate::reports::visibility::Visibility;

/// The report on uptime.
const UPTIME: &str = "uptime";

fn shows(view: &Visibility, report: &str) -> bool {
    catalogue::find(report).is_some_and(|report| view.shows(report))
}

/// Returns true if a visibility shows what a kind of alert tells.
pub fn shows_kind(view: &Visibility, kind: AlertKind) -> bool {
    match kind {
        AlertKind::Spike | AlertKind::Drop | AlertKind::Silence => shows(view, "visitors"),
        AlertKind::Online => shows(view, "visitors-online"),
        AlertKind::Goal => view.shows_conversions(),
        AlertKind::Revenue => view.shows_revenue(),
        AlertKind::Referrer => shows(view, "links-domains"),
        AlertKind::NotFound => shows(view, "pages-not-found"),
        AlertKind::Outage | AlertKind::Certificate => {
            view.has_report(UPTIME) && catalogue::find(UPTIME).is_none_or(|report| view.shows(report))
        }
    }
}

/// Returns the filters of an alert; `None` for a text that can't be read.
pub fn filters(settings: &AlertSettings) -> Option<Vec<Filter>> {
    if settings.segment.is_empty() { Some(Vec::new()) } else { filter::read(&settings.segment).ok() }
}

/// Returns true if a person may be told what an alert tells: they may see the site, what the alert watches, and what its filters
/// are on.
pub fn may_have(grant: &Grant, settings: &AlertSettings) -> bool {
    let allows = |filters: Vec<Filter>| grant.view.allows(&filters);
    grant.may(Capability::SetOwnAlerts)
        && shows_kind(&grant.view, settings.kind)
        && filters(settings).is_some_and(allows)
}
