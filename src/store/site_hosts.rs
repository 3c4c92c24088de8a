//! The hosts of which a site's people said whether they are the site's own, and whether hits of other hosts count.

use crate::error::Result;
use crate::model::id::SiteId;
use rusqlite::{Transaction, named_params};
use std::net::Ipv4Addr;

/// The standing of a host with a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostStatus {
    /// The domain, an answered host, or one below them.
    Own,
    /// The site's people said that it is not.
    NotOwn,
    /// Nobody said anything of it.
    Unanswered,
}

/// A site's host settings beside its domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteHosts {
    /// Hits of hosts that nobody said anything of are filtered.
    pub own_only: bool,
    /// Hosts without `www.`, by name, each with true for the site's own.
    pub answers: Vec<(String, bool)>,
}

impl SiteHosts {
    /// Reads the answers from a text: each is `1` or `0` with the host behind it, and a blank between them, which no host
    /// has.
    pub(super) fn parse(own_only: bool, answers: Option<&str>) -> Self {
        let read = |answer: &str| Some((answer.get(1..)?.to_owned(), answer.starts_with('1')));
        let mut answers: Vec<_> = answers.unwrap_or_default().split(' ').filter_map(read).collect();
        answers.sort_unstable();
        Self { own_only, answers }
    }

    /// Tells what a host without `www.` is to the site of this domain. Of several names that cover it, the longest
    /// decides: a test server below the domain may be none of the site's.
    pub fn standing(&self, domain: &str, host: &str) -> HostStatus {
        let is_meant =
            |known: &str, is_own: bool| covers(known, host) && (!is_own || known == host || has_below(known));
        let answers = self.answers.iter().filter(|(known, is_own)| is_meant(known, *is_own));
        let domain = covers(domain, host).then_some((domain.len(), true));
        let longest = answers.map(|(known, is_own)| (known.len(), *is_own)).chain(domain).max();
        match longest {
            Some((_, true)) => HostStatus::Own,
            Some((_, false)) => HostStatus::NotOwn,
            None => HostStatus::Unanswered,
        }
    }

    /// The longest name that covers a host and is not the site's.
    pub fn not_own_above(&self, host: &str) -> Option<&str> {
        let known = self.answers.iter().filter(|(known, is_own)| !is_own && covers(known, host));
        known.map(|(known, _)| known.as_str()).max_by_key(|known| known.len())
    }

    /// The number of other hosts with the same answer.
    pub fn count_others(&self, is_own: bool, host: &str) -> usize {
        self.answers.iter().filter(|(known, own)| *own == is_own && known != host).count()
    }

    /// Finds what was said of this very host.
    pub fn answer(&self, host: &str) -> Option<bool> {
        self.answers.iter().find(|(known, _)| known == host).map(|(_, is_own)| *is_own)
    }
}

/// Returns true if everything below a host of the site is the site's too: nothing is below an address, and most of what is
/// below a whole top-level domain is somebody else's.
pub fn has_below(host: &str) -> bool {
    host == "localhost" || host.contains('.') && host.parse::<Ipv4Addr>().is_err()
}

/// Returns true if a host is the known one or below it.
fn covers(known: &str, host: &str) -> bool {
    host.strip_suffix(known).is_some_and(|left| left.is_empty() || left.ends_with('.'))
}

/// Stores whether a host is a site's own, in the place of what was said of it before.
pub fn set(transaction: &Transaction<'_>, site: SiteId, host: &str, is_own: bool) -> Result<()> {
    transaction.execute(
        "insert into site_hosts (site_id, host, is_own) values (:site, :host, :own)
         on conflict do update set is_own = excluded.is_own",
        named_params! {":site": site.0, ":host": host, ":own": is_own},
    )?;
    Ok(())
}

/// Deletes what was said of a host; false if nothing was.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, host: &str) -> Result<bool> {
    let deleted = transaction.execute(
        "delete from site_hosts where site_id = :site and host = :host",
        named_params! {":site": site.0, ":host": host},
    )?;
    Ok(deleted > 0)
}

/// Stores whether hits of hosts that nobody said anything of are filtered.
pub fn set_own_only(transaction: &Transaction<'_>, site: SiteId, own_only: bool) -> Result<()> {
    transaction.execute(
        "update sites set own_hosts_only = :only where id = :site",
        named_params! {":site": site.0, ":only": own_only},
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_known_name_that_covers_a_host_decides() {
        let answers =
            [("localhost", true), ("staging.bakery.example", false), ("my.staging.bakery.example", true)];
        let answers = answers.map(|(host, is_own)| (host.to_owned(), is_own)).to_vec();
        let hosts =
            SiteHosts { own_only: true, answers: [answers, vec![("example".into(), false)]].concat() };
        for (host, standing) in [
            ("bakery.example", HostStatus::Own),
            ("shop.bakery.example", HostStatus::Own),
            ("staging.bakery.example", HostStatus::NotOwn),
            ("a.staging.bakery.example", HostStatus::NotOwn),
            ("my.staging.bakery.example", HostStatus::Own),
            ("notbakery.example", HostStatus::NotOwn),
            ("localhost", HostStatus::Own),
            ("app.localhost", HostStatus::Own),
            ("mylocalhost", HostStatus::Unanswered),
            ("bakery.example.evil.test", HostStatus::Unanswered),
            ("", HostStatus::Unanswered),
        ] {
            assert_eq!(hosts.standing("bakery.example", host), standing, "{host}");
        }
        assert_eq!(hosts.not_own_above("b.a.staging.bakery.example"), Some("staging.bakery.example"));
        assert_eq!(hosts.not_own_above("localhost"), None);
    }

    #[test]
    fn a_top_level_domain_of_the_sites_own_covers_only_itself() {
        let answers = [("com", true), ("net", false), ("localhost", true), ("shop.example", true)];
        let answers = answers.map(|(host, is_own)| (host.to_owned(), is_own)).to_vec();
        let hosts = SiteHosts { own_only: true, answers };
        for (host, standing) in [
            ("com", HostStatus::Own),
            ("mill.com", HostStatus::Unanswered),
            ("mill.net", HostStatus::NotOwn),
            ("app.localhost", HostStatus::Own),
            ("a.shop.example", HostStatus::Own),
            ("app.intranet", HostStatus::Own),
        ] {
            assert_eq!(hosts.standing("intranet", host), standing, "{host}");
        }
        assert!(!has_below("192.0.2.7") && !has_below("[::1]") && has_below("shop.example"));
    }
}
