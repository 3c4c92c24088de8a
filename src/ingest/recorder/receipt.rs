//! The receipt of a hit: the answer to its sender after the commit.

use crate::ingest::drop_reason::DropReason;

/// The answer to the sender of a hit, once its rows are on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HitReceipt {
    /// The reason why the hit was dropped; `None` if it was recorded.
    pub dropped: Option<DropReason>,
    /// The decision on the ID that the page offered for a first-party cookie: true to keep it, false to remove it, `None` to
    /// change nothing.
    pub keep_cookie: Option<bool>,
    /// True if the hit passed all checks so far and nothing was stored: it must come again with its user agent parsed.
    pub needs_agent: bool,
}
