//! The filter of hits: by what the sender says about itself, the hits from its address, the site's exclusions, the
//! room in the visit and the day, and the referrer of the visit.

use super::admission::Admission;
use super::blocked_visitors::BlockedVisitors;
use super::identified_hit::IdentifiedHit;
use super::rate_limit::AddressLimit;
use super::site_cache::CachedSite;
use crate::ingest::day_counts::DayCounts;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::hit::{ActionKind, Hit, HitKind, PageRef, VisitorRef};
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::ingest::sender::{HitContext, Sender};
use crate::ingest::source::TrafficSource;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::id::SiteId;
use std::net::IpAddr;
use std::sync::Arc;

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

    /// Returns the reason to drop a hit, as far as it does not depend on its visit.
    pub fn check(&mut self, site: &CachedSite, hit: &Hit) -> Option<DropReason> {
        if let Some(program) = &hit.server_side {
            return match program.visitor {
                _ if !site.keys.admin.matches(&program.key) => Some(DropReason::WrongKey),
                VisitorRef::Nobody => Some(DropReason::NoVisitor),
                VisitorRef::Visit(_) | VisitorRef::Address if is_empty(hit) => Some(DropReason::NoPage),
                VisitorRef::Visit(_) | VisitorRef::Address => site.exclusions.check(hit),
            };
        }
        let limit = AddressLimit { site: hit.site, hits_max: site.site.bounds.hits_per_minute_max };
        let is_trial = !hit.is_agent_read;
        // Imported hits without addresses are not counted by address.
        if !hit.address.is_unspecified() && !self.admission.admits(limit, hit.address, hit.at, is_trial) {
            return Some(DropReason::TooManyHits);
        }
        if hit.automated {
            return Some(DropReason::Automation);
        }
        if hit.agent.is_bot {
            return Some(DropReason::Bot);
        }
        if is_empty(hit) {
            return Some(DropReason::NoPage);
        }
        site.exclusions.check(hit)
    }

    /// Returns the reason why an action has no room in the site's day; `None` if it has. Until half of the day's
    /// actions are used, a network takes what it needs: a whole company may be behind one. The other half is for
    /// networks that have not used up their share.
    pub fn over_limit(&self, site: &CachedSite, context: HitContext, hit: &Hit) -> Option<DropReason> {
        if !matches!(hit.kind, HitKind::Action(_)) {
            return None;
        }
        if let Some(most) = site.site.bounds.actions_per_day_max {
            if site.actions_today >= most {
                return Some(DropReason::DayFull);
            }
            let taken = |network| i64::from(self.actions_today.get(&(context.site, network), context.day));
            let share = most / i64::from(limits::NETWORK_SHARE);
            if let Sender::Visitor(network) = context.sender
                && site.actions_today >= most / 2
                && taken(network) >= share
            {
                return Some(DropReason::NetworkFull);
            }
        }
        None
    }

    /// Counts an action of its network, for a site with a limit on actions a day.
    pub fn count_action(&mut self, site: &CachedSite, context: HitContext) {
        if let (Some(_), Sender::Visitor(network)) = (site.site.bounds.actions_per_day_max, context.sender) {
            self.actions_today.add((context.site, network), context.day);
        }
    }

    /// Returns the reason why no visit may begin: its referrer is excluded, or it is the next page of such a visitor.
    pub fn blocks_visit(
        &mut self,
        arrival: &IdentifiedHit<'_>,
        source: &TrafficSource,
    ) -> Option<DropReason> {
        let (hit, visitor) = (arrival.hit, arrival.visitor.id());
        let spam = Arc::clone(&self.spam);
        let exclusion = |domain: &str| match () {
            () if spam.contains(domain) => Some(DropReason::ReferrerSpam),
            () if arrival.site.exclusions.excludes_referrer(domain) => Some(DropReason::ExcludedReferrer),
            () => None,
        };
        let domain = match source.domain.as_deref() {
            Some(domain) if exclusion(domain).is_some() => domain.into(),
            _ if matches!(source.channel, Channel::Internal | Channel::Direct) => {
                self.blocked_visitors.find(hit.site, visitor, hit.at)?
            }
            _ => return None,
        };
        // Checked anew: a visitor from a domain that is no longer excluded is accepted.
        let reason = exclusion(&domain)?;
        self.blocked_visitors.note(hit.site, visitor, domain, hit.at);
        Some(reason)
    }
}

/// Returns true if a hit has no content: an action without an address, except an event of a page's own script that has
/// a title; a goal hit without goals, split tests and custom data.
fn is_empty(hit: &Hit) -> bool {
    let kind = match hit.kind {
        HitKind::Action(kind) => kind,
        HitKind::Goal => return hit.goals.is_empty() && hit.splits.is_empty() && hit.custom.is_empty(),
        HitKind::Custom | HitKind::Heatmap | HitKind::Ping => return false,
    };
    let has_title = kind == ActionKind::Event && hit.server_side.is_none() && hit.title.is_some();
    hit.page == PageRef::None && !has_title
}
