//! The events of a batch, published after its commit: actions for live streams, changed visits for reports, addresses
//! for reverse DNS.

use super::arrival::Arrival;
use crate::ingest::change_log::ChangeLog;
use crate::ingest::live::{Feed, LiveAction};
use crate::ingest::reverse_dns::{LookupQueue, PendingLookup};
use crate::model::id::{SiteId, VisitId};

/// The events of the batch that is being written, and their receivers.
pub struct AfterCommit {
    feed: Feed,
    actions: Vec<LiveAction>,
    changes: ChangeLog,
    changed: Vec<(SiteId, VisitId)>,
    lookups: Option<LookupQueue>,
    unresolved: Vec<PendingLookup>,
}

impl AfterCommit {
    /// Returns an empty list for this feed, this log of changed visits, and the reverse DNS queue, if the operator
    /// enabled it.
    pub fn new(feed: Feed, changes: ChangeLog, lookups: Option<LookupQueue>) -> Self {
        Self { feed, actions: Vec::new(), changes, changed: Vec::new(), lookups, unresolved: Vec::new() }
    }

    /// Discards all unpublished events. Caches of visits must be read anew.
    pub fn forget(&mut self) {
        self.actions.clear();
        self.changed.clear();
        self.unresolved.clear();
        self.changes.forget();
    }

    /// Adds a written action.
    pub fn action(&mut self, action: LiveAction) {
        if self.feed.is_watched() {
            self.actions.push(action);
        }
    }

    /// Adds a visit that began or went on.
    pub fn visit(&mut self, site: SiteId, visit: VisitId) {
        self.changed.push((site, visit));
    }

    /// Adds the address of a visit for reverse DNS.
    pub fn needs_hostname(&mut self, arrival: &Arrival<'_>, visit: VisitId) {
        if self.lookups.is_some() {
            let hit = arrival.hit;
            let is_shortened = arrival.site.site.privacy.addresses_shortened;
            self.unresolved.push(PendingLookup { site: hit.site, visit, address: hit.address, is_shortened });
        }
    }

    /// Publishes all events, after the commit.
    pub fn publish(&mut self) {
        // Also without subscribers: a new one learns that something was written before.
        if !self.changed.is_empty() {
            self.changes.publish(self.changed.drain(..));
        }
        if let Some(lookups) = &self.lookups {
            lookups.add(self.unresolved.drain(..));
        }
        self.actions.drain(..).for_each(|action| self.feed.publish(action));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_begins_to_listen_after_a_commit_does_not_take_it_for_known() {
        let (site, changes) = (SiteId(1), ChangeLog::default());
        let mut events = AfterCommit::new(Feed::new(), changes.clone(), None);
        let before = changes.mark();
        events.visit(site, VisitId(1));
        events.publish();
        assert_eq!(changes.between(site, before, changes.mark()), None);
        let listening = changes.mark();
        events.publish();
        events.visit(site, VisitId(2));
        events.publish();
        assert_eq!(changes.between(site, listening, changes.mark()), Some(vec![VisitId(2)]));
    }
}
