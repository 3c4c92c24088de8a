//! A cache of user agents with their meaning, so that each is parsed once.

use super::{bots, user_agent};
use crate::limits;
use crate::model::device_type::DeviceType;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// A parsed user agent.
#[derive(Clone, Debug)]
pub struct KnownAgent {
    /// The browser, system and device type.
    pub agent: user_agent::Agent,
    /// True for a bot.
    pub is_bot: bool,
    /// The first 16 bytes of its SHA-256, which enter the visitor's hash.
    pub fingerprint: [u8; 16],
}

/// The user agent and client hints sent by a browser, or by a program on its behalf.
#[derive(Clone, Debug)]
pub struct AgentHeaders<'a> {
    /// The `User-Agent` header, cut to its limit.
    pub user_agent: &'a str,
    /// The client hints, cut to their limits.
    pub hints: user_agent::ClientHints<'a>,
}

impl AgentHeaders<'_> {
    fn key(&self) -> String {
        let Self { user_agent, hints } = self;
        format!("{:?}\0{}\0{user_agent}", hints.mobile, hints.platform.unwrap_or_default())
    }
}

/// A user agent and its hints, owned, to be parsed only if the hit is accepted.
#[derive(Clone, Debug)]
pub struct Unread {
    user_agent: String,
    mobile: Option<bool>,
    platform: Option<String>,
}

impl Unread {
    fn headers(&self) -> AgentHeaders<'_> {
        let hints = user_agent::ClientHints { mobile: self.mobile, platform: self.platform.as_deref() };
        AgentHeaders { user_agent: &self.user_agent, hints }
    }
}

/// The cache of user agents, of bounded size.
pub struct AgentCache {
    known: Cache<String, Arc<KnownAgent>>,
    unread: Arc<KnownAgent>,
}

impl AgentCache {
    /// Creates an empty cache.
    pub fn new() -> Self {
        let agent =
            user_agent::Agent { browser: String::new(), system: String::new(), device: DeviceType::Other };
        let unread = KnownAgent { agent, is_bot: false, fingerprint: [0; 16] };
        Self { known: Cache::new(limits::AGENTS_CACHED_MAX), unread: Arc::new(unread) }
    }

    /// Finds a cached user agent.
    ///
    /// # Errors
    /// Returns an [`Unread`] to be parsed when it is not cached.
    pub fn find(&self, headers: &AgentHeaders<'_>) -> Result<Arc<KnownAgent>, Unread> {
        self.known.get(&headers.key()).ok_or_else(|| Unread {
            user_agent: headers.user_agent.to_owned(),
            mobile: headers.hints.mobile,
            platform: headers.hints.platform.map(str::to_owned),
        })
    }

    /// Returns the placeholder for a user agent that is not parsed yet.
    pub fn unread(&self) -> Arc<KnownAgent> {
        Arc::clone(&self.unread)
    }

    /// Parses a user agent and caches it.
    pub fn read(&self, unread: &Unread) -> Arc<KnownAgent> {
        self.lookup(&unread.headers())
    }

    fn lookup(&self, headers: &AgentHeaders<'_>) -> Arc<KnownAgent> {
        let key = headers.key();
        if let Some(known) = self.known.get(&key) {
            return known;
        }
        let digest = ring::digest::digest(&ring::digest::SHA256, headers.user_agent.as_bytes());
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&digest.as_ref()[..16]);
        let known = Arc::new(KnownAgent {
            agent: user_agent::parse(headers.user_agent, &headers.hints),
            is_bot: bots::is_bot(headers.user_agent),
            fingerprint,
        });
        self.known.insert(key, Arc::clone(&known));
        known
    }
}
