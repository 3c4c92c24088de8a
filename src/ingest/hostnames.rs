//! What visitors' addresses are called in the reverse name system, where the operator asks for it. Visits wait in a
//! bounded line; a task asks for their names in the background, and no hit ever waits for one.

use crate::id::{SiteId, VisitId};
use crate::limits;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// A visit whose address may have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nameless {
    /// The site.
    pub site: SiteId,
    /// The visit.
    pub visit: VisitId,
    /// The full address; it is in memory only.
    pub address: IpAddr,
    /// The site shortens addresses, so the name must not tell the address either.
    pub is_shortened: bool,
}

/// The line; cheap to copy.
#[derive(Clone, Default)]
pub struct Lookups(Arc<Mutex<VecDeque<Nameless>>>);

impl Lookups {
    /// Lets visits wait. Where the line is full, the oldest go without a name.
    pub fn add(&self, visits: impl IntoIterator<Item = Nameless>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(visits);
        let too_many = waiting.len().saturating_sub(limits::LOOKUPS_WAITING_MAX);
        waiting.drain(..too_many);
    }

    /// Takes some out of the line.
    pub fn take(&self, most: usize) -> Vec<Nameless> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(most);
        waiting.drain(..count).collect()
    }
}

/// Asks for the name of an address; waits for the answer. None when there is none worth keeping.
pub fn find(nameless: &Nameless) -> Option<String> {
    let name = dns_lookup::lookup_addr(&nameless.address).ok()?;
    if name.parse::<IpAddr>().is_ok() {
        return None;
    }
    worth_keeping(&name, nameless.is_shortened)
}

/// A host name as it is kept. Providers write the address into the first parts of a name: they go where addresses are
/// shortened.
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
    // A top-level domain alone says nothing.
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
        let lookups = Lookups::default();
        let nameless = |visit| Nameless {
            site: SiteId(1),
            visit: VisitId(visit),
            address: [10, 0, 0, 1].into(),
            is_shortened: true,
        };
        let most = i64::try_from(limits::LOOKUPS_WAITING_MAX).unwrap();
        lookups.add((0..most + 5).map(nameless));
        assert_eq!(lookups.take(1), [nameless(5)]);
        assert_eq!(lookups.take(usize::MAX).len(), limits::LOOKUPS_WAITING_MAX - 1);
    }
}
