//! A hit with the site that it is for and the IDs of its visitor: the input of all steps that write rows.

use super::site_cache::CachedSite;
use super::visitor_ids::VisitorIds;
use crate::ingest::hit::Hit;
use crate::ingest::sender::HitContext;

/// A hit that passed the filter, with the settings of its site and the IDs of its visitor.
pub struct IdentifiedHit<'a> {
    /// The hit.
    pub hit: &'a Hit,
    /// The site that it is for.
    pub site: &'a CachedSite,
    /// The day and the sender, for budgets.
    pub context: HitContext,
    /// The IDs of its visitor.
    pub visitor: VisitorIds,
}

impl<'a> IdentifiedHit<'a> {
    /// Identifies the visitor of a hit.
    pub fn new(site: &'a CachedSite, context: HitContext, hit: &'a Hit) -> Self {
        Self { hit, site, context, visitor: VisitorIds::identify(site, hit) }
    }

    /// Returns the key that finds the hit's visit by its IP address alone, if the file may hold it.
    pub fn address_key(&self, is_import: bool) -> Option<i64> {
        // No program adds to imported visits.
        let is_stored = !is_import && self.visitor.may_be_keyed;
        is_stored.then(|| self.site.hasher().address_key(self.hit.address))
    }
}
