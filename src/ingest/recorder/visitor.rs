//! The numbers under which one hit's visitor may be known: the cookie's, today's hash, and the hash of the day before.

use super::site_book::KnownSite;
use crate::id::VisitorId;
use crate::ingest::hit::Hit;
use crate::ingest::identity;

/// The numbers under which a hit's visitor may be known.
pub struct Visitor {
    /// The number in the cookie, where that is allowed and the browser has kept it.
    pub lasting: Option<VisitorId>,
    today: VisitorId,
    /// What tells of the person may be kept.
    pub may_be_known: bool,
    /// True if the file may hold a key of the IP address with the visit.
    pub may_be_keyed: bool,
}

impl Visitor {
    /// Of a hit.
    pub fn tell(known: &KnownSite, hit: &Hit) -> Self {
        // A number that was not kept is another one on the next page: the visit stands under its hash until it is.
        let allowed = identity::lasting(known.site.privacy, &hit.claim);
        Self {
            lasting: allowed.filter(|_| hit.claim.cookie_kept),
            may_be_known: identity::may_be_known(known.site.privacy, &hit.claim),
            may_be_keyed: identity::may_be_keyed(known.site.privacy, &hit.claim),
            today: known.hasher().visitor(hit.address, hit.agent.fingerprint),
        }
    }

    /// The number under which a visit that begins now is kept.
    pub fn id(&self) -> VisitorId {
        self.lasting.unwrap_or(self.today)
    }

    /// The numbers under which the hit's visit may stand, the likeliest first; that of the day before is made when it is
    /// asked for.
    pub fn candidates<'a>(
        &self,
        known: &'a KnownSite,
        hit: &'a Hit,
    ) -> impl Iterator<Item = VisitorId> + use<'a> {
        let before =
            || known.hasher_before(hit.at).map(|before| before.visitor(hit.address, hit.agent.fingerprint));
        self.lasting.into_iter().chain([self.today]).chain(std::iter::once_with(before).flatten())
    }
}
