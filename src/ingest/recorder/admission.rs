//! The writer's last decisions, for event loops that must decide whether a hit is worth much work: the known sites,
//! and the addresses that have used up their hits of the minute. The writer keeps it up to date, and decides finally.

use super::rate_limit::{AddressLimit, RateLimit};
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The known sites, and the hits of each address; cheap to clone.
#[derive(Clone, Default)]
pub struct Admission(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// The most hits that a site accepts from one address in a minute.
    hits_max: HashMap<SiteId, u32>,
    rates: RateLimit,
}

impl Admission {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true if a hit is likely to be accepted, as far as site and address show. If false, ask the writer
    /// before any costly work.
    pub fn expects(&self, site: SiteId, address: IpAddr, now: Timestamp) -> bool {
        let known = self.known();
        known.hits_max.get(&site).is_some_and(|hits_max| {
            known.rates.has_room(AddressLimit { site, hits_max: *hits_max }, address, now)
        })
    }

    /// Adds a site that accepts up to `hits_max` hits from one address in a minute.
    pub(super) fn add_site(&self, site: SiteId, hits_max: u32) {
        self.known().hits_max.insert(site, hits_max);
    }

    /// Removes a deleted site.
    pub(super) fn remove_site(&self, site: SiteId) {
        self.known().hits_max.remove(&site);
    }

    /// Counts a hit of an address for a site; returns false if the running minute already had the most. With `is_trial`
    /// it is not counted if there is room.
    pub(super) fn admits(
        &self,
        limit: AddressLimit,
        address: IpAddr,
        now: Timestamp,
        is_trial: bool,
    ) -> bool {
        let rates = &mut self.known().rates;
        if is_trial && rates.has_room(limit, address, now) {
            return true;
        }
        rates.allow(limit, address, now)
    }
}
