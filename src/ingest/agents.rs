//! User agents that were seen lately, with what they mean, so that each is understood once.

use super::{agent, bots};
use crate::limits;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// What one user agent means.
#[derive(Clone, Debug)]
pub struct KnownAgent {
    /// Browser, system and kind of machine.
    pub agent: agent::Agent,
    /// A robot's.
    pub is_bot: bool,
    /// Tells user agents apart in a visitor's hash.
    pub fingerprint: [u8; 16],
}

/// The bounded memory of user agents.
pub struct Agents(Cache<String, Arc<KnownAgent>>);

impl Agents {
    /// An empty one.
    pub fn new() -> Self {
        Self(Cache::new(limits::AGENTS_CACHED_MAX))
    }

    /// What a user agent means, with the browser's own hints.
    pub fn know(&self, user_agent: &str, hints: &agent::Hints<'_>) -> Arc<KnownAgent> {
        let key = format!("{:?}\0{}\0{user_agent}", hints.mobile, hints.platform.unwrap_or_default());
        if let Some(known) = self.0.get(&key) {
            return known;
        }
        let digest = ring::digest::digest(&ring::digest::SHA256, user_agent.as_bytes());
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&digest.as_ref()[..16]);
        let known = Arc::new(KnownAgent {
            agent: agent::parse(user_agent, hints),
            is_bot: bots::is_bot(user_agent),
            fingerprint,
        });
        self.0.insert(key, Arc::clone(&known));
        known
    }
}
