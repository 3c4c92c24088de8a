//! When each background task ran last, and how that ended.

use crate::clock::Timestamp;
use crate::error::Result;
use rusqlite::{Connection, Transaction, named_params};

/// The last run of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The task's name.
    pub name: String,
    /// When it began.
    pub ran_at: Timestamp,
    /// How long it took.
    pub milliseconds: i64,
    /// What it failed with; none when it went well.
    pub problem: Option<String>,
}

/// The last run of every task that ran.
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

/// Writes down a run.
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
