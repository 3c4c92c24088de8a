//! The client of a request that proxies passed on: the rightmost address that is no trusted proxy, as `serve` reads it
//! from `X-Forwarded-For`.

use super::origin::{Addresses, Origin};
use crate::model::special_address::is_private;
use ipnet::IpNet;
use std::net::IpAddr;

/// The proxies whose lists of addresses are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustedProxies {
    /// Not specified: a line must name one address.
    #[default]
    Unknown,
    /// These networks; if there are none, the server's peer is the client.
    Known(Vec<IpNet>),
}

/// The client of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineClient {
    /// An address.
    Address(IpAddr),
    /// The line names no address.
    Missing,
    /// The line names several addresses, and the proxies are not specified.
    Ambiguous,
}

impl TrustedProxies {
    /// Returns the client that a line names.
    pub fn client(&self, origin: &Origin<'_>) -> LineClient {
        if let (Addresses::One(address), []) = (&origin.leading, &*origin.trailing) {
            return LineClient::Address(*address);
        }
        let leading = origin.leading.lists();
        match self {
            Self::Unknown => {
                let lists = if leading.is_empty() { &origin.trailing } else { &*leading };
                let mut all = lists.iter().flatten();
                match all.next() {
                    None => LineClient::Missing,
                    Some(first) if all.all(|other| other == first) => LineClient::Address(*first),
                    Some(_) => LineClient::Ambiguous,
                }
            }
            Self::Known(networks) => client_behind(networks, leading.iter().chain(&origin.trailing)),
        }
    }
}

/// Returns the rightmost address that is in no network; if all are, the leftmost. Lists come before single addresses,
/// of which the first one is the server's peer.
fn client_behind<'a>(networks: &[IpNet], fields: impl Iterator<Item = &'a Vec<IpAddr>>) -> LineClient {
    let (lists, singles): (Vec<_>, Vec<_>) = fields.partition(|list| list.len() > 1);
    let mut chain: Vec<IpAddr> = lists.into_iter().flatten().copied().collect();
    for single in singles.into_iter().rev().flatten() {
        // `$proxy_add_x_forwarded_for` includes the peer already.
        if chain.last() != Some(single) {
            chain.push(*single);
        }
    }
    let is_trusted = |address: &IpAddr| networks.iter().any(|network| network.contains(address));
    let client = chain.iter().rev().find(|address| !is_trusted(address)).or(chain.first());
    client.map_or(LineClient::Missing, |address| LineClient::Address(*address))
}

/// The count of lines whose last fields name other addresses than the first, while the proxies are not specified.
#[derive(Clone, Copy, Debug, Default)]
pub struct ForwardedCount {
    hits: u64,
    forwarded: u64,
    /// The number of the first such line.
    first: Option<u64>,
    /// The number of the first one whose peer is in a private network, and so must be a proxy.
    first_behind_private: Option<u64>,
}

impl ForwardedCount {
    /// Counts a line.
    pub fn add(&mut self, number: u64, origin: &Origin<'_>) {
        self.hits += 1;
        let Addresses::One(peer) = origin.leading else { return };
        let is_other = |address: &IpAddr| *address != peer;
        if !origin.trailing.iter().flatten().any(is_other) {
            return;
        }
        self.forwarded += 1;
        self.first = self.first.or(Some(number));
        if is_private(peer) {
            self.first_behind_private = self.first_behind_private.or(Some(number));
        }
    }

    /// Returns the number of the line that refuses the file: most hits came through proxies, or one came through a
    /// proxy in a private network. Any client may send a list, so a few such lines prove nothing.
    pub fn refused(&self) -> Option<u64> {
        self.first_behind_private.or(self.first.filter(|_| self.forwarded * 2 > self.hits))
    }

