//! The steps from each version of the file to the next, one module a version. They lead to `schema.sql`; a
//! test compares both.

mod version_10;
mod version_11;
mod version_2;
mod version_3;
mod version_4;
mod version_5;
mod version_6;
mod version_7;
mod version_8;
mod version_9;

use crate::error::Result;
use rusqlite::Transaction;

/// The version of today's schema; a file has its own in `user_version`.
pub const VERSION: i64 = 11;

/// The number of steps from the first version to today's.
const STEPS_TO_TODAY: usize = 10;

/// A step from one version to the next: `STEPS[0]` brings a file of version 1 to version 2.
type Step = fn(&Transaction<'_>) -> Result<()>;
const STEPS: [Step; STEPS_TO_TODAY] = [
    version_2::run,
    version_3::run,
    version_4::run,
    version_5::run,
    version_6::run,
    version_7::run,
    version_8::run,
    version_9::run,
    version_10::run,
    version_11::run,
];

/// Runs all steps after a version. Foreign keys are off, so that a table that others point to can be made
/// anew: a step that deletes rows also deletes the rows that belong to them.
pub(super) fn run(transaction: &Transaction<'_>, from: i64) -> Result<()> {
    let done = usize::try_from(from - 1).unwrap_or(STEPS_TO_TODAY);
    STEPS.iter().skip(done).try_for_each(|step| step(transaction))
}
