//! The name of an action.

use crate::ingest::hit::ActionKind;
use crate::ingest::page_url;
use crate::reports::visits::actions::Action;

/// Returns the title of an action; its address if it has no title, and its kind if both are unknown or hidden.
pub fn title(action: &Action, domain: &str) -> String {
    let address = || action.page.as_deref().map(|page| page_url::shown(page, domain));
    action.title.clone().or_else(address).unwrap_or_else(|| of_kind(action.kind).to_owned())
}

/// Returns the name of a kind of action.
pub fn of_kind(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::PageView => "Page view",
        ActionKind::Download => "Download",
        ActionKind::Outbound => "Outbound link",
        ActionKind::Event => "Event",
        ActionKind::Media => "Media",
    }
}
