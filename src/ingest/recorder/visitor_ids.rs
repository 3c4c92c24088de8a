//! The IDs under which a hit's visitor may be known: the cookie's, today's hash, and the hash of the day before.

use super::site_cache::CachedSite;
use crate::ingest::hit::Hit;
use crate::ingest::identity;
use crate::model::id::VisitorId;

/// The IDs under which a hit's visitor may be known.
pub struct VisitorIds {
    /// The ID in the cookie, if it is allowed and the browser has confirmed it.
    pub cookie: Option<VisitorId>,
    today: VisitorId,
    /// True if personal data may be stored.
    pub may_be_known: bool,
    /// True if a keyed hash of the IP address may be stored with the visit.
    pub may_be_keyed: bool,
}

impl VisitorIds {
    /// Returns the IDs of a hit's visitor.
    pub fn identify(site: &CachedSite, hit: &Hit) -> Self {
        // Until the browser confirms the cookie, its ID changes on every page: the daily hash is used.
        let allowed = identity::cookie_id(site.site.privacy, &hit.claim);
        Self {
            cookie: allowed.filter(|_| hit.claim.cookie_kept),
            may_be_known: identity::may_be_known(site.site.privacy, &hit.claim),
            may_be_keyed: identity::may_be_keyed(site.site.privacy, &hit.claim),
            today: site.hasher().visitor(hit.address, hit.agent.fingerprint),
        }
    }

    /// Returns the ID under which a visit that begins now is stored.
    pub fn id(&self) -> VisitorId {
        self.cookie.unwrap_or(self.today)
    }

    /// Returns the IDs under which the hit's visit may be stored, the likeliest first; the hash of the day before is
    /// computed only when it is needed.
    pub fn candidates<'a>(
        &self,
        site: &'a CachedSite,
        hit: &'a Hit,
    ) -> impl Iterator<Item = VisitorId> + use<'a> {
        let before =
            || site.hasher_before(hit.at).map(|before| before.visitor(hit.address, hit.agent.fingerprint));
        self.cookie.into_iter().chain([self.today]).chain(std::iter::once_with(before).flatten())
    }
}
