//! The hits that were filtered, wholly or in part, until their batch is written: their number for each
//! reason, and samples of them.

use super::samples::Samples;
use crate::clock::Day;
use crate::error::Result;
use crate::id::SiteId;
use crate::ingest::hit::Hit;
use crate::ingest::reason::Reason;
use crate::ingest::sender::HitContext;
use crate::store::filtered;
use rusqlite::Transaction;
use std::collections::HashMap;

/// What is known of them.
#[derive(Default)]
pub struct LeftOut {
    counts: HashMap<(SiteId, Day, Reason), i64>,
    samples: Samples,
}

impl LeftOut {
    /// Drops what was not written.
    pub fn forget(&mut self) {
        self.counts.clear();
        self.samples.forget();
    }

    /// Counts a hit of which nothing is shown.
    pub fn count(&mut self, (site, day): (SiteId, Day), reason: Reason) {
        *self.counts.entry((site, day, reason)).or_default() += 1;
    }

    /// Counts a hit and remembers what can be shown of it.
    pub fn add(&mut self, here: HitContext, reason: Reason, hit: &Hit) {
        self.samples.add(here, reason, hit);
        self.count((here.site, here.day), reason);
    }

    /// Writes counts and samples.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for ((site, day, reason), count) in self.counts.drain() {
            filtered::add(tx, site, day, reason.name(), count)?;
        }
        self.samples.write(tx)
    }
}
