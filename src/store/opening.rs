//! Opening of data files: of one that is there, of a new one, and of one that lasts as long as its connection.

use super::connection::{Purpose, connect};
use super::data_path::{is_missing, is_nothing};
use super::{file_lock, schema};
use crate::error::{Error, Result};
use rusqlite::Connection;
use std::path::Path;

/// Opens a data file for writing, creates it if `create`, and upgrades an older one to today's schema. This process
/// holds a shared lock on it until it ends.
///
/// # Errors
/// Fails with [`Error::Setup`] when there is no file and `create` is false, and when the file cannot be opened, belongs
/// to another program, or was written by a newer version.
pub fn open(path: &Path, create: bool) -> Result<Connection> {
    if is_nothing(path) {
        if !create {
            return Err(is_missing(path));
        }
        schema::create(path, |_| Ok(()))?;
    }
    file_lock::lock_shared(path)?;
    let mut connection = connect(path, Purpose::Write)?;
    schema::prepare(&mut connection, path)?;
    // An interrupted compaction leaves the file without a write-ahead log; readers would then wait for writers.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    Ok(connection)
}

/// Creates a data file with its first rows where there is none or an empty one. On failure no file is left.
///
/// # Errors
/// Fails with [`Error::Setup`] when the file cannot be created or another process has created it meanwhile, and with
/// the errors of `fill`.
pub fn create_with<T>(path: &Path, fill: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
    let made = schema::create(path, fill)?;
    made.ok_or_else(|| {
        Error::Setup(format!("Another program has made {} meanwhile. Nothing was changed.", path.display()))
    })
}

/// Opens a data file for reading, without upgrading it. This process holds a shared lock on it until it ends.
///
/// # Errors
/// Fails with [`Error::Setup`] when there is no file, it cannot be opened, belongs to another program, or was written
/// by a newer version.
pub fn open_as_it_is(path: &Path) -> Result<Connection> {
    if is_nothing(path) {
        return Err(is_missing(path));
    }
    file_lock::lock_shared(path)?;
    let connection = connect(path, Purpose::Read)?;
    schema::version(&connection, path)?;
    Ok(connection)
}

/// Opens an empty private data file that SQLite deletes on close, for trying out a change.
///
/// # Errors
/// Fails when the temporary file cannot be created.
#[expect(clippy::disallowed_methods, reason = "this is the one opener")]
pub fn scratch() -> Result<Connection> {
    // SQLite creates a temporary file for an empty name and deletes it by itself.
    let mut connection = Connection::open("")?;
    connection.set_prepared_statement_cache_capacity(64);
    schema::make(&mut connection)?;
    Ok(connection)
}

/// Counts the rows of a table, for tests.
///
/// # Errors
/// Fails when the file cannot be read.
#[cfg(test)]
pub fn count_rows(connection: &Connection, table: &str) -> Result<i64> {
    Ok(connection.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0))?)
}
