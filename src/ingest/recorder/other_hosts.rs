//! Page views on hosts that are not a site's own, counted by host name until their batch is written. Clients choose the
//! names: a day has room for a bounded number of them, and a network for a share of that.

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

/// A day of a site.
type SiteDay = (SiteId, Day);

/// The other hosts of sites, with the counts that are not written yet.
pub struct OtherHosts {
    /// The hosts from which pages with an address of the sites are sent.
    pub page_senders: PageSenders,
    days: HashMap<SiteDay, DayNames>,
    /// The number of names that each network added today.
    added: DayCounts<(SiteId, IpAddr)>,
    /// The names that gave their place to others and must be deleted from the file.
    displaced: HashSet<(SiteDay, String)>,
    counts: HashMap<(SiteDay, String), Views>,
}

/// The host names of a day.
#[derive(Default)]
struct DayNames {
    by_name: HashMap<String, NameViews>,
    next_rank: u64,
    /// True if the file may have changed since they were read.
    is_stale: bool,
}

/// The page views and the rank of a host name.
#[derive(Clone, Copy, Default)]
struct NameViews {
    page_views: i64,
    /// The position in the order in which names came; 0 for those that were in the file.
    rank: u64,
}

impl Default for OtherHosts {
    fn default() -> Self {
        Self {
            page_senders: PageSenders::default(),
            days: HashMap::new(),
            added: DayCounts::with_limit(limits::NETWORKS_COUNTED_MAX),
            displaced: HashSet::new(),
            counts: HashMap::new(),
        }
    }
}

impl OtherHosts {
    /// Discards the unwritten counts and the names read from the file; the shares of networks stay.
    pub fn forget(&mut self) {
        self.days.clear();
        self.displaced.clear();
        self.counts.clear();
    }

    /// Marks all names to be read again before the next one is counted: the owner may have answered for some.
    pub fn settings_changed(&mut self) {
        self.days.values_mut().for_each(|day| day.is_stale = true);
    }

    /// Counts a page view, unless its day has no room for another name.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn count(&mut self, tx: &Transaction<'_>, context: HitContext, host: OtherHost) -> Result<()> {
        let key = (context.site, context.day);
        if !host.is_answered && !self.add_name(tx, context, &host.name)? {
            return Ok(());
        }
        let views = self.counts.entry((key, host.name)).or_default();
        views.all += 1;
        views.filtered += i64::from(host.is_filtered);
        Ok(())
    }

    /// Adds a name to its day; returns false if there is no room for it.
    fn add_name(&mut self, tx: &Transaction<'_>, context: HitContext, name: &str) -> Result<bool> {
        let key = (context.site, context.day);
        let day = self.days.entry(key).or_insert_with(|| DayNames { is_stale: true, ..DayNames::default() });
        if day.is_stale {
            day.reload(other_hosts::names(tx, context.site, context.day)?);
        }
        if let Some(known) = day.by_name.get_mut(name) {
            known.page_views += 1;
            return Ok(true);
        }
        if let Sender::Visitor(network) = context.sender
            && self.added.get(&(context.site, network), context.day) as usize
                >= limits::OTHER_HOSTS_PER_NETWORK_MAX
        {
            return Ok(false);
        }
        if day.by_name.len() >= limits::OTHER_HOSTS_PER_DAY_MAX {
            let Some(displaced) = day.remove_seen_once() else { return Ok(false) };
            self.counts.remove(&(key, displaced.clone()));
            self.displaced.insert((key, displaced));
        }
        day.next_rank += 1;
        day.by_name.insert(name.to_owned(), NameViews { page_views: 1, rank: day.next_rank });
        if let Sender::Visitor(network) = context.sender {
            self.added.add((context.site, network), context.day);
        }
        Ok(true)
    }

    /// Writes the counts.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for ((site, day), host) in self.displaced.drain() {
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
    /// Replaces the names by those of the file; names in both keep their rank.
    fn reload(&mut self, names: Vec<(String, i64)>) {
        let before = std::mem::take(&mut self.by_name);
        let rank = |name: &str| before.get(name).map_or(0, |known| known.rank);
        let known = names.into_iter().map(|(name, page_views)| {
            let rank = rank(&name);
            (name, NameViews { page_views, rank })
        });
        self.by_name = known.collect();
        self.is_stale = false;
    }

    /// Removes and returns the oldest name that has one page view.
    fn remove_seen_once(&mut self) -> Option<String> {
        let once = self.by_name.iter().filter(|(_, known)| known.page_views <= 1);
        let oldest = once.min_by_key(|(name, known)| (known.rank, name.as_str()));
        let name = oldest.map(|(name, _)| name.clone())?;
        self.by_name.remove(&name);
        Some(name)
    }
}
