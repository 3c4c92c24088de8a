//! The last run of each background task and its outcome.

use crate::error::Result;
use crate::model::clock::Timestamp;
use rusqlite::{Connection, Transaction, named_params};

/// The last run of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The name of the task.
    pub name: String,
    /// The start time.
    pub ran_at: Timestamp,
    /// The duration in milliseconds.
    pub milliseconds: i64,
    /// The error message; `None` after success.
    pub problem: Option<String>,
}

/// Lists the last run of every task.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection) -> Result<Vec<Run>> {
    let mut question =
        connection.prepare_cached("select name, ran_at, milliseconds, problem from jobs order by name")?;
    let rows = question.query_map([], |row| {
        Ok(Run {
            name: row.get(0)?,
            ran_at: Timestamp(row.get(1)?),
            milliseconds: row.get(2)?,
            problem: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Saves a run.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set(transaction: &Transaction<'_>, run: &Run) -> Result<()> {
    transaction.execute(
        "insert into jobs (name, ran_at, milliseconds, problem) values (:name, :at, :milliseconds, :problem)
         on conflict do update set ran_at = excluded.ran_at, milliseconds = excluded.milliseconds,
           problem = excluded.problem",
        named_params! {
            ":name": run.name, ":at": run.ran_at.0, ":milliseconds": run.milliseconds,
            ":problem": run.problem,
        },
    )?;
    Ok(())
}
