//! The numbers under which one hit's visitor may be known: the cookie's, today's hash, and the hash of the day before.

use super::hit::Hit;
use super::identity;
use super::site_book::KnownSite;
use crate::id::VisitorId;

/// The numbers under which a hit's visitor may be known.
pub struct Visitor {
    /// The cookie's, where that is allowed.
    pub lasting: Option<VisitorId>,
    today: VisitorId,
    before: Option<VisitorId>,
    /// Finds the visit again by its address alone.
    pub address_key: i64,
}

impl Visitor {
    /// Of a hit.
    pub fn tell(known: &KnownSite, hit: &Hit) -> Self {
        let (hasher, fingerprint) = (known.hasher(), hit.agent.fingerprint);
        Self {
            lasting: identity::lasting(known.site.privacy, &hit.claim),
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
