//! The host of the page that a hit comes from, where it is not known as the site's own: a copy of its pages, a test
//! computer, or a page of somebody who uses its number.

use super::hit::{ActionKind, Hit, HitKind, PageRef};
use super::page_url::host_in;
use super::translated::{is_translated, original_host};
use crate::store::site_hosts::HostStanding;
use crate::store::sites::{Site, bare_host};

/// A host that is not known as the site's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherHost {
    /// Its name, without `www.`; of a host that is not the site's, the name that its people answered for.
    pub name: String,
    /// Its hits are not counted.
    pub is_filtered: bool,
    /// The site's people said that it is not the site's.
    pub is_answered: bool,
}

impl OtherHost {
    /// Finds the host of a hit; none when it is the site's own, when nothing tells it, or when a program sends the hit.
    pub fn find(site: &Site, hit: &Hit) -> Option<Self> {
        if hit.server_side.is_some() {
            return None;
        }
        let (host, query) = host_of(hit)?;
        // A page that Google Translate shows is judged as what it is a translation of.
        let original = original_host(host, query);
        let host = original.as_deref().unwrap_or(host);
        let name = bare_host(host);
        match site.host_standing(name) {
            HostStanding::Own => None,
            HostStanding::NotOwn => {
                let name = site.hosts.not_own_above(name).unwrap_or(name).to_owned();
                Some(Self { name, is_filtered: true, is_answered: true })
            }
            HostStanding::Unanswered => {
                Some(Self { name: name.to_owned(), is_filtered: site.hosts.own_only, is_answered: false })
            }
        }
    }
}

/// The host that a page view comes from although its address is the site's own, and the host in that address; none where
/// nobody needs to know.
pub fn own_page_from<'a>(site: &Site, hit: &'a Hit) -> Option<(&'a str, &'a str)> {
    if !site.hosts.own_only || hit.server_side.is_some() || hit.kind != HitKind::Action(ActionKind::PageView)
    {
        return None;
    }
    let from = bare_host(hit.sent_from.as_deref()?);
    if is_translated(from) || site.host_standing(from) != HostStanding::Unanswered {
        return None;
    }
    let PageRef::Absolute(address) = &hit.page else { return None };
    host_in(address).filter(|host| site.owns_host(host)).map(|host| (from, host))
}

/// The host of the page that a hit comes from, with the query of its address. The address of what was opened, followed or
/// played says nothing of that.
fn host_of(hit: &Hit) -> Option<(&str, &str)> {
    // Without its query nothing tells for sure which site Google Translate shows.
    let sent_from = || hit.sent_from.as_deref().filter(|host| !is_translated(host)).map(|host| (host, ""));
    match (&hit.page, hit.kind) {
        (PageRef::None, _) => sent_from(),
        (_, HitKind::Action(kind)) if kind != ActionKind::PageView => sent_from(),
        (PageRef::Absolute(address), _) => host_in(address).map(|host| (host, hit.query.as_str())),
        (PageRef::Bare(_), _) => None,
    }
}
