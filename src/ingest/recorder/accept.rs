//! The decision on a hit: by what the sender says about itself, the hits from its address, the site's exclusions, the room
//! in the day, and the referrer of the visit. [`Admission`] lets others predict it.

use super::arrival::Arrival;
use super::site_cache::CachedSite;
use crate::ingest::budgets::DayCounts;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::hit::{ActionKind, Hit, HitKind, PageRef, VisitorRef};
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::ingest::sender::{HitContext, Sender};
use crate::ingest::source::TrafficSource;
use crate::limits;
use crate::model::address;
use crate::model::channel::Channel;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitorId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The filter of hits, with the counts that it needs for the next ones.
pub struct HitFilter {
    admission: Admission,
    blocked_visitors: BlockedVisitors,
    spam: Arc<ReferrerSpam>,
    /// The actions of each network today, for sites with a limit on actions a day.
    actions_today: DayCounts<(SiteId, IpAddr)>,
}

impl HitFilter {
    /// Returns a filter that counts the hits of addresses in `admission` and knows the domains of referrer spam.
    pub fn new(admission: Admission, spam: Arc<ReferrerSpam>) -> Self {
        Self {
            admission,
            spam,
            blocked_visitors: BlockedVisitors::default(),
            actions_today: DayCounts::with_limit(limits::NETWORKS_COUNTED_MAX),
        }
    }

    /// Returns true if a host is on the referrer spam list.
    pub fn is_spam(&self, host: &str) -> bool {
        self.spam.contains(host)
    }

    /// Notes that a site was read, or that there is none with its ID, for the next predictions.
    pub fn note_site(&self, id: SiteId, site: Option<&CachedSite>) {
        match site {
            Some(site) => self.admission.add_site(id, site.site.bounds.hits_per_minute_max),
            None => self.admission.remove_site(id),
        }
    }

    /// Checks a hit as far as its visit does not matter.
    ///
    /// # Errors
    ///
    /// Returns the reason to drop it.
    pub fn check(&mut self, site: &CachedSite, hit: &Hit) -> Result<(), DropReason> {
        if let Some(program) = &hit.server_side {
            return match program.visitor {
                VisitorRef::Nobody => Err(DropReason::NoVisitor),
                VisitorRef::Visit(_) | VisitorRef::Address if is_empty(hit) => Err(DropReason::NoPage),
                VisitorRef::Visit(_) | VisitorRef::Address if program.has_agent && hit.agent.is_bot => {
                    Err(DropReason::Bot)
                }
                VisitorRef::Visit(_) | VisitorRef::Address => site.exclusions.check(hit),
            };
        }
        let limit = AddressLimit { site: hit.site, hits_max: site.site.bounds.hits_per_minute_max };
        let is_trial = !hit.is_agent_read;
        // Imported hits without addresses are not counted by address.
        if !hit.address.is_unspecified() && !self.admission.admits(limit, hit.address, hit.at, is_trial) {
            return Err(DropReason::TooManyHits);
        }
        if hit.automated {
            return Err(DropReason::Automation);
        }
        if hit.agent.is_bot {
            return Err(DropReason::Bot);
        }
        if is_empty(hit) {
            return Err(DropReason::NoPage);
        }
        if hit.kind == HitKind::Vitals {
            check_vitals(site, hit)?;
        }
        site.exclusions.check(hit)
    }

    /// Checks that an action has room in the site's day. Until half of the day's actions are used, a network takes what it
    /// needs: a whole company may be behind one. The other half is for networks that have not used up their share.
    ///
    /// # Errors
    ///
    /// Returns the reason to drop it.
    pub fn check_day(&self, arrival: &Arrival<'_>) -> Result<(), DropReason> {
        let Arrival { site, hit, context, .. } = *arrival;
        let Some(most) = site.site.bounds.actions_per_day_max else { return Ok(()) };
        if !matches!(hit.kind, HitKind::Action(_)) {
            return Ok(());
        }
        if site.actions_today >= most {
            return Err(DropReason::DayFull);
        }
        let taken = |network| i64::from(self.actions_today.get(&(context.site, network), context.day));
        let share = most / i64::from(limits::NETWORK_SHARE);
        match context.sender {
            Sender::Visitor(network) if site.actions_today >= most / 2 && taken(network) >= share => {
                Err(DropReason::NetworkFull)
            }
            _ => Ok(()),
        }
    }

