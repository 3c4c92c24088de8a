//! Reverse DNS lookups of visitors' IP addresses, if the operator enables them. Visits wait in a bounded queue that a
//! background task works off; no hit ever waits for a lookup.

use super::budgets::Budgets;
use super::budgets::TextKind;
use super::sender::{HitContext, Sender};
use crate::limits;
use crate::model::address;
use crate::model::clock::Day;
use crate::model::id::{SiteId, VisitId};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// A pending lookup: a visit whose IP address may have a hostname.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingLookup {
    /// The site of the visit.
    pub site: SiteId,
    /// The visit.
    pub visit: VisitId,
    /// The full IP address, in memory only.
    pub address: IpAddr,
    /// True if the site shortens IP addresses, so that the hostname must not contain the address either.
    pub is_shortened: bool,
}

/// The queue of pending lookups with the budgets of new names; cheap to clone.
#[derive(Clone, Default)]
pub struct LookupQueue {
    waiting: Arc<Mutex<VecDeque<PendingLookup>>>,
    budgets: Arc<Mutex<Budgets>>,
}

impl LookupQueue {
    /// Queues visits. When the queue is full, the oldest are dropped; a visit of a network with many queued visits is
    /// not queued.
    pub fn add(&self, visits: impl IntoIterator<Item = PendingLookup>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for visit in visits {
            let network = address::wide_network(visit.address);
            let has = |one: &&PendingLookup| address::wide_network(one.address) == network;
            if waiting.len() < limits::LOOKUPS_PER_NETWORK_MAX
                || waiting.iter().filter(has).count() < limits::LOOKUPS_PER_NETWORK_MAX
            {
                waiting.push_back(visit);
            }
        }
        let too_many = waiting.len().saturating_sub(limits::LOOKUPS_WAITING_MAX);
        waiting.drain(..too_many);
    }

    /// Takes at most `most` visits from the queue.
    pub fn take(&self, most: usize) -> Vec<PendingLookup> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(most);
        waiting.drain(..count).collect()
    }

    /// Takes one name that the file does not have from the day's budget; returns false when it is used up. The owner of
    /// a network chooses its names, and could return a new one for each lookup.
    pub fn take_room(&self, one: &PendingLookup, day: Day) -> bool {
        let sender = Sender::Visitor(address::wide_network(one.address));
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.spend(HitContext { site: one.site, day, sender }, TextKind::Devices).is_ok()
    }
}

/// Looks up the hostname of an IP address and waits for the answer; `None` without a useful name.
pub fn find(nameless: &PendingLookup) -> Option<String> {
    let name = dns_lookup::lookup_addr(&nameless.address).ok()?;
    if name.parse::<IpAddr>().is_ok() {
        return None;
    }
    worth_keeping(&name, nameless.is_shortened)
}

/// Returns the hostname in stored form. Providers encode the address in the first labels of a name; these are removed
/// where addresses are shortened.
fn worth_keeping(name: &str, is_shortened: bool) -> Option<String> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if name.is_empty() || name.len() > limits::HOSTNAME_BYTES_MAX || !is_name {
        return None;
    }
    if !is_shortened {
        return Some(name);
    }
    let parts: Vec<&str> = name.split('.').collect();
    let tells = |part: &&str| part.bytes().any(|byte| byte.is_ascii_digit());
    let kept_from = parts.iter().rposition(tells).map_or(0, |last| last + 1);
    let kept = parts[kept_from..].join(".");
    // A top-level domain alone is of no use.
    (kept.contains('.') || kept_from == 0).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_tell_an_address_that_is_shortened() {
        for (name, kept) in [
            ("p5b0c0407.dip0.t-ipconnect.de.", Some("t-ipconnect.de")),
            ("91-12-4-7.dyn.Example.NET", Some("dyn.example.net")),
            ("mail.bakery.example", Some("mail.bakery.example")),
            ("localhost", Some("localhost")),
            ("host7.de", None),
            ("a b.example", None),
            ("", None),
        ] {
            assert_eq!(worth_keeping(name, true).as_deref(), kept, "{name}");
        }
        assert_eq!(
            worth_keeping("91-12-4-7.dyn.example.net", false).as_deref(),
            Some("91-12-4-7.dyn.example.net")
        );
    }

    #[test]
    fn the_line_is_bounded_and_the_newest_stay() {
        let lookups = LookupQueue::default();
        let nameless = |visit: i64| PendingLookup {
            site: SiteId(1),
            visit: VisitId(visit),
            address: std::net::Ipv4Addr::from_bits(u32::try_from(visit).unwrap() << 8).into(),
            is_shortened: true,
        };
        let most = i64::try_from(limits::LOOKUPS_WAITING_MAX).unwrap();
        lookups.add((0..most + 5).map(nameless));
        assert_eq!(lookups.take(1), [nameless(5)]);
        assert_eq!(lookups.take(usize::MAX).len(), limits::LOOKUPS_WAITING_MAX - 1);
    }

    #[test]
    fn one_network_takes_a_tenth_of_the_line() {
        let lookups = LookupQueue::default();
        let nameless = |visit: i64, address: [u8; 4]| PendingLookup {
            site: SiteId(1),
            visit: VisitId(visit),
            address: address.into(),
            is_shortened: true,
        };
        lookups.add([nameless(1, [192, 0, 2, 1])]);
        lookups.add((2..10_000).map(|visit| nameless(visit, [10, 0, 0, u8::try_from(visit % 256).unwrap()])));
        let waiting = lookups.take(usize::MAX);
        assert_eq!(waiting.len(), 1 + limits::LOOKUPS_PER_NETWORK_MAX);
        assert_eq!(waiting[0], nameless(1, [192, 0, 2, 1]), "a stranger's visits drove out another's");
    }

    #[test]
    fn one_network_adds_a_tenth_of_the_new_names_of_a_day() {
        let lookups = LookupQueue::default();
        let (stranger, other) = ([10, 0, 0, 1].into(), [192, 0, 2, 1].into());
        let of = |address| PendingLookup { site: SiteId(1), visit: VisitId(1), address, is_shortened: false };
        let taken = (0..10_000).filter(|_| lookups.take_room(&of(stranger), Day(20_000))).count();
        assert_eq!(u32::try_from(taken).unwrap(), limits::NEW_DEVICES_PER_SITE_DAY_MAX / 10);
        assert!(lookups.take_room(&of(other), Day(20_000)) && lookups.take_room(&of(stranger), Day(20_001)));
    }
}
