//! Creation and upgrade of a data file: a new one from `schema.sql`, an older one by the steps in `migrations`, in one
//! transaction, after a copy of the file was made. `user_version` holds the file's version.

use super::connection::{Purpose, close, connect};
use super::copy;
use super::data_path::{cannot_open, is_nothing};
use super::migrations::{self, VERSION};
use super::private::{Unfinished, has_beside};
use super::signature::{APPLICATION_ID, is_not_ours};
use crate::error::{Error, Result};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

const SCHEMA: &str = include_str!("../../schema.sql");

/// Creates a data file where there is none or an empty one. It gets its name once it is whole and filled. Returns
/// `None` if another process has created one meanwhile.
pub(super) fn create<T>(path: &Path, fill: impl FnOnce(&mut Connection) -> Result<T>) -> Result<Option<T>> {
    let like = if path.exists() { path } else { Path::new("") };
    let unfinished = Unfinished::begin(path, like).map_err(|error| cannot_open(path, &error))?;
    if !is_nothing(path) {
        // Another process created it while this one waited.
        return Ok(None);
    }
    for ending in ["-wal", "-journal"] {
        if has_beside(path, ending) {
            return Err(Error::Setup(format!(
                "There is no data file {0}, but {0}{ending}, which belongs to one that was there. Put both back, or move it \
                 away. Nothing was changed.",
                path.display()
            )));
        }
    }
    let mut connection = connect(unfinished.name(), Purpose::Write)?;
    make(&mut connection)?;
    let filled = fill(&mut connection);
    close(connection)?;
    let filled = filled?;
    unfinished.replace()?;
    Ok(Some(filled))
}

/// Creates the tables of an empty file.
pub(super) fn make(connection: &mut Connection) -> Result<()> {
    connection.pragma_update(None, "page_size", 4_096)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

/// Upgrades an older file to today's schema, after a copy of it was made.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<()> {
    let version = version(connection, path)?;
    if version < VERSION {
        copy::before_upgrade(connection, path, version)?;
        upgrade(connection)?;
    }
    Ok(())
}

/// Returns the version of a data file; fails for a foreign file and one of a newer version.
pub(super) fn version(connection: &Connection, path: &Path) -> Result<i64> {
    let version = read(connection, "user_version")?;
    if version < 1 || read(connection, "application_id")? != APPLICATION_ID {
        return Err(is_not_ours(path));
    }
    if version > VERSION {
        return Err(Error::Setup(format!(
            "The data file {} was written by a newer Clickstead (file version {version}, this program knows \
             {VERSION}). Install that version or a later one; nothing was changed.",
            path.display()
        )));
    }
    Ok(version)
}

fn read(connection: &Connection, pragma: &str) -> Result<i64> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}

/// Runs all steps from a file's version to today's in one transaction.
pub(super) fn upgrade(connection: &mut Connection) -> Result<()> {
    // This pragma cannot change within a transaction. With foreign keys off, a table can be rebuilt without deleting
    // the rows that refer to it.
    connection.pragma_update(None, "foreign_keys", false)?;
    let upgraded = run_steps(connection);
    connection.pragma_update(None, "foreign_keys", true)?;
    upgraded
}

fn run_steps(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = count_dangling(&transaction)?;
    migrations::run(&transaction, read(&transaction, "user_version")?)?;
    if count_dangling(&transaction)? > before {
        return Err(Error::Internal(
            "the upgrade would tear apart what belongs together; it was undone".into(),
        ));
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

/// Returns the number of rows whose foreign key refers to no row.
fn count_dangling(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("select count(*) from pragma_foreign_key_check", [], |row| row.get(0))?)
}
