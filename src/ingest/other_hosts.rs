//! Other hosts: the host of the page that a hit comes from, if it is not known as the site's own, such as a copy of its
//! pages, a test computer, or a foreign page with the site's ID. Page views on them are counted by name until their batch
//! is written. Clients choose the names: a day has room for a bounded number of them, and a network for a share of that.

use super::budgets::DayCounts;
use super::hit::{ActionKind, Hit, HitKind, PageRef};
use super::page_url::host_in;
use super::sender::{HitContext, Sender};
use super::translated::{is_translated, original_host};
use crate::error::Result;
use crate::limits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::store::other_hosts::{self, Views};
use crate::store::site_hosts::HostStatus;
use crate::store::sites::{Site, bare_host};
use rusqlite::Transaction;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// A host that is not known as the site's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherHost {
    /// The name, without `www.`; for a host that the owner rejected, the name that the owner answered for.
    pub name: String,
    /// True if its hits are not counted.
    pub is_filtered: bool,
    /// True if the owner answered that it is not the site's own.
    pub is_answered: bool,
}

impl OtherHost {
    /// Returns the other host of a hit; `None` if the host is the site's own or unknown, or a program sent the hit.
    fn find(site: &Site, hit: &Hit) -> Option<Self> {
        if hit.server_side.is_some() {
            return None;
        }
        let (host, query) = host_of(hit)?;
        // For a page in Google Translate, the host of the original counts.
        let original = original_host(host, query);
        let host = original.as_deref().unwrap_or(host);
        let name = bare_host(host);
        match site.host_standing(name) {
            HostStatus::Own => None,
            HostStatus::NotOwn => {
                let name = site.hosts.not_own_above(name).unwrap_or(name).to_owned();
                Some(Self { name, is_filtered: true, is_answered: true })
            }
            HostStatus::Unanswered => {
                Some(Self { name: name.to_owned(), is_filtered: site.hosts.own_only, is_answered: false })
            }
        }
    }
}

/// Returns the other host from which a page view with an address of the site itself was sent, and the host in that
/// address; `None` if they agree, or the site counts all hosts.
fn own_page_from<'a>(site: &Site, hit: &'a Hit) -> Option<(&'a str, &'a str)> {
    if !site.hosts.own_only || hit.server_side.is_some() || !hit.is_page_view() {
        return None;
    }
    let from = bare_host(hit.sent_from.as_deref()?);
    if is_translated(from) || site.host_standing(from) != HostStatus::Unanswered {
        return None;
    }
    let PageRef::Absolute(address) = &hit.page else { return None };
    host_in(address).filter(|host| site.owns_host(host)).map(|host| (from, host))
}

/// Returns the host of the page that a hit comes from, and the query of its address. The address of a file, link or media
/// may be on any host.
fn host_of(hit: &Hit) -> Option<(&str, &str)> {
    // Without the query it is uncertain which site Google Translate shows.
    let sent_from = || hit.sent_from.as_deref().filter(|host| !is_translated(host)).map(|host| (host, ""));
    match (&hit.page, hit.kind) {
        (PageRef::None, _) => sent_from(),
        (_, HitKind::Action(kind)) if kind != ActionKind::PageView => sent_from(),
        (PageRef::Absolute(address), _) => host_in(address).map(|host| (host, hit.query.as_str())),
        (PageRef::Bare(_), _) => None,
    }
}

/// A day of a site.
type SiteDay = (SiteId, Day);

/// The other hosts of sites, with the counts that are not written yet.
pub struct OtherHosts {
    page_senders: PageSenders,
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

    /// Returns the other host of a hit; `None` if the hit counts as one of the site itself.
    pub fn find(&self, site: &Site, hit: &Hit) -> Option<OtherHost> {
        OtherHost::find(site, hit).filter(|host| {
            let may_pass = !hit.is_page_view() && !host.is_answered;
            !(may_pass && self.page_senders.contains(site, &host.name))
        })
    }

    /// Notes the host from which a recorded page view of the site's own came.
    pub fn note_sender(&mut self, site: &Site, hit: &Hit) {
        self.page_senders.note(site, hit);
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

/// The page senders of each site, the newest last.
#[derive(Default)]
struct PageSenders {
    by_site: HashMap<SiteId, Vec<PageSender>>,
}

struct PageSender {
    host: String,
    /// The host of the site in the address of its page view.
    own_host: String,
}

impl PageSenders {
    /// Adds the host from which a recorded page view came.
    pub fn note(&mut self, site: &Site, hit: &Hit) {
        let Some((host, own_host)) = own_page_from(site, hit) else { return };
        if self.by_site.len() > limits::SITES_WATCHED_MAX {
            self.by_site.clear();
        }
        let senders = self.by_site.entry(site.id).or_default();
        if let Some(sender) = senders.iter_mut().find(|sender| sender.host == host) {
            if sender.own_host != own_host {
                own_host.clone_into(&mut sender.own_host);
            }
            return;
        }
        if senders.len() >= limits::PAGE_SENDERS_PER_SITE_MAX {
            senders.remove(0);
        }
        senders.push(PageSender { host: host.to_owned(), own_host: own_host.to_owned() });
    }

    /// Returns true if a host sent page views of an address on a host that is still the site's own.
    pub fn contains(&self, site: &Site, host: &str) -> bool {
        let senders = self.by_site.get(&site.id).into_iter().flatten();
        senders.into_iter().any(|sender| sender.host == host && site.owns_host(&sender.own_host))
    }
}
