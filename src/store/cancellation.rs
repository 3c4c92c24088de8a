//! The cancellation of questions: whoever asks gives one along, and a question that is not needed any more ends at its
//! next look at it. SQLite looks at it by itself, loops over columns do so between two days.

use crate::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A token that tells a question whether somebody still waits for its answer; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// True once nobody waits any more.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends a question that nobody waits for.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Abandoned) } else { Ok(()) }
    }

    /// Cancels when what is returned is dropped, such as the future of a request whose client is gone.
    pub fn on_drop(&self) -> CancelOnDrop {
        CancelOnDrop(self.clone())
    }
}

/// A guard that cancels a question when it is dropped.
#[must_use]
pub struct CancelOnDrop(Cancellation);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}
