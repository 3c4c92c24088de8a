//! The trace of a hit: what it changed in its visit, step by step, for the goals that the visit reaches with it.

use crate::ingest::hit::ActionKind;

/// The changes that a hit made to its visit.
#[derive(Debug, Default)]
pub struct HitTrace {
    /// True if the visit begins with the hit.
    pub is_new: bool,
    /// The action that it appended.
    pub action: Option<WrittenAction>,
    /// The label of its page, if it is the landing page.
    pub landing: Option<i64>,
    /// The number of actions before and after it.
    pub actions: (i64, i64),
    /// The milliseconds from the beginning of the visit to its last sign of life, before and after it.
    pub stay: (i64, i64),
    /// The labels of the keys and values of custom data that it set.
    pub custom: Vec<(i64, i64)>,
    /// The row id of the source that the visit got with it.
    pub source: Option<i64>,
}

/// An action that was appended. Texts are label ids.
#[derive(Clone, Copy, Debug)]
pub struct WrittenAction {
    /// The kind.
    pub kind: ActionKind,
    /// The label of its address.
    pub page: Option<i64>,
    /// The label of its title.
    pub title: Option<i64>,
}
