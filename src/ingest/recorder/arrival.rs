//! The arrival of a hit that passed the filter, with its site and the IDs under which its visitor may be known: the input
//! of all steps that write rows.

use super::site_cache::CachedSite;
use crate::ingest::hit::{Hit, VisitorRef};
use crate::ingest::identity;
use crate::ingest::sender::{HitContext, Sender};
use crate::model::address;
use crate::model::id::{VisitId, VisitorId};
use rusqlite::Transaction;

/// A hit that passed the filter, and all that the next steps need to write its rows.
pub struct Arrival<'a> {
    /// The transaction of its batch.
    pub tx: &'a Transaction<'a>,
    /// The hit.
    pub hit: &'a Hit,
    /// The site that it is for.
    pub site: &'a CachedSite,
    /// The day and the sender, for budgets.
    pub context: HitContext,
    /// The IDs of its visitor.
    pub visitor: VisitorIds,
}

impl<'a> Arrival<'a> {
    /// Identifies the visitor of a hit.
    pub fn identify(
        tx: &'a Transaction<'a>,
        site: &'a CachedSite,
        context: HitContext,
        hit: &'a Hit,
    ) -> Self {
        Self { tx, hit, site, context, visitor: VisitorIds::identify(site, hit) }
    }

    /// Returns true for the hit of an imported file.
    pub fn is_import(&self) -> bool {
        self.context.sender == Sender::Import
    }

    /// Returns true if a program names the visit that the hit belongs to.
    pub fn names_visit(&self) -> bool {
        self.hit.server_side.as_ref().is_some_and(|program| matches!(program.visitor, VisitorRef::Visit(_)))
    }

    /// Returns the time of the hit, in milliseconds since its visit began.
    pub fn time_in(&self, visit: VisitId) -> i64 {
        (self.hit.at.0 - visit.began().0).max(0)
    }

    /// Returns its IP address in the form in which the site stores it.
    pub fn stored_address(&self) -> Vec<u8> {
        address::stored(self.hit.address, self.site.site.privacy.addresses_shortened)
    }

    /// Returns the keys under which a visit from its IP address may be stored.
    pub fn address_keys(&self) -> impl Iterator<Item = i64> {
        self.site.address_keys(self.hit.address, self.hit.at)
    }

    /// Returns the key that finds the hit's visit by its IP address alone, if the file may hold it.
    pub fn address_key(&self) -> Option<i64> {
        // No program adds to imported visits.
        let is_stored = !self.is_import() && self.visitor.may_be_keyed;
        is_stored.then(|| self.site.hasher().address_key(self.hit.address))
    }
}

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
