//! The live feed: each stored action is published to the watchers of its site.

use crate::limits;
use crate::model::id::{SiteId, VisitId};
use tokio::sync::broadcast;

/// An action that was just stored. Watchers read its data from the file, where access is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveAction {
    /// The site.
    pub site: SiteId,
    /// The visit.
    pub visit: VisitId,
    /// The action's number in its visit.
    pub number: i64,
}

/// The sending half of the feed; cheap to clone.
#[derive(Clone)]
pub struct Feed(broadcast::Sender<LiveAction>);

impl Feed {
    /// Creates a feed without watchers.
    pub fn new() -> Self {
        Self(broadcast::Sender::new(limits::LIVE_BACKLOG_MAX))
    }

    /// Subscribes to the feed from now on.
    pub fn watch(&self) -> broadcast::Receiver<LiveAction> {
        self.0.subscribe()
    }

    /// Returns true if there are watchers.
    pub fn is_watched(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Publishes an action; having no watchers is no error.
    pub fn publish(&self, action: LiveAction) {
        drop(self.0.send(action));
    }
}
