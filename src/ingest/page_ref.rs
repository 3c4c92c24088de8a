//! The address of a page, file or link as a beacon sends it, and the parts of it that are no address.

use super::hit::{ActionKind, HitKind, PageRef};
use super::page_url;
use crate::model::clicks::SplitQuery;

/// The stand-in for the site's own host while it is unknown; `.invalid` cannot exist (RFC 2606).
const UNKNOWN_HOST: &str = "site.invalid";

/// Returns the page of a hit, and its query before campaign parameters were removed. The length is checked later, when the
/// parameters that the site strips are gone too.
pub fn page_of(kind: HitKind, href: &str, host: Option<&str>, has_hash_routes: bool) -> (PageRef, String) {
    let href = href.trim();
    if href.is_empty() {
        return (PageRef::None, String::new());
    }
    if kind == HitKind::Action(ActionKind::Outbound)
        && let Some(link) = page_url::link_address(href)
    {
        return (PageRef::Absolute(link), String::new());
    }
    let Some(mut address) = page_url::page_address(href, host.unwrap_or(UNKNOWN_HOST)) else {
        return (PageRef::None, String::new());
    };
    let fragment = address.fragment().map(str::to_owned);
    let mut query = page_url::strip(&mut address);
    let mut add = |more: &str| format!("{query}&{more}").trim_matches('&').clone_into(&mut query);
    if kind == HitKind::Action(ActionKind::Event) {
        address.set_fragment(fragment.as_deref());
    } else if has_hash_routes && let Some((route, its_query)) = fragment.as_deref().and_then(page_url::route)
    {
        address.set_fragment(Some(&route));
        add(&its_query);
    } else if let Some(fragment) = fragment.as_deref().filter(|fragment| fragment.contains('=')) {
        add(&SplitQuery::of_fragment(fragment));
    }
    let page = if address.host_str() == Some(UNKNOWN_HOST) {
        PageRef::Bare(address[url::Position::BeforePath..].to_owned())
    } else {
        PageRef::Absolute(address.into())
    };
    (page, query)
}
