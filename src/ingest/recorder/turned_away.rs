//! Visitors whose visit was turned away for where it came from. Their next page comes from the site itself: without
//! this memory it would begin a visit after all. A restart forgets them; a domain that is not left out any more counts
//! for nothing.

use crate::clock::Timestamp;
use crate::id::{SiteId, VisitorId};
use crate::limits;
use std::collections::HashMap;

/// Who was turned away, when last, and the domain that they came from.
#[derive(Default)]
pub struct TurnedAway(HashMap<(SiteId, VisitorId), (Timestamp, Box<str>)>);

impl TurnedAway {
    /// Remembers a visitor, or that they are still there.
    pub fn note(&mut self, site: SiteId, visitor: VisitorId, domain: Box<str>, now: Timestamp) {
        if self.0.len() >= limits::TURNED_AWAY_MAX {
            self.0.retain(|_, (seen_at, _)| !now.has_passed(limits::VISIT_IDLE, *seen_at));
        }
        if self.0.len() >= limits::TURNED_AWAY_MAX {
            self.0.clear();
        }
        self.0.insert((site, visitor), (now, domain));
    }

    /// Where a visitor came from who was turned away, as long as that visit would go on.
    pub fn find(&self, site: SiteId, visitor: VisitorId, now: Timestamp) -> Option<Box<str>> {
        let (seen_at, domain) = self.0.get(&(site, visitor))?;
        (!now.has_passed(limits::VISIT_IDLE, *seen_at)).then(|| domain.clone())
    }
}
