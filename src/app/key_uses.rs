//! The uses of site keys and personal tokens that were recorded last, so that a busy program causes one write a minute and
//! not one a request.

use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, SiteKey, TokenId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The last recorded use of each site's key and of each token: one entry a site, whose key was right, and a token.
#[derive(Default)]
pub struct RecordedKeyUses {
    latest: Mutex<HashMap<SiteId, (SiteKey, Timestamp)>>,
    tokens: Mutex<HashMap<TokenId, Timestamp>>,
}

impl RecordedKeyUses {
    /// Returns true once per [`limits::KEY_USE_RECORDED_EVERY`] and key: the caller then records the use. A new key of a
    /// site does not wait for the old one.
    pub fn is_due(&self, site: SiteId, key: &SiteKey, now: Timestamp) -> bool {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = latest.get(&site).is_none_or(|(recorded, at)| {
            recorded != key || now.has_passed(limits::KEY_USE_RECORDED_EVERY, *at)
        });
        if is_due {
            latest.insert(site, (key.clone(), now));
        }
        is_due
    }

    /// Returns true once per [`limits::KEY_USE_RECORDED_EVERY`] and token: the caller then records the use.
    pub fn is_token_due(&self, token: TokenId, now: Timestamp) -> bool {
        let mut latest = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = latest.get(&token).is_none_or(|at| now.has_passed(limits::KEY_USE_RECORDED_EVERY, *at));
        if is_due {
            latest.insert(token, now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_due_once_a_minute_for_each_site_and_key() {
        let uses = RecordedKeyUses::default();
        let [old, new] = [(); 2].map(|()| SiteKey::generate().unwrap());
        let (one, other) = (SiteId(1), SiteId(2));
        let start = Timestamp(1_795_000_000_000);
        let later = start.after(limits::KEY_USE_RECORDED_EVERY);
        assert!(uses.is_due(one, &old, start));
        assert!(!uses.is_due(one, &old, later.before(std::time::Duration::from_millis(1))));
        assert!(uses.is_due(other, &old, start));
        assert!(uses.is_due(one, &old, later));
        assert!(uses.is_due(one, &new, later) && !uses.is_due(one, &new, later));
    }

    #[test]
    fn a_clock_that_was_ahead_delays_nothing() {
        let uses = RecordedKeyUses::default();
        let key = SiteKey::generate().unwrap();
        let now = Timestamp(1_795_000_000_000);
        assert!(uses.is_due(SiteId(1), &key, now.after(limits::CLOCK_AHEAD_MAX * 2)));
        assert!(uses.is_due(SiteId(1), &key, now));
    }
}
