//! The counts of hits that are dropped before the writer, held in memory.

use crate::ingest::drop_reason::DropReason;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The counts of dropped hits by reason that are not yet in the data file.
#[derive(Debug, Default)]
pub struct PendingDroppedHits(Mutex<HashMap<DropReason, i64>>);

impl PendingDroppedHits {
    fn counts(&self) -> MutexGuard<'_, HashMap<DropReason, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a dropped hit in memory, so that a flood of invalid hits does not slow the writer.
    pub fn add(&self, reason: DropReason) {
        *self.counts().entry(reason).or_default() += 1;
    }

    /// Returns the counts, and starts again from zero.
    pub fn take(&self) -> HashMap<DropReason, i64> {
        std::mem::take(&mut *self.counts())
    }

    /// Adds counts that could not be written.
    pub fn put_back(&self, counts: HashMap<DropReason, i64>) {
        let mut waiting = self.counts();
        for (reason, count) in counts {
            *waiting.entry(reason).or_default() += count;
        }
    }
}
