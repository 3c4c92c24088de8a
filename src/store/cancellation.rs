//! Cancellation of queries. The caller passes a token along, and a query that is no longer needed ends at its next
//! check. SQLite checks by itself (progress handler); loops over columns check between two days.

use crate::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A token that is set once nobody waits for a query's answer; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Returns true once the query is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Checks that the query is not cancelled.
    ///
    /// # Errors
    /// Fails with [`Error::Abandoned`] once it is.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Abandoned) } else { Ok(()) }
    }

    /// Returns a guard that cancels the query when it is dropped, for instance with the future of a request whose
    /// client has disconnected.
    pub fn on_drop(&self) -> CancelOnDrop {
        CancelOnDrop(self.clone())
    }
}

/// A guard that cancels a query when it is dropped.
#[must_use]
pub struct CancelOnDrop(Cancellation);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}