    /// Returns the number of lines with further addresses.
    pub fn forwarded(&self) -> u64 {
        self.forwarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin<'a>(prefix: &'a str, trailing: &'a str) -> Origin<'a> {
        let mut origin = Origin::parse(prefix).unwrap();
        origin.read_trailing(trailing);
        origin
    }

    #[test]
    fn the_client_is_the_rightmost_address_that_is_not_a_trusted_proxys() {
        let client = |text: &str| LineClient::Address(text.parse().unwrap());
        let own =
            TrustedProxies::Known(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()]);
        let (unknown, none) = (TrustedProxies::Unknown, TrustedProxies::Known(Vec::new()));
        for (trusted, prefix, trailing, expected) in [
            (&unknown, "192.0.2.7 - -", "", client("192.0.2.7")),
            (&unknown, "192.0.2.7, 10.0.0.1 - -", "", LineClient::Ambiguous),
            (&unknown, "192.0.2.7 10.0.0.1 - -", "", LineClient::Ambiguous),
            (&unknown, "192.0.2.7, 192.0.2.7 - -", "", client("192.0.2.7")),
            (&unknown, "- - -", "", LineClient::Missing),
            (&unknown, "- - -", " 192.0.2.7", client("192.0.2.7")),
            (&unknown, "192.0.2.7 - -", " \"203.0.113.9\"", client("192.0.2.7")),
            (&own, "192.0.2.7, 10.0.0.1 - -", "", client("192.0.2.7")),
            (&own, "203.0.113.66, 192.0.2.7, 10.0.0.2, 10.0.0.1 - -", "", client("192.0.2.7")),
            (&own, "192.0.2.7, 2001:db8:1::5 - -", "", client("192.0.2.7")),
            (&own, "10.3.0.4, 10.0.0.1 - -", "", client("10.3.0.4")),
            (&own, "10.0.0.1 192.0.2.7 - -", "", client("192.0.2.7")),
            (&own, "192.0.2.7 10.0.0.1 - -", "", client("192.0.2.7")),
            (&own, "10.0.0.1 203.0.113.66, 192.0.2.7 - -", "", client("192.0.2.7")),
            (&own, "10.0.0.1 - -", " \"192.0.2.7\"", client("192.0.2.7")),
            (&own, "10.0.0.1 - -", " \"203.0.113.66, 192.0.2.7\"", client("192.0.2.7")),
            (&own, "10.0.0.1 - -", " \"192.0.2.7, 10.0.0.1\"", client("192.0.2.7")),
            (&own, "10.0.0.1 - -", " \"-\"", client("10.0.0.1")),
            // A client without a proxy may send any header.
            (&own, "192.0.2.7 - -", " \"203.0.113.9\"", client("192.0.2.7")),
            (&own, "- - -", "", LineClient::Missing),
            (&none, "203.0.113.66, 192.0.2.7 - -", "", client("192.0.2.7")),
            (&none, "192.0.2.7 - -", " \"203.0.113.66, 203.0.113.9\"", client("192.0.2.7")),
        ] {
            assert_eq!(trusted.client(&origin(prefix, trailing)), expected, "{prefix}{trailing}");
        }
    }

    #[test]
    fn a_file_of_which_most_lines_came_through_proxies_is_refused_and_one_with_some_such_lines_is_not() {
        let refused = |lines: &[(&str, &str)]| {
            let mut count = ForwardedCount::default();
            for (number, (prefix, trailing)) in (1..).zip(lines) {
                count.add(number, &origin(prefix, trailing));
            }
            count.refused()
        };
        let (direct, forwarded) = (("192.0.2.7 - -", " \"-\""), ("198.51.100.1 - -", " \"203.0.113.9\""));
        assert_eq!(refused(&[direct, direct, forwarded]), None);
        assert_eq!(refused(&[direct, forwarded, forwarded]), Some(2));
        assert_eq!(refused(&[direct, direct, ("10.0.0.1 - -", " \"203.0.113.9\"")]), Some(3));
        assert_eq!(refused(&[("192.0.2.7 - -", " \"192.0.2.7\"")]), None, "$proxy_add_x_forwarded_for");
    }
}
