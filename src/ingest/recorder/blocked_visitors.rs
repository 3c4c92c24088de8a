//! The visitors whose visit was blocked by its referrer. Their next page comes from the site itself: without this
//! memory it would begin a visit. A restart forgets them; a domain that is no longer excluded has no effect.

use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitorId};
use std::collections::HashMap;

/// The blocked visitors, with the time of their last hit and the domain of their referrer.
#[derive(Default)]
pub struct BlockedVisitors(HashMap<(SiteId, VisitorId), (Timestamp, Box<str>)>);

impl BlockedVisitors {
    /// Adds a visitor, or updates the time of their last hit.
    pub fn note(&mut self, site: SiteId, visitor: VisitorId, domain: Box<str>, now: Timestamp) {
        if self.0.len() >= limits::TURNED_AWAY_MAX {
            self.0.retain(|_, (seen_at, _)| !now.has_passed(limits::VISIT_IDLE, *seen_at));
        }
        if self.0.len() >= limits::TURNED_AWAY_MAX {
            self.0.clear();
        }
        self.0.insert((site, visitor), (now, domain));
    }

    /// Returns the referrer's domain of a blocked visitor, as long as the visit would have gone on.
    pub fn find(&self, site: SiteId, visitor: VisitorId, now: Timestamp) -> Option<Box<str>> {
        let (seen_at, domain) = self.0.get(&(site, visitor))?;
        (!now.has_passed(limits::VISIT_IDLE, *seen_at)).then(|| domain.clone())
    }
}
