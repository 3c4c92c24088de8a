//! The live feed: every action that is on the disk, told to whoever watches its site.

use crate::id::{SiteId, VisitId};
use crate::limits;
use tokio::sync::broadcast;

/// An action that was just written. Watchers read what they show from the file, where access is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveAction {
    /// The site.
    pub site: SiteId,
    /// The visit.
    pub visit: VisitId,
    /// The action's number in its visit.
    pub number: i64,
}

/// The sending side; cheap to copy.
#[derive(Clone)]
pub struct Feed(broadcast::Sender<LiveAction>);

impl Feed {
    /// A feed that nobody watches yet.
    pub fn new() -> Self {
        Self(broadcast::Sender::new(limits::LIVE_BACKLOG_MAX))
    }

    /// Watches from now on.
    pub fn watch(&self) -> broadcast::Receiver<LiveAction> {
        self.0.subscribe()
    }

    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Tells of an action. Nobody watching is no failure.
    pub fn tell(&self, action: LiveAction) {
        drop(self.0.send(action));
    }
}
