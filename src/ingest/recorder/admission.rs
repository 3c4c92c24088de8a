//! What event loops may ask before they spend much on a hit: whether its site is known, and whether its address has had its
//! hits of the minute. Told by the writer, who decides: here is only what it decided last.

use super::crowd::Crowd;
use crate::clock::Timestamp;
use crate::id::SiteId;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Known sites and counted addresses; cheap to copy.
#[derive(Clone, Default)]
pub struct Admission(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// Hits that a site takes from one address in a minute.
    hits_max: HashMap<SiteId, u32>,
    crowd: Crowd,
}

impl Admission {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a hit is likely to be taken, as far as site and address tell. Where it is not, ask the writer before
    /// anything that costs much.
    pub fn expects(&self, site: SiteId, address: IpAddr, now: Timestamp) -> bool {
        let known = self.known();
        known.hits_max.get(&site).is_some_and(|most| known.crowd.has_room((site, *most), address, now))
    }

    /// There is such a site, which takes that many hits of an address in a minute.
    pub(super) fn add_site(&self, site: SiteId, hits_max: u32) {
        self.known().hits_max.insert(site, hits_max);
    }

    /// There is no such site.
    pub(super) fn remove_site(&self, site: SiteId) {
        self.known().hits_max.remove(&site);
    }

    /// Takes one hit of an address for a site; false when the running minute has had that many of them. One that only asks
    /// is not counted.
    pub(super) fn admits(
        &self,
        of_site: (SiteId, u32),
        address: IpAddr,
        (now, is_asking): (Timestamp, bool),
    ) -> bool {
        let crowd = &mut self.known().crowd;
        if is_asking && crowd.has_room(of_site, address, now) {
            return true;
        }
        crowd.admits(of_site, address, now)
    }
}
