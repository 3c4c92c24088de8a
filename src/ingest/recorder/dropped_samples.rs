//! The samples of dropped hits: they let an owner trust the numbers, and identify no person.

use crate::error::Result;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::hit::{Hit, PageRef};
use crate::ingest::sender::{HitContext, Sender};
use crate::ingest::source;
use crate::limits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::store::filtered::{self, FilteredSample};
use rusqlite::Transaction;
use std::collections::HashMap;
use std::net::IpAddr;

type Where = (SiteId, Day, DropReason);

/// The samples of the batch that is being written, and the days that have enough of them.
#[derive(Default)]
pub struct DroppedSamples {
    taken: HashMap<Where, usize>,
    /// The number of samples of each network, so that one network does not fill all of them.
    of_networks: HashMap<(Where, IpAddr), usize>,
    to_write: Vec<(Where, FilteredSample)>,
}

impl DroppedSamples {
    /// Discards the unwritten samples, and the cached counts.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Adds a hit, unless its day has enough samples.
    pub fn add(&mut self, here: HitContext, reason: DropReason, hit: &Hit) {
        if self.taken.len() > limits::SITES_WATCHED_MAX {
            self.taken.clear();
            self.of_networks.clear();
        }
        let there = (here.site, here.day, reason);
        let taken = self.taken.entry(there).or_default();
        if *taken >= limits::SAMPLES_PER_REASON_MAX {
            return;
        }
        if let Sender::Visitor(network) = here.sender {
            let of_network = self.of_networks.entry((there, network)).or_default();
            if *of_network >= limits::SAMPLES_PER_NETWORK_MAX {
                return;
            }
            *of_network += 1;
        }
        *taken += 1;
        self.to_write.push((there, sample(hit)));
    }

    /// Writes the samples.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for ((site, day, reason), sample) in self.to_write.drain(..) {
            let most = limits::SAMPLES_PER_REASON_MAX;
            if !filtered::add_sample(tx, site, day, reason.name(), &sample, most)? {
                self.taken.insert((site, day, reason), limits::SAMPLES_PER_REASON_MAX);
            }
        }
        Ok(())
    }
}

fn sample(hit: &Hit) -> FilteredSample {
    let address = match &hit.page {
        PageRef::Absolute(address) | PageRef::Bare(address) => Some(address.as_str()),
        PageRef::None => None,
    };
    // A query or fragment may contain anything, also a name.
    let page = address.and_then(|address| address.split(['?', '#']).next()).map(cut);
    let agent = &hit.agent.agent;
    let words = [agent.browser.as_str(), agent.system.as_str()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty() && *word != "Other").collect();
    FilteredSample {
        at: hit.at.0,
        page,
        agent: cut(&words.join(" · ")),
        referrer: source::domain_of(&hit.referrer).map(|domain| cut(&domain)),
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(limits::SAMPLE_BYTES_MAX)].to_owned()
}
