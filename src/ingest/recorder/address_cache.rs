//! The cache of the newest visit of each IP address, by the address's key, for sites that get server-side hits. It holds the
//! newest keys of all such sites together; a visit whose key had no room is found no more by its address.

use crate::error::Result;
use crate::limits;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::store::visits;
use rusqlite::Transaction;

/// A visit with its visitor, by whom the cache of open visits has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressVisit {
    /// The visit.
    pub visit: VisitId,
    /// The visitor, unless the visit was given to another one since.
    pub visitor: VisitorId,
}

/// The newest visits of IP addresses.
pub struct AddressCache {
    // Programs choose the addresses; the hash is seeded at random.
    newest: foldhash::HashMap<(SiteId, i64), AddressVisit>,
    /// The sites whose keys were read from the file.
    sites: foldhash::HashSet<SiteId>,
    keys_max: usize,
}

impl Default for AddressCache {
    fn default() -> Self {
        Self {
            newest: foldhash::HashMap::default(),
            sites: foldhash::HashSet::default(),
            keys_max: limits::ADDRESS_KEYS_CACHED_MAX,
        }
    }
}

impl AddressCache {
    /// Reads the keys of a site's visits from `since` on, unless they are here.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(&mut self, tx: &Transaction<'_>, site: SiteId, since: VisitId) -> Result<()> {
        if self.sites.insert(site) {
            for (key, visit, visitor) in visits::newest_address_keys(tx, site, since, self.keys_max / 2)? {
                self.insert(site, key, AddressVisit { visit, visitor });
            }
        }
        Ok(())
    }

    /// Returns the newest visit of an address.
    pub fn get(&self, site: SiteId, key: i64) -> Option<AddressVisit> {
        self.newest.get(&(site, key)).copied()
    }

    /// Adds the newest visit of an address, if the site's keys are here.
    pub fn add(&mut self, site: SiteId, key: i64, visit: AddressVisit) {
        if self.sites.contains(&site) {
            self.insert(site, key, visit);
        }
    }

    fn insert(&mut self, site: SiteId, key: i64, visit: AddressVisit) {
        self.newest.insert((site, key), visit);
        if self.newest.len() > self.keys_max {
            self.forget_older_half();
        }
    }

    fn forget_older_half(&mut self) {
        let mut visits: Vec<VisitId> = self.newest.values().map(|newest| newest.visit).collect();
        let middle = visits.len() / 2;
        let (_, middle, _) = visits.select_nth_unstable(middle);
        let middle = *middle;
        self.newest.retain(|_, newest| newest.visit > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_keys_stay_when_there_is_no_room_for_all() {
        let mut cache = AddressCache { keys_max: 100, ..AddressCache::default() };
        let (site, other) = (SiteId(1), SiteId(2));
        let visit = |number| AddressVisit { visit: VisitId(number), visitor: VisitorId(7) };
        cache.sites.extend([site]);
        cache.add(other, 1, visit(1));
        assert_eq!(cache.get(other, 1), None, "its keys are in the file alone");
        for number in 1..=1_000 {
            cache.add(site, number, visit(number));
            assert!(cache.newest.len() <= 100);
            let known = (number - 40).max(1);
            assert_eq!(cache.get(site, known), Some(visit(known)));
        }
        assert_eq!(cache.get(site, 800), None);
    }
}
