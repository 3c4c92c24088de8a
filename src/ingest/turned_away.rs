//! Visitors whose visit was turned away for where it came from. Their next page comes from the site itself: without
//! this memory it would begin a visit after all. A restart forgets them.

use super::reason::Reason;
use crate::clock::Timestamp;
use crate::id::{SiteId, VisitorId};
use crate::limits;
use std::collections::HashMap;

/// Who was turned away, when last, and why.
#[derive(Default)]
pub struct TurnedAway(HashMap<(SiteId, VisitorId), (Timestamp, Reason)>);

impl TurnedAway {
    /// Remembers a visitor, or that they are still there.
    pub fn note(&mut self, site: SiteId, visitor: VisitorId, reason: Reason, now: Timestamp) {
        if self.0.len() >= limits::TURNED_AWAY_MAX {
            self.0.retain(|_, (seen_at, _)| now.since(*seen_at) < limits::VISIT_IDLE);
        }
        if self.0.len() >= limits::TURNED_AWAY_MAX {
            self.0.clear();
        }
        self.0.insert((site, visitor), (now, reason));
    }

    /// Why a visitor was turned away, as long as that visit would go on.
    pub fn find(&self, site: SiteId, visitor: VisitorId, now: Timestamp) -> Option<Reason> {
        let (seen_at, reason) = self.0.get(&(site, visitor))?;
        (now.since(*seen_at) < limits::VISIT_IDLE).then_some(*reason)
    }
}
