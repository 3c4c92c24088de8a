//! Identification of visitors: by default a keyed hash of full IP address, user agent and site under a salt that exists
//! for one local day; an id in a first-party cookie where site, visitor and browser allow one.

use super::hit::IdentityClaim;
use crate::model::id::{SiteId, VisitorId};
use crate::store::imported_lines::LineKey;
use crate::store::salts::Salt;
use crate::store::sites::Privacy;
use ring::hmac;
use std::net::IpAddr;

/// Returns the cookie's visitor id, if it may be used.
pub fn cookie_id(privacy: Privacy, claim: &IdentityClaim) -> Option<VisitorId> {
    let agreed = if privacy.consent_needed { claim.consent } else { privacy.cookies_allowed };
    claim.cookie.filter(|_| agreed && !has_opted_out(privacy, claim))
}

/// Returns true if the browser may keep its cookie, false if not; `None` without a cookie.
pub fn may_keep(privacy: Privacy, claim: &IdentityClaim) -> Option<bool> {
    claim.cookie.map(|_| cookie_id(privacy, claim).is_some())
}

/// Returns true if personal data may be stored: always, unless the site asks for consent first.
pub fn may_be_known(privacy: Privacy, claim: &IdentityClaim) -> bool {
    !privacy.consent_needed || claim.consent && !has_opted_out(privacy, claim)
}

/// Returns true if a visit may be found again by its IP address after a restart: a key of the address is then stored
/// with the visit for a day. False before the consent that a site asks for, and for a browser that opts out.
pub fn may_be_keyed(privacy: Privacy, claim: &IdentityClaim) -> bool {
    may_be_known(privacy, claim) && !has_opted_out(privacy, claim)
}

/// Returns true if the clicks of a visitor, and how far they read, may be recorded: not before the consent that a site asks
/// for, and not for a browser that opts out.
pub fn may_be_recorded(privacy: Privacy, claim: &IdentityClaim) -> bool {
    may_be_known(privacy, claim) && !has_opted_out(privacy, claim)
}

fn has_opted_out(privacy: Privacy, claim: &IdentityClaim) -> bool {
    claim.opted_out && privacy.signals_honoured
}

/// A hasher for one day of a site.
pub struct Hasher(hmac::Key);

impl Hasher {
    /// Creates a hasher from the day's salt.
    pub fn new(site: SiteId, salt: &Salt) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, salt);
        let tag = hmac::sign(&key, &site.0.to_le_bytes());
        Self(hmac::Key::new(hmac::HMAC_SHA256, tag.as_ref()))
    }

    /// Returns the visitor id for an IP address and a user agent's fingerprint.
    pub fn visitor(&self, address: IpAddr, fingerprint: [u8; 16]) -> VisitorId {
        let mut text = [0; 32];
        text[..16].copy_from_slice(&bytes(address));
        text[16..].copy_from_slice(&fingerprint);
        VisitorId::hashed(self.number(&text))
    }

    /// Returns the key by which a visit is found again by its IP address within the day.
    pub fn address_key(&self, address: IpAddr) -> i64 {
        self.number(&bytes(address))
    }

    fn number(&self, text: &[u8]) -> i64 {
        let tag = hmac::sign(&self.0, text);
        let mut number = [0; 8];
        number.copy_from_slice(&tag.as_ref()[..8]);
        i64::from_le_bytes(number) & i64::MAX
    }
}

/// A hasher of the ids that programs give their hits. Nobody without the data file can make two ids that collide, since the
/// hash is keyed.
pub struct SentIdHasher(hmac::Key);

impl SentIdHasher {
    /// Creates a hasher from the secret key of a site's hashes, of which it makes a key of its own.
    pub fn new(key: &LineKey) -> Self {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"ids of sent hits");
        Self(hmac::Key::new(hmac::HMAC_SHA256, tag.as_ref()))
    }

    /// Returns the hash of an id.
    pub fn hash(&self, id: &str) -> i64 {
        let mut number = [0; 8];
        number.copy_from_slice(&hmac::sign(&self.0, id.as_bytes()).as_ref()[..8]);
        i64::from_le_bytes(number)
    }
}

fn bytes(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Privacy = Privacy {
        cookies_allowed: true,
        consent_needed: false,
        signals_honoured: true,
        addresses_shortened: true,
    };

    fn claim(consent: bool, opted_out: bool) -> IdentityClaim {
        IdentityClaim { cookie: Some(VisitorId(7)), cookie_kept: false, consent, opted_out }
    }

    #[test]
    fn a_cookie_counts_only_where_site_visitor_and_browser_agree() {
        let asked = Privacy { consent_needed: true, ..OPEN };
        let closed = Privacy { cookies_allowed: false, ..OPEN };
        let deaf = Privacy { signals_honoured: false, ..OPEN };
        for (privacy, consent, opted_out, counts) in [
            (OPEN, false, false, true),
            (OPEN, false, true, false),
            (deaf, false, true, true),
            (closed, true, false, false),
            (asked, false, false, false),
            (asked, true, false, true),
            (asked, true, true, false),
        ] {
            assert_eq!(
                cookie_id(privacy, &claim(consent, opted_out)).is_some(),
                counts,
                "{privacy:?} {consent}"
            );
        }
    }

    #[test]
    fn nothing_personal_is_kept_before_the_consent_that_a_site_asks_for() {
        let asked = Privacy { consent_needed: true, ..OPEN };
        assert!(may_be_known(OPEN, &claim(false, true)));
        assert!(!may_be_known(asked, &claim(false, false)) && may_be_known(asked, &claim(true, false)));
        assert!(!may_be_known(asked, &claim(true, true)));
        let deaf = Privacy { signals_honoured: false, ..asked };
        assert!(may_be_known(deaf, &claim(true, true)));
    }

    #[test]
    fn no_key_of_an_address_is_kept_before_consent_or_for_a_browser_that_wants_to_be_left_alone() {
        let asked = Privacy { consent_needed: true, ..OPEN };
        let deaf = Privacy { signals_honoured: false, ..OPEN };
        for (privacy, consent, opted_out, is_keyed) in [
            (OPEN, false, false, true),
            (OPEN, false, true, false),
            (deaf, false, true, true),
            (asked, false, false, false),
            (asked, true, false, true),
            (asked, true, true, false),
        ] {
            assert_eq!(
                may_be_keyed(privacy, &claim(consent, opted_out)),
                is_keyed,
                "{privacy:?} {consent} {opted_out}"
            );
        }
    }

    #[test]
    fn a_visitor_differs_by_address_agent_site_and_day() {
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let hasher = Hasher::new(SiteId(1), &[1; 32]);
        let visitor = hasher.visitor(here, [0; 16]);
        assert_eq!(visitor, hasher.visitor(here, [0; 16]));
        assert_ne!(visitor, hasher.visitor(there, [0; 16]));
        assert_ne!(visitor, hasher.visitor(here, [1; 16]));
        assert_ne!(visitor, Hasher::new(SiteId(2), &[1; 32]).visitor(here, [0; 16]));
        assert_ne!(visitor, Hasher::new(SiteId(1), &[2; 32]).visitor(here, [0; 16]));
    }
}
