//! The rate limit for hits of one address: a crowd behind an office or a phone network passes, a flood does not.

use crate::limits;
use crate::model::address;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use std::collections::HashMap;
use std::net::IpAddr;

/// The limit of a site: the most hits that it accepts from one address in a minute.
#[derive(Clone, Copy, Debug)]
pub struct AddressLimit {
    /// The site.
    pub site: SiteId,
    /// The most hits of one address in a minute; 0 accepts none.
    pub hits_max: u32,
}

/// The hits of each address in the running minute.
#[derive(Default)]
pub struct RateLimit {
    minute: i64,
    hits: HashMap<(SiteId, IpAddr), u32>,
}

impl RateLimit {
    /// Returns true if another hit of an address for a site would be accepted.
    pub fn has_room(&self, limit: AddressLimit, address: IpAddr, now: Timestamp) -> bool {
        let taken = || self.hits.get(&(limit.site, address::network(address))).copied().unwrap_or(0);
        limit.hits_max > 0 && (now.seconds().div_euclid(60) != self.minute || taken() < limit.hits_max)
    }

    /// Counts a hit of an address for a site; returns false if the running minute already had the most.
    pub fn allow(&mut self, limit: AddressLimit, address: IpAddr, now: Timestamp) -> bool {
        let minute = now.seconds().div_euclid(60);
        if minute != self.minute || self.hits.len() >= limits::ADDRESSES_COUNTED_MAX {
            self.minute = minute;
            self.hits.clear();
        }
        let hits = self.hits.entry((limit.site, address::network(address))).or_default();
        *hits += 1;
        *hits <= limit.hits_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_hits_of_each_minute_and_site_and_others_theirs() {
        let limit = |site| AddressLimit { site: SiteId(site), hits_max: 100 };
        let (mut rates, now) = (RateLimit::default(), Timestamp(1_795_000_020_000));
        let (flood, other) = ("2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let (here, there) = (limit(1), limit(2));
        for _ in 0..100 {
            assert!(rates.has_room(here, flood, now) && rates.allow(here, flood, now));
        }
        assert!(!rates.has_room(here, flood, now) && rates.has_room(there, flood, now));
        assert!(rates.has_room(here, flood, Timestamp(now.0 + 60_000)));
        assert!(!rates.allow(here, "2001:db8::2".parse().unwrap(), now), "the same /64");
        assert!(rates.allow(here, other, now));
        assert!(rates.allow(there, flood, now));
        assert!(rates.allow(here, flood, Timestamp(now.0 + 60_000)));
    }
}
