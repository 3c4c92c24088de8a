//! The steps from each version of the file to the next, one file a version. `schema.sql` is where they lead; a test
//! compares both.

mod version_2;
mod version_3;
mod version_4;
mod version_5;
mod version_6;
mod version_7;

use crate::error::Result;
use rusqlite::Transaction;

/// Version of today's schema: `user_version` of a file says which one it has.
pub(super) const VERSION: i64 = 7;

/// How many steps lead there from the first version.
const STEPS_TO_TODAY: usize = 6;

/// A step from one version to the next: `STEPS[0]` brings a file of version 1 to version 2.
type Step = fn(&Transaction<'_>) -> Result<()>;
const STEPS: [Step; STEPS_TO_TODAY] =
    [version_2::run, version_3::run, version_4::run, version_5::run, version_6::run, version_7::run];

/// Runs all steps that follow a version. Foreign keys are off, so that a table that others point to can be made anew: a
/// step that deletes rows deletes what belongs to them itself.
pub(super) fn run(transaction: &Transaction<'_>, from: i64) -> Result<()> {
    let done = usize::try_from(from - 1).unwrap_or(STEPS_TO_TODAY);
    STEPS.iter().skip(done).try_for_each(|step| step(transaction))
}
