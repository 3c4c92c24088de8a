//! The effects of a restore: what is known since the backup, and what differs from it.

use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitorId};
use crate::store::audit::AuditEntry;

/// The relation of the replaced data file to the backup, which decides which later changes it can supply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A continuation of the backup.
    Later,
    /// A file that shares users or sites with the backup, but does not continue it.
    Related,
    /// A file that shares nothing with the backup.
    Unrelated,
    /// A missing file.
    Missing,
    /// An unreadable file; holds the cause.
    Unreadable(String),
}

/// The effects of a restore, for the operator to decide on.
pub struct RestoreOutcome {
    /// The newest time recorded in the backup.
    pub as_of: Option<Timestamp>,
    /// The relation of the replaced file to the backup.
    pub relation: Relation,
    /// The rights, secrets and data revoked or deleted since the backup, according to that file.
    pub since: Since,
    /// The differences from the backup, each described as it is now; the present state stays unless `as_it_was` is set.
    pub differs: Vec<String>,
    /// The sites deleted since the backup that exist again.
    pub back: Vec<String>,
    /// The number of sign-ins in the backup, all of which end.
    pub sign_ins: i64,
}

/// The rights, secrets and data revoked or deleted since the backup.
#[derive(Clone, Debug, Default)]
pub struct Since {
    /// The acts of the audit log, the oldest first.
    pub acts: Vec<AuditEntry>,
    /// The visitors erased since the backup whom the backup still contains.
    pub erased: Vec<Erased>,
}

/// An erased visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// The site.
    pub site: SiteId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The number of the visitor's visits in the backup.
    pub visits: i64,
}
