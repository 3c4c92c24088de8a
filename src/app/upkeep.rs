//! The locks of work in the background that must not run twice at once.

use std::sync::atomic::AtomicBool;
use tokio::sync::Mutex;

/// The locks of background work.
pub struct Upkeep {
    /// The lock of the deletion of removed sites and unused labels.
    pub deleting: Mutex<()>,
    /// The lock of the sealing of days.
    pub sealing: Mutex<()>,
    /// The lock of the matching of earlier visits with goals.
    pub matching: Mutex<()>,
    /// The lock of the deletion of old visits.
    pub pruning: Mutex<()>,
    /// The lock of the health check's write.
    pub probing: Mutex<()>,
    /// True while the write-ahead log may still hold deleted salts or address keys.
    pub has_secrets_in_log: AtomicBool,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            deleting: Mutex::default(),
            sealing: Mutex::default(),
            matching: Mutex::default(),
            pruning: Mutex::default(),
            probing: Mutex::default(),
            // A process that ended earlier may have left them.
            has_secrets_in_log: AtomicBool::new(true),
        }
    }
}
