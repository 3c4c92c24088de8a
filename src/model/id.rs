//! Ids, keys and tokens. Parsed at the edge, then trusted. Secrets have no `Display`, and their `Debug` hides
//! them.

use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;

macro_rules! id {
    ($(#[$meaning:meta])* $name:ident) => {
        $(#[$meaning])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            #[allow(dead_code, reason = "the ids of people are never read from text")]
            /// Parses decimal digits; `None` for anything else, also a sign or spaces.
            pub fn parse(text: &str) -> Option<Self> {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| text.parse().ok()).flatten().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

id! {
    /// The id of a user.
    UserId
}
id! {
    /// The public id of a site, as in its page code.
    SiteId
}
id! {
    /// The id of a guest link.
    LinkId
}
id! {
    /// The id of a personal token.
    TokenId
}
id! {
    /// The id of a goal.
    GoalId
}
id! {
    /// The id of a funnel.
    FunnelId
}
id! {
    /// The id of a monitor.
    MonitorId
}
id! {
    /// The id of an outage.
    OutageId
}
id! {
    /// The id of an alert.
    AlertId
}
id! {
    /// The id of an annotation of a date.
    AnnotationId
}
id! {
    /// The id of a rule or a link of campaigns.
    CampaignItemId
}
id! {
    /// The id of an e-mail report.
    DigestId
}
id! {
    /// The id of a saved segment.
    SegmentId
}
id! {
    /// The id of a webhook.
    WebhookId
}
id! {
    /// The id of a message to a webhook.
    DeliveryId
}
id! {
    /// The id of a visit. Sorts by the time the visit began: milliseconds since 1970, then a counter of 20
    /// bits, 63 bits in all.
    VisitId
}
id! {
    /// The id of a visitor, as far as the privacy settings allow: below 2^53 an id from a cookie, above it a
    /// hash valid for one day.
    VisitorId
}

const COUNTER_BITS: u32 = 20;

impl VisitId {
    /// Returns the first id that a visit begun at this time can have.
    pub fn first_at(began: Timestamp) -> Self {
        Self(began.0.clamp(0, i64::MAX >> COUNTER_BITS) << COUNTER_BITS)
    }

    /// Returns the time at which the visit began.
    pub fn began(self) -> Timestamp {
        Timestamp(self.0 >> COUNTER_BITS)
    }
}

impl VisitorId {
    const HASHED: i64 = 1 << 62;

    /// Returns the id of a visitor known by a hash for one day.
    pub fn hashed(hash: i64) -> Self {
        Self(Self::HASHED | (hash & (Self::HASHED - 1)))
    }

    /// Parses the id in a first-party cookie: up to 53 bits (old clients sent 32).
    pub fn from_cookie(text: &str) -> Option<Self> {
        Self::parse(text).filter(|id| id.0 > 0 && id.0 < 1 << 53)
    }

    /// Returns the id of a visitor whom another program identifies by a name: a number in the range of cookies
    /// unchanged, any other text as its hash, which is always the same.
    pub fn of_name(name: &str) -> Self {
        Self::from_cookie(name).unwrap_or_else(|| {
            let mut number = [0; 8];
            number.copy_from_slice(&digest(name)[..8]);
            Self((i64::from_le_bytes(number) & ((1 << 53) - 1)).max(1))
        })
    }

    /// Returns true if the visitor is known for longer than a day.
    pub fn is_lasting(self) -> bool {
        self.0 < Self::HASHED
    }
}

/// Returns bytes from the operating system's random source.
///
/// # Errors
///
/// Fails with `Error::Internal` when that source fails.
pub fn random<const BYTES: usize>() -> Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Error::Internal("the system's random source failed".into()))?;
    Ok(bytes)
}

/// Returns bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}

/// Parses exactly twice as many hexadecimal digits as there are bytes.
pub fn unhex<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    unhex_all(text)?.try_into().ok()
}

/// Parses any even number of hexadecimal digits.
pub fn unhex_all(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}

macro_rules! secret {
    ($(#[$meaning:meta])* $name:ident, $bytes:literal) => {
        $(#[$meaning])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Returns a new secret from the system's random source.
            ///
            /// # Errors
            ///
            /// Fails with `Error::Internal` when that source fails.
            pub fn generate() -> Result<Self> {
                Ok(Self(hex(&random::<$bytes>()?)))
            }

            /// Returns a secret that was stored or presented.
            pub fn known(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the text of the secret.
            pub fn expose(&self) -> &str {
                &self.0
            }

            #[allow(dead_code, reason = "a sign-in's token is found by its hash instead")]
            /// Compares with a presented secret, in a time independent of the position where they differ.
            pub fn matches(&self, presented: &str) -> bool {
                let (known, presented) = (digest(&self.0), digest(presented));
                known.iter().zip(presented).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("***")
            }
        }
    };
}

secret! {
    /// The key of a site for programs: 16 hexadecimal digits.
    SiteKey, 8
}
secret! {
    /// The key of a site for server-side logging: 32 hexadecimal digits.
    SiteKeyAdmin, 16
}
secret! {
    /// A random token of 160 bits: for sessions and known devices, guest links, and links in letters.
    Token, 20
}

/// The text of a personal token: `cst_` and 40 hexadecimal digits. Programs that look for leaked secrets know it by its
/// beginning.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(String);

impl TokenSecret {
    const PREFIX: &str = "cst_";

    /// Returns a new token from the system's random source.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` when that source fails.
    pub fn generate() -> Result<Self> {
        Ok(Self(format!("{}{}", Self::PREFIX, hex(&random::<20>()?))))
    }

    /// Returns a token that was presented.
    pub fn known(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text of the token.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 hash that is stored instead of the token.
    pub fn hash(&self) -> [u8; 32] {
        digest(&self.0)
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl SiteKey {
    /// Returns the SHA-256 hash of a site's id and a key for it, by which requests with that key are told apart.
    pub fn fingerprint(&self, site: SiteId) -> [u8; 32] {
        digest(&format!("{site}:{}", self.0))
    }
}

impl Token {
    /// Returns the SHA-256 hash that is stored instead of the token.
    pub fn hash(&self) -> [u8; 32] {
        digest(&self.0)
    }
}

fn digest(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visit_ids_sort_by_time_and_tell_it() {
        let (earlier, later) = (Timestamp(1_795_000_000_000), Timestamp(1_795_000_000_001));
        assert!(VisitId::first_at(earlier) < VisitId::first_at(later));
        assert_eq!(VisitId::first_at(later).began(), later);
        assert!(VisitId::first_at(Timestamp(i64::MAX)).0 > 0);
    }

    #[test]
    fn ids_are_digits_and_nothing_else() {
        assert_eq!(SiteId::parse("17"), Some(SiteId(17)));
        for wrong in ["", "-1", "+1", " 1", "1 ", "0x1", "99999999999999999999", "１"] {
            assert_eq!(SiteId::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn digits_are_read_back_into_bytes() {
        assert_eq!(unhex(&hex(&[0, 9, 255])), Some([0, 9, 255]));
        for wrong in ["", "00", "0009fff", "0009fg", "+009ff", "äöü"] {
            assert_eq!(unhex::<3>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn cookie_ids_and_hashed_ids_never_meet() {
        assert!(VisitorId::from_cookie("9007199254740991").unwrap().is_lasting());
        assert!(!VisitorId::hashed(0).is_lasting() && !VisitorId::hashed(i64::MAX).is_lasting());
        assert_eq!(VisitorId::from_cookie("9007199254740992"), None);
        assert_eq!(VisitorId::from_cookie("0"), None);
    }

    #[test]
    fn a_secret_is_not_printed_and_matches_only_itself() {
        let key = SiteKey::generate().unwrap();
        assert_eq!(format!("{key:?}"), "***");
        assert_eq!(key.expose().len(), 16);
        assert!(key.matches(key.expose()) && !key.matches("") && !key.matches(&key.expose()[1..]));
    }
}
