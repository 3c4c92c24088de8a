//! The numbers under which one hit's visitor may be known: the cookie's, today's hash, and the hash of the day before.

use super::hit::Hit;
use super::identity;
use super::site_book::KnownSite;
use crate::id::VisitorId;

/// The numbers under which a hit's visitor may be known.
pub struct Visitor {
    /// The number in the cookie, where that is allowed and the browser has kept it.
    pub lasting: Option<VisitorId>,
    today: VisitorId,
    before: Option<VisitorId>,
    /// What tells of the person may be kept.
    pub may_be_known: bool,
    /// Finds the visit again by its address alone.
    pub address_key: i64,
}

impl Visitor {
    /// Of a hit.
    pub fn tell(known: &KnownSite, hit: &Hit) -> Self {
        // A number that was not kept is another one on the next page: the visit stands under its hash until it is.
        let allowed = identity::lasting(known.site.privacy, &hit.claim);
        let (hasher, fingerprint) = (known.hasher(), hit.agent.fingerprint);
        Self {
            lasting: allowed.filter(|_| hit.claim.cookie_kept),
            may_be_known: identity::may_be_known(known.site.privacy, &hit.claim),
            today: hasher.visitor(hit.address, fingerprint),
            before: known.hasher_before(hit.at).map(|before| before.visitor(hit.address, fingerprint)),
            address_key: hasher.address_key(hit.address),
        }
    }

    /// The number under which a visit that begins now is kept.
    pub fn id(&self) -> VisitorId {
        self.lasting.unwrap_or(self.today)
    }

    /// The hashes, today's first.
    pub fn hashed(&self) -> impl Iterator<Item = VisitorId> + use<> {
        std::iter::once(self.today).chain(self.before)
    }
}
