//! The arguments of a restore.

use crate::model::clock::Timestamp;
use std::path::Path;

/// The arguments of a restore.
pub struct Request<'a> {
    /// The path of the data file.
    pub data: &'a Path,
    /// The path of the backup.
    pub backup: &'a Path,
    /// True to restore everything, including what was revoked or deleted since the backup.
    pub as_it_was: bool,
    /// The time of the restore.
    pub now: Timestamp,
}