    /// Counts an action of its network, for a site with a limit on actions a day.
    pub fn count_action(&mut self, site: &CachedSite, context: HitContext) {
        if let (Some(_), Sender::Visitor(network)) = (site.site.bounds.actions_per_day_max, context.sender) {
            self.actions_today.add((context.site, network), context.day);
        }
    }

    /// Checks that a visit may begin: not if its referrer is excluded, or if it is the next page of such a visitor.
    ///
    /// # Errors
    ///
    /// Returns the reason to drop the hit.
    pub fn check_source(&mut self, arrival: &Arrival<'_>, source: &TrafficSource) -> Result<(), DropReason> {
        let (hit, visitor) = (arrival.hit, arrival.visitor.id());
        let exclusion = |domain: &str| match () {
            () if self.spam.contains(domain) => Some(DropReason::ReferrerSpam),
            () if arrival.site.exclusions.excludes_referrer(domain) => Some(DropReason::ExcludedReferrer),
            () => None,
        };
        let domain = match source.domain.as_deref() {
            Some(domain) if exclusion(domain).is_some() => Some(domain.into()),
            _ if matches!(source.channel, Channel::Internal | Channel::Direct) => {
                self.blocked_visitors.find(hit.site, visitor, hit.at)
            }
            _ => None,
        };
        // Checked anew: a visitor from a domain that is no longer excluded is accepted.
        let Some((domain, reason)) =
            domain.and_then(|domain| exclusion(&domain).map(|reason| (domain, reason)))
        else {
            return Ok(());
        };
        self.blocked_visitors.note(hit.site, visitor, domain, hit.at);
        Err(reason)
    }
}

/// Checks that a site wants web vitals, and that the hit has them.
fn check_vitals(site: &CachedSite, hit: &Hit) -> Result<(), DropReason> {
    match hit.vitals {
        _ if !site.site.vitals_measured => Err(DropReason::VitalsOff),
        None => Err(DropReason::VitalsValue),
        Some(_) => Ok(()),
    }
}

/// Returns true if a hit has no content: an action without an address, except an event of a page's own script that has
/// a title; a goal hit without goals, split tests and custom data.
fn is_empty(hit: &Hit) -> bool {
    let kind = match hit.kind {
        HitKind::Action(kind) => kind,
        HitKind::Vitals => return hit.page == PageRef::None,
        HitKind::Goal => return hit.goals.is_empty() && hit.splits.is_empty() && hit.custom.is_empty(),
        HitKind::Custom | HitKind::Heatmap | HitKind::Ping => return false,
    };
    let has_title = kind == ActionKind::Event && hit.server_side.is_none() && hit.title.is_some();
    hit.page == PageRef::None && !has_title
}

/// The blocked visitors, with the time of their last hit and the domain of their referrer.
#[derive(Default)]
struct BlockedVisitors(HashMap<(SiteId, VisitorId), (Timestamp, Box<str>)>);

impl BlockedVisitors {
    /// Adds a visitor, or updates the time of their last hit.
    pub fn note(&mut self, site: SiteId, visitor: VisitorId, domain: Box<str>, now: Timestamp) {
        if self.0.len() >= limits::TURNED_AWAY_MAX {
            self.0.retain(|_, (seen_at, _)| !now.has_passed(limits::VISIT_IDLE, *seen_at));
        }
        if self.0.len() >= limits::TURNED_AWAY_MAX {
            self.0.clear();
        }
        self.0.insert((site, visitor), (now, domain));
    }

