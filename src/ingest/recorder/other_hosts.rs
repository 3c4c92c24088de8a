//! Page views of hosts that are not known as a site's, counted by name until their batch is written. Strangers choose the
//! names, so that a day has room for a bounded number of them, and a network for a share of that.

use super::page_senders::PageSenders;
use crate::error::Result;
use crate::ingest::day_counts::DayCounts;
use crate::ingest::other_host::OtherHost;
use crate::ingest::sender::{HitContext, Sender};
use crate::limits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::store::other_hosts::{self, Views};
use rusqlite::Transaction;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

type Where = (SiteId, Day);

/// The other hosts of sites, until their batch is written.
pub struct OtherHosts {
    /// Hosts from which pages of the sites are sent.
    pub page_senders: PageSenders,
    days: HashMap<Where, DayNames>,
    /// Names that each network brought today.
    brought: DayCounts<(SiteId, IpAddr)>,
    /// Names that gave their place to others, as long as they stand in the file.
    gone: HashSet<(Where, String)>,
    counts: HashMap<(Where, String), Views>,
}

/// The names of a day that take a place.
#[derive(Default)]
struct DayNames {
    by_name: HashMap<String, Known>,
    next_rank: u64,
    /// The file may have changed since they were read.
    is_stale: bool,
}

/// A name that takes a place.
#[derive(Clone, Copy, Default)]
struct Known {
    page_views: i64,
    /// Its place in the order in which names came; 0 for those that were in the file.
    rank: u64,
}

impl Default for OtherHosts {
    fn default() -> Self {
        Self {
            page_senders: PageSenders::default(),
            days: HashMap::new(),
            brought: DayCounts::with_limit(limits::NETWORKS_COUNTED_MAX),
            gone: HashSet::new(),
            counts: HashMap::new(),
        }
    }
}

impl OtherHosts {
    /// Drops what was not written, and what is known of the file. What a network has brought stays.
    pub fn forget(&mut self) {
        self.days.clear();
        self.gone.clear();
        self.counts.clear();
    }

    /// Reads names again before the next one is counted: they may be answered by now, or gone.
    pub fn settings_changed(&mut self) {
        self.days.values_mut().for_each(|day| day.is_stale = true);
    }

    /// Counts a page view, unless its day has no room for a further name.
    pub fn count(&mut self, tx: &Transaction<'_>, here: HitContext, host: OtherHost) -> Result<()> {
        let there = (here.site, here.day);
        if !host.is_answered && !self.has_place(tx, here, &host.name)? {
            return Ok(());
        }
        let views = self.counts.entry((there, host.name)).or_default();
        views.all += 1;
        views.filtered += i64::from(host.is_filtered);
        Ok(())
    }

    /// Gives a name its place in the day, if there is one for it.
    fn has_place(&mut self, tx: &Transaction<'_>, here: HitContext, name: &str) -> Result<bool> {
        let there = (here.site, here.day);
        let day =
            self.days.entry(there).or_insert_with(|| DayNames { is_stale: true, ..DayNames::default() });
        if day.is_stale {
            day.read(other_hosts::names(tx, here.site, here.day)?);
        }
        if let Some(known) = day.by_name.get_mut(name) {
            known.page_views += 1;
            return Ok(true);
        }
        if let Sender::Visitor(network) = here.sender
            && self.brought.get(&(here.site, network), here.day) as usize
                >= limits::OTHER_HOSTS_PER_NETWORK_MAX
        {
            return Ok(false);
        }
        if day.by_name.len() >= limits::OTHER_HOSTS_PER_DAY_MAX {
            let Some(gone) = day.take_seen_once() else { return Ok(false) };
            self.counts.remove(&(there, gone.clone()));
            self.gone.insert((there, gone));
        }
        day.next_rank += 1;
        day.by_name.insert(name.to_owned(), Known { page_views: 1, rank: day.next_rank });
        if let Sender::Visitor(network) = here.sender {
            self.brought.add((here.site, network), here.day);
        }
        Ok(true)
    }

    /// Writes the counts.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for ((site, day), host) in self.gone.drain() {
            other_hosts::delete(tx, site, day, &host)?;
        }
        for (((site, day), host), views) in self.counts.drain() {
            other_hosts::add(tx, site, day, &host, views)?;
        }
        if self.days.len() > limits::SITES_WATCHED_MAX {
            self.days.clear();
        }
        Ok(())
    }
}

impl DayNames {
    /// Takes the names of the file; the order in which they came stays.
    fn read(&mut self, names: Vec<(String, i64)>) {
        let before = std::mem::take(&mut self.by_name);
        let rank = |name: &str| before.get(name).map_or(0, |known| known.rank);
        let known = names.into_iter().map(|(name, page_views)| {
            let rank = rank(&name);
            (name, Known { page_views, rank })
        });
        self.by_name = known.collect();
        self.is_stale = false;
    }

    /// Takes away the oldest name that has one page view.
    fn take_seen_once(&mut self) -> Option<String> {
        let once = self.by_name.iter().filter(|(_, known)| known.page_views <= 1);
        let oldest = once.min_by_key(|(name, known)| (known.rank, name.as_str()));
        let name = oldest.map(|(name, _)| name.clone())?;
        self.by_name.remove(&name);
        Some(name)
    }
}
