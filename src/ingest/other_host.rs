//! The host of the page that a hit comes from, where it is not known as the site's own: a copy of its pages, a test
//! computer, or a page of somebody who uses its number.

use super::hit::{ActionKind, Hit, HitKind, PageRef};
use super::translated::{UNKNOWN_QUERY, original_host};
use crate::store::site_hosts::HostStanding;
use crate::store::sites::{Site, bare_host};

/// A host that is not known as the site's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherHost {
    /// Its name, without `www.`.
    pub name: String,
    /// Its hits are not counted.
    pub is_filtered: bool,
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
        let is_filtered = match site.host_standing(host) {
            HostStanding::Own => return None,
            HostStanding::NotOwn => true,
            HostStanding::Unanswered => site.hosts.own_only,
        };
        Some(Self { name: bare_host(host).to_owned(), is_filtered })
    }
}

/// The host of the page that a hit comes from, with the query of its address. The address of what was opened, followed or
/// played says nothing of that.
fn host_of(hit: &Hit) -> Option<(&str, &str)> {
    let sent_from = || hit.sent_from.as_deref().map(|host| (host, UNKNOWN_QUERY));
    match (&hit.page, hit.kind) {
        (PageRef::None, _) => sent_from(),
        (_, HitKind::Action(kind)) if kind != ActionKind::PageView => sent_from(),
        (PageRef::Absolute(address), _) => host_in(address).map(|host| (host, hit.query.as_str())),
        (PageRef::Bare(_), _) => None,
    }
}

/// The host in the address of a page as hits have it: one of http or https without a user's name.
pub fn host_in(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => Some(host),
        _ => Some(authority),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_stands_between_scheme_and_path_without_its_port() {
        for (address, host) in [
            ("https://bakery.example/x?y=https://other.example/", "bakery.example"),
            ("http://localhost:3000/", "localhost"),
            ("http://192.0.2.7:8080/x", "192.0.2.7"),
            ("http://[::1]/x", "[::1]"),
            ("http://[2001:db8::1:443]:3000/x", "[2001:db8::1:443]"),
            ("https://bakery.example", "bakery.example"),
        ] {
            assert_eq!(host_in(address), Some(host), "{address}");
        }
        assert_eq!(host_in("mailto:ada@bakery.example"), None);
    }
}
