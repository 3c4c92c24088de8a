//! Page views of hosts that are not known as a site's, counted by name until their batch is written. Strangers choose the
//! names, so that a day has room for a bounded number of them.

use crate::clock::Day;
use crate::error::Result;
use crate::id::SiteId;
use crate::ingest::sender::HitContext;
use crate::limits;
use crate::store::other_hosts;
use rusqlite::Transaction;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// What is known of them.
#[derive(Default)]
pub struct OtherHosts {
    /// The names that a day has in the file, or will have with this batch.
    names: HashMap<(SiteId, Day), HashSet<String>>,
    counts: HashMap<(SiteId, Day, String), i64>,
}

impl OtherHosts {
    /// Drops what was not written, and what is known of the file.
    pub fn forget(&mut self) {
        self.names.clear();
        self.counts.clear();
    }

    /// Counts a page view, unless its day has no room for a further name.
    pub fn count(&mut self, tx: &Transaction<'_>, here: HitContext, host: String) -> Result<()> {
        let day = (here.site, here.day);
        let names = match self.names.entry(day) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unread) => {
                let names = other_hosts::names(tx, here.site, here.day)?;
                unread.insert(names.into_iter().collect())
            }
        };
        if names.len() < limits::OTHER_HOSTS_PER_DAY_MAX || names.contains(&host) {
            names.insert(host.clone());
            *self.counts.entry((here.site, here.day, host)).or_default() += 1;
        }
        Ok(())
    }

    /// Writes the counts.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for ((site, day, host), page_views) in self.counts.drain() {
            other_hosts::add(tx, site, day, &host, page_views)?;
        }
        if self.names.len() > limits::SITES_WATCHED_MAX {
            self.names.clear();
        }
        Ok(())
    }
}