    /// Returns the referrer's domain of a blocked visitor, as long as the visit would have gone on.
    pub fn find(&self, site: SiteId, visitor: VisitorId, now: Timestamp) -> Option<Box<str>> {
        let (seen_at, domain) = self.0.get(&(site, visitor))?;
        (!now.has_passed(limits::VISIT_IDLE, *seen_at)).then(|| domain.clone())
    }
}

/// The known sites, and the hits of each address; cheap to clone.
#[derive(Clone, Default)]
pub struct Admission(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// The most hits that a site accepts from one address in a minute.
    hits_max: HashMap<SiteId, u32>,
    rates: RateLimit,
}

impl Admission {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true if a hit is likely to be accepted, as far as site and address show. If false, ask the writer
    /// before any costly work.
    pub fn expects(&self, site: SiteId, address: IpAddr, now: Timestamp) -> bool {
        let known = self.known();
        known.hits_max.get(&site).is_some_and(|hits_max| {
            known.rates.has_room(AddressLimit { site, hits_max: *hits_max }, address, now)
        })
    }

    /// Adds a site that accepts up to `hits_max` hits from one address in a minute.
    fn add_site(&self, site: SiteId, hits_max: u32) {
        self.known().hits_max.insert(site, hits_max);
    }

    /// Removes a deleted site.
    fn remove_site(&self, site: SiteId) {
        self.known().hits_max.remove(&site);
    }

    /// Counts a hit of an address for a site; returns false if the running minute already had the most. With `is_trial`
    /// it is not counted if there is room.
    fn admits(&self, limit: AddressLimit, address: IpAddr, now: Timestamp, is_trial: bool) -> bool {
        let rates = &mut self.known().rates;
        if is_trial && rates.has_room(limit, address, now) {
            return true;
        }
        rates.allow(limit, address, now)
    }
}

/// The limit of a site: the most hits that it accepts from one address in a minute.
#[derive(Clone, Copy, Debug)]
struct AddressLimit {
    /// The site.
    pub site: SiteId,
    /// The most hits of one address in a minute; 0 accepts none.
    pub hits_max: u32,
}

/// The hits of each address in the running minute.
#[derive(Default)]
struct RateLimit {
    minute: i64,
    hits: HashMap<(SiteId, IpAddr), u32>,
}

impl RateLimit {
    /// Returns true if another hit of an address for a site would be accepted.
    pub fn has_room(&self, limit: AddressLimit, address: IpAddr, now: Timestamp) -> bool {
        let taken = || self.hits.get(&(limit.site, address::network(address))).copied().unwrap_or(0);
        limit.hits_max > 0 && (now.seconds().div_euclid(60) != self.minute || taken() < limit.hits_max)
    }

    /// Counts a hit of an address for a site; returns false if the running minute already had the most.
    pub fn allow(&mut self, limit: AddressLimit, address: IpAddr, now: Timestamp) -> bool {
        let minute = now.seconds().div_euclid(60);
        if minute != self.minute || self.hits.len() >= limits::ADDRESSES_COUNTED_MAX {
            self.minute = minute;
            self.hits.clear();
        }
        let hits = self.hits.entry((limit.site, address::network(address))).or_default();
        *hits += 1;
        *hits <= limit.hits_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_hits_of_each_minute_and_site_and_others_theirs() {
        let limit = |site| AddressLimit { site: SiteId(site), hits_max: 100 };
        let (mut rates, now) = (RateLimit::default(), Timestamp(1_795_000_020_000));
        let (flood, other) = ("2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let (here, there) = (limit(1), limit(2));
        for _ in 0..100 {
            assert!(rates.has_room(here, flood, now) && rates.allow(here, flood, now));
        }
        assert!(!rates.has_room(here, flood, now) && rates.has_room(there, flood, now));
        assert!(rates.has_room(here, flood, Timestamp(now.0 + 60_000)));
        assert!(!rates.allow(here, "2001:db8::2".parse().unwrap(), now), "the same /64");
        assert!(rates.allow(here, other, now));
        assert!(rates.allow(there, flood, now));
        assert!(rates.allow(here, flood, Timestamp(now.0 + 60_000)));
    }
}
