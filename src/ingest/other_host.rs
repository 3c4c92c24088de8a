//! Other hosts: the host of the page that a hit comes from, if it is not known as the site's own, such as a copy of its
//! pages, a test computer, or a foreign page with the site's ID.

use super::hit::{ActionKind, Hit, HitKind, PageRef};
use super::page_url::host_in;
use super::translated::{is_translated, original_host};
use crate::store::site_hosts::HostStatus;
use crate::store::sites::{Site, bare_host};

/// A host that is not known as the site's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherHost {
    /// The name, without `www.`; for a host that the owner rejected, the name that the owner answered for.
    pub name: String,
    /// True if its hits are not counted.
    pub is_filtered: bool,
    /// True if the owner answered that it is not the site's own.
    pub is_answered: bool,
}

impl OtherHost {
    /// Returns the other host of a hit; `None` if the host is the site's own or unknown, or a program sent the hit.
    pub fn find(site: &Site, hit: &Hit) -> Option<Self> {
        if hit.server_side.is_some() {
            return None;
        }
        let (host, query) = host_of(hit)?;
        // For a page in Google Translate, the host of the original counts.
        let original = original_host(host, query);
        let host = original.as_deref().unwrap_or(host);
        let name = bare_host(host);
        match site.host_standing(name) {
            HostStatus::Own => None,
            HostStatus::NotOwn => {
                let name = site.hosts.not_own_above(name).unwrap_or(name).to_owned();
                Some(Self { name, is_filtered: true, is_answered: true })
            }
            HostStatus::Unanswered => {
                Some(Self { name: name.to_owned(), is_filtered: site.hosts.own_only, is_answered: false })
            }
        }
    }
}

/// Returns the other host from which a page view with an address of the site itself was sent, and the host in that
/// address; `None` if they agree, or the site counts all hosts.
pub fn own_page_from<'a>(site: &Site, hit: &'a Hit) -> Option<(&'a str, &'a str)> {
    if !site.hosts.own_only || hit.server_side.is_some() || hit.kind != HitKind::Action(ActionKind::PageView)
    {
        return None;
    }
    let from = bare_host(hit.sent_from.as_deref()?);
    if is_translated(from) || site.host_standing(from) != HostStatus::Unanswered {
        return None;
    }
    let PageRef::Absolute(address) = &hit.page else { return None };
    host_in(address).filter(|host| site.owns_host(host)).map(|host| (from, host))
}

/// Returns the host of the page that a hit comes from, and the query of its address. The address of a file, link or media
/// may be on any host.
fn host_of(hit: &Hit) -> Option<(&str, &str)> {
    // Without the query it is uncertain which site Google Translate shows.
    let sent_from = || hit.sent_from.as_deref().filter(|host| !is_translated(host)).map(|host| (host, ""));
    match (&hit.page, hit.kind) {
        (PageRef::None, _) => sent_from(),
        (_, HitKind::Action(kind)) if kind != ActionKind::PageView => sent_from(),
        (PageRef::Absolute(address), _) => host_in(address).map(|host| (host, hit.query.as_str())),
        (PageRef::Bare(_), _) => None,
    }
}
