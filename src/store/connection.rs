//! Connections to a data file: their pragmas, their transactions and their end. Knows nothing of the schema.

use super::data_path::cannot_open;
use super::read_only;
use crate::error::{Error, Result};
use crate::limits;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, ffi};
use std::path::Path;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly,
            SystemIoFailure,
        };
        let is_of_folder =
            error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_DIRECTORY);
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            Some(DiskFull) => Self::Unwritable("The disk is full. Free some space.".into()),
            Some(ReadOnly) if !is_of_folder => read_only::error(),
            Some(CannotOpen | ReadOnly) => Self::Unwritable(
                "The data file, or what SQLite keeps beside it, can't be opened. Check that its folder is there and may \
                 be written."
                    .into(),
            ),
            Some(SystemIoFailure) => Self::Unwritable(format!(
                "The disk fails ({error}). Look whether it is full, at quotas, at limits on the size of files, and at the \
                 system's log."
            )),
            // Foreign files are refused before SQLite sees them.
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Internal(format!("SQLite: {error}")),
        }
    }
}

/// The purpose of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Write,
    Checkpoint,
    Read,
}

/// Opens a connection and sets its pragmas; every connection is opened here.
#[expect(clippy::disallowed_methods, reason = "this is the one opener")]
pub(super) fn connect(path: &Path, purpose: Purpose) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, &error))?;
    if connection.is_readonly("main")? {
        connection = read_only::instead(connection, path)?;
    }
    connection.busy_timeout(limits::FILE_WAIT)?;
    connection.set_prepared_statement_cache_capacity(64);
    let cache_kib =
        if purpose == Purpose::Write { limits::WRITER_CACHE_KIB } else { limits::READER_CACHE_KIB };
    // Without QPSG a plan that depends on bound values is made anew for each value, which took a third of the time of
    // accepting hits.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", "fast")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "query_only", purpose == Purpose::Read)?;
    Ok(connection)
}

/// Returns SQLite's `data_version` of a connection, which changes with each commit of another connection.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?)
}

/// Runs one change of a command in a transaction of its own. The server notices it at its next batch.
///
/// # Errors
/// Fails with [`Error::Busy`] while another process writes, with the errors of `change`, and when the commit fails.
pub fn change<T>(
    connection: &mut Connection,
    change: impl FnOnce(&Transaction<'_>) -> Result<T>,
) -> Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcome = change(&transaction)?;
    transaction.commit()?;
    Ok(outcome)
}

/// Runs a passive checkpoint: moves log frames into the file, as far as no reader needs them.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn checkpoint(connection: &Connection) -> Result<()> {
    Ok(connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))?)
}

/// Moves the whole log into the file and truncates it, so that no deleted data stays in it. Returns false while a
/// reader still uses the log: try again later.
///
/// # Errors
/// Fails when the data file cannot be opened or written.
pub fn empty_log(path: &Path) -> Result<bool> {
    let connection = connect(path, Purpose::Checkpoint)?;
    // Writers are blocked while this waits.
    connection.busy_timeout(limits::LOG_WAIT)?;
    let is_busy: bool = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    Ok(!is_busy)
}

/// Closes a connection so that no write-ahead log of its own stays behind. Where the file is read-only or the disk is
/// full, the log stays for the next process that opens the file, and nothing is lost.
///
/// # Errors
/// Fails when SQLite cannot close the connection; a failed checkpoint is only logged.
pub fn close(connection: Connection) -> Result<()> {
    if let Err(error) = checkpoint(&connection)
        && !connection.is_readonly("main")?
    {
        tracing::warn!(%error, "the log beside the data file stays");
    }
    connection.close().map_err(|(_, error)| error.into())
}
