//! Dropped hits, remembered and counted until their numbers are written: those of the writer with its batch, in
//! [`DroppedHits`], and those that never reach it at intervals, in [`PendingDroppedHits`]. Samples of them let an owner
//! trust the numbers, and identify no person.

use super::clean_text::cut;
use super::drop_reason::DropReason;
use super::hit::{Hit, PageRef};
use super::sender::{HitContext, Sender};
use crate::error::Result;
use crate::ingest::source;
use crate::limits;
use crate::model::clock::{Day, Zone};
use crate::model::id::SiteId;
use crate::store::filtered::{self, FilteredSample};
use rusqlite::Transaction;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The site ID under which hits are counted that belong to no site. Their days are those of UTC.
const NO_SITE: SiteId = SiteId(0);

/// A reason on a day of a site.
type DayReason = (SiteId, Day, DropReason);

/// The counts and samples of dropped hits.
#[derive(Default)]
pub struct DroppedHits {
    counts: HashMap<DayReason, i64>,
    samples: DroppedSamples,
}

impl DroppedHits {
    /// Discards the counts and samples that were not written.
    pub fn forget(&mut self) {
        self.counts.clear();
        self.samples.forget();
    }

    /// Counts a hit for a site that does not exist.
    pub fn add_without_site(&mut self, reason: DropReason, hit: &Hit) {
        self.count(NO_SITE, Zone::utc().day(hit.at), reason);
    }

    fn count(&mut self, site: SiteId, day: Day, reason: DropReason) {
        *self.counts.entry((site, day, reason)).or_default() += 1;
    }

    /// Counts a dropped hit and samples it.
    pub fn add(&mut self, context: HitContext, reason: DropReason, hit: &Hit) {
        self.samples.add(context, reason, hit);
        self.count(context.site, context.day, reason);
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

/// The samples of the batch that is being written, and the days that have enough of them.
#[derive(Default)]
struct DroppedSamples {
    per_reason: HashMap<DayReason, usize>,
    /// The number of samples of each network, so that one network does not fill all of them.
    per_network: HashMap<(DayReason, IpAddr), usize>,
    to_write: Vec<(DayReason, FilteredSample)>,
}

impl DroppedSamples {
    /// Discards the unwritten samples, and the cached counts.
    fn forget(&mut self) {
        *self = Self::default();
    }

    /// Adds a hit, unless its day has enough samples.
    fn add(&mut self, context: HitContext, reason: DropReason, hit: &Hit) {
        if self.per_reason.len() > limits::SITES_WATCHED_MAX {
            self.per_reason.clear();
            self.per_network.clear();
        }
        let key = (context.site, context.day, reason);
        let taken = self.per_reason.entry(key).or_default();
        if *taken >= limits::SAMPLES_PER_REASON_MAX {
            return;
        }
        if let Sender::Visitor(network) = context.sender {
            let from_network = self.per_network.entry((key, network)).or_default();
            if *from_network >= limits::SAMPLES_PER_NETWORK_MAX {
                return;
            }
            *from_network += 1;
        }
        *taken += 1;
        self.to_write.push((key, sample(hit)));
    }

    /// Writes the samples.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for ((site, day, reason), sample) in self.to_write.drain(..) {
            let most = limits::SAMPLES_PER_REASON_MAX;
            if !filtered::add_sample(tx, site, day, reason.name(), &sample, most)? {
                self.per_reason.insert((site, day, reason), limits::SAMPLES_PER_REASON_MAX);
            }
        }
        Ok(())
    }
}

/// Returns the sample of a hit: texts that contain no personal data, cut to size.
fn sample(hit: &Hit) -> FilteredSample {
    let address = match &hit.page {
        PageRef::Absolute(address) | PageRef::Bare(address) => Some(address.as_str()),
        PageRef::None => None,
    };
    // A query or fragment may contain anything, also a name.
    let page = address.and_then(|address| address.split(['?', '#']).next()).map(short);
    let agent = &hit.agent.agent;
    let parts = [agent.browser.as_str(), agent.system.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty() && *part != "Other").collect();
    FilteredSample {
        at: hit.at.0,
        page,
        agent: short(&parts.join(" · ")),
        referrer: source::domain_of(&hit.referrer).map(|domain| short(&domain)),
    }
}

fn short(text: &str) -> String {
    cut(text, limits::SAMPLE_BYTES_MAX).to_owned()
}

/// The counts of dropped hits by reason that are not yet in the data file.
#[derive(Debug, Default)]
pub struct PendingDroppedHits(Mutex<HashMap<DropReason, i64>>);

impl PendingDroppedHits {
    fn counts(&self) -> MutexGuard<'_, HashMap<DropReason, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a dropped hit in memory, so that a flood of invalid hits does not slow the writer.
    pub fn add(&self, reason: DropReason) {
        self.add_all(reason, 1);
    }

    /// Counts several hits that were dropped for the same reason.
    pub fn add_all(&self, reason: DropReason, hits: usize) {
        *self.counts().entry(reason).or_default() += i64::try_from(hits).unwrap_or(i64::MAX);
    }

    /// Returns the counts, and starts again from zero.
    pub fn take(&self) -> HashMap<DropReason, i64> {
        std::mem::take(&mut *self.counts())
    }

    /// Adds counts to those of a day in the data file.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(tx: &Transaction<'_>, day: Day, counts: &HashMap<DropReason, i64>) -> Result<()> {
        let mut counts = counts.iter();
        counts.try_for_each(|(reason, count)| filtered::add(tx, NO_SITE, day, reason.name(), *count))
    }

    /// Adds counts that could not be written.
    pub fn put_back(&self, counts: HashMap<DropReason, i64>) {
        let mut waiting = self.counts();
        for (reason, count) in counts {
            *waiting.entry(reason).or_default() += count;
        }
    }
}
