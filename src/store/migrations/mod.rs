//! The steps from each version of the file to the next: a file of SQL each, or a module where SQL alone does not do. They
//! lead to `schema.sql`; a test compares both.

mod version_10;
mod version_14;
mod version_7;

use crate::error::Result;
use rusqlite::Transaction;

/// The version of today's schema; a file has its own in `user_version`.
#[expect(clippy::cast_possible_wrap, reason = "steps are few")]
pub const VERSION: i64 = 1 + STEPS.len() as i64;

/// A step from one version to the next.
enum Step {
    Sql(&'static str),
    Code(fn(&Transaction<'_>) -> Result<()>),
}

/// The steps: the first one brings a file of version 1 to version 2.
const STEPS: &[Step] = &[
    Step::Sql(include_str!("0002.sql")),
    Step::Sql(include_str!("0003.sql")),
    Step::Sql(include_str!("0004.sql")),
    Step::Sql(include_str!("0005.sql")),
    Step::Sql(include_str!("0006.sql")),
    Step::Code(version_7::run),
    Step::Sql(include_str!("0008.sql")),
    Step::Sql(include_str!("0009.sql")),
    Step::Code(version_10::run),
    Step::Sql(include_str!("0011.sql")),
    Step::Sql(include_str!("0012.sql")),
    Step::Sql(include_str!("0013.sql")),
    Step::Code(version_14::run),
    Step::Sql(include_str!("0015.sql")),
    Step::Sql(include_str!("0016.sql")),
    Step::Sql(include_str!("0017.sql")),
];

/// Runs all steps after a version. Foreign keys are off, so that a table that others point to can be made
/// anew: a step that deletes rows also deletes the rows that belong to them.
pub(super) fn run(transaction: &Transaction<'_>, from: i64) -> Result<()> {
    let done = usize::try_from(from - 1).unwrap_or(STEPS.len());
    STEPS.iter().skip(done).try_for_each(|step| match step {
        Step::Sql(sql) => Ok(transaction.execute_batch(sql)?),
        Step::Code(run) => run(transaction),
    })
}
