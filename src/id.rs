//! Names of things: ids, keys and tokens. Parsed at the edge, then trusted. Secrets are never printed by accident.

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;

macro_rules! id {
    ($(#[$meaning:meta])* $name:ident) => {
        $(#[$meaning])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            #[allow(dead_code, reason = "the ids of people are never read from text")]
            /// Reads decimal digits; nothing else, no sign, no spaces.
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
    /// A person's account.
    UserId
}
id! {
    /// The public number of a site, as its page code carries it.
    SiteId
}
id! {
    /// A guest link of a site.
    LinkId
}
id! {
    /// A segment that was given a name.
    SegmentId
}
id! {
    /// A visit. Sorts by the time it began: milliseconds since 1970, then a counter, in 63 bits.
    VisitId
}
id! {
    /// A visitor, as well as privacy settings allow us to tell: ids below 2^53 are a cookie's, others a day's hash.
    VisitorId
}

const COUNTER_BITS: u32 = 20;

impl VisitId {
    /// The first id that a visit begun at this moment can have.
    pub fn first_at(began: Timestamp) -> Self {
        Self(began.0.clamp(0, i64::MAX >> COUNTER_BITS) << COUNTER_BITS)
    }

    /// When the visit began.
    pub fn began(self) -> Timestamp {
        Timestamp(self.0 >> COUNTER_BITS)
    }
}

impl VisitorId {
    const HASHED: i64 = 1 << 62;

    /// A visitor known by a hash that holds for one day.
    pub fn hashed(hash: i64) -> Self {
        Self(Self::HASHED | (hash & (Self::HASHED - 1)))
    }

    /// A visitor known by the number in a first-party cookie; old clients have 32 bits, ours 53.
    pub fn from_cookie(text: &str) -> Option<Self> {
        Self::parse(text).filter(|id| id.0 > 0 && id.0 < 1 << 53)
    }

    /// A visitor whom another program knows by this name: a number that may be a cookie's as it is, anything else as one
    /// that always comes out the same.
    pub fn of_name(name: &str) -> Self {
        Self::from_cookie(name).unwrap_or_else(|| {
            let mut number = [0; 8];
            number.copy_from_slice(&digest(name)[..8]);
            Self((i64::from_le_bytes(number) & ((1 << 53) - 1)).max(1))
        })
    }

    /// Whether the visitor is known for longer than a day.
    pub fn is_lasting(self) -> bool {
        self.0 < Self::HASHED
    }
}

/// Fills a buffer from the operating system's random source.
pub fn random<const BYTES: usize>() -> Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Error::Internal("the system's random source failed".into()))?;
    Ok(bytes)
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}

/// Bytes from as many hexadecimal digits as they need, and no others.
pub fn unhex<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    unhex_all(text)?.try_into().ok()
}

/// Bytes from hexadecimal digits, however many.
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
            /// A new one from the system's random source.
            pub fn generate() -> Result<Self> {
                Ok(Self(hex(&random::<$bytes>()?)))
            }

            /// One that was stored or presented.
            pub fn known(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The secret itself, for the one who may see it.
            pub fn expose(&self) -> &str {
                &self.0
            }

            #[allow(dead_code, reason = "a sign-in's token is found by its hash instead")]
            /// Compares in a time that does not depend on where the two differ.
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
    /// A site's secret for programs: 16 hexadecimal digits.
    SiteKey, 8
}
secret! {
    /// A site's secret for server-side logging: 32 hexadecimal digits.
    SiteKeyAdmin, 16
}
secret! {
    /// What a browser holds to be signed in, and what a set-up link carries: 160 bits.
    Token, 20
}

impl Token {
    /// What is stored instead of the token.
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
