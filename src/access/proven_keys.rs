//! The site keys and personal tokens that were right lately, by fingerprint. They give no right: each request is checked in
//! the data file. A program with such a key has tries and a place in the queue of its own, whatever its neighbours guess.

use super::requester::Requester;
use crate::limits;
use quick_cache::sync::Cache;
use std::net::IpAddr;

/// The fingerprints of keys that were right lately.
pub struct ProvenKeys(Cache<[u8; 32], ()>);

impl Default for ProvenKeys {
    fn default() -> Self {
        Self(Cache::new(limits::PROVEN_KEYS_MAX))
    }
}

impl ProvenKeys {
    /// Returns the requester under which a request with a key counts: the key itself if it was right lately, else the
    /// client's address.
    pub fn requester(&self, fingerprint: [u8; 32], address: IpAddr) -> Requester {
        match self.0.get(&fingerprint) {
            Some(()) => Requester::Holder(fingerprint),
            None => Requester::Stranger(address),
        }
    }

    /// Remembers a key that was right.
    pub fn insert(&self, fingerprint: [u8; 32]) {
        self.0.insert(fingerprint, ());
    }

    /// Forgets a key that was wrong.
    pub fn remove(&self, fingerprint: [u8; 32]) {
        self.0.remove(&fingerprint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_by_itself_from_when_it_was_right_until_it_is_wrong() {
        let (keys, address) = (ProvenKeys::default(), IpAddr::from([192, 0, 2, 1]));
        let is_stranger =
            |fingerprint| matches!(keys.requester(fingerprint, address), Requester::Stranger(_));
        assert!(is_stranger([1; 32]));
        keys.insert([1; 32]);
        assert!(!is_stranger([1; 32]) && is_stranger([2; 32]));
        keys.remove([1; 32]);
        assert!(is_stranger([1; 32]));
    }
}
