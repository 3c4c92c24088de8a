//! The hits that were dropped, wholly or in part, until their batch is written: their number for each reason, and
//! samples of them.

use super::dropped_samples::DroppedSamples;
use crate::error::Result;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::hit::Hit;
use crate::ingest::sender::HitContext;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::store::filtered;
use rusqlite::Transaction;
use std::collections::HashMap;

/// The counts and samples of dropped hits.
#[derive(Default)]
pub struct DroppedHits {
    counts: HashMap<(SiteId, Day, DropReason), i64>,
    samples: DroppedSamples,
}

impl DroppedHits {
    /// Discards the counts and samples that were not written.
    pub fn forget(&mut self) {
        self.counts.clear();
        self.samples.forget();
    }

    /// Counts a dropped hit without a sample.
    pub fn count(&mut self, (site, day): (SiteId, Day), reason: DropReason) {
        *self.counts.entry((site, day, reason)).or_default() += 1;
    }

    /// Counts a dropped hit and samples it.
    pub fn add(&mut self, here: HitContext, reason: DropReason, hit: &Hit) {
        self.samples.add(here, reason, hit);
        self.count((here.site, here.day), reason);
    }

    /// Writes counts and samples.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for ((site, day, reason), count) in self.counts.drain() {
            filtered::add(tx, site, day, reason.name(), count)?;
        }
        self.samples.write(tx)
    }
}
