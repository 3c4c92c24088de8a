//! Checks that a data file can be written, by writing to it: mode and owner do not tell of a full disk, and an open
//! file still accepts writes after it was moved or deleted.

use super::{file_lock, read_only};
use crate::error::{Error, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::{canonicalize, metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Writes a value that is there already, so that the commit shows whether the file can be written.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn probe(transaction: &Transaction<'_>) -> Result<()> {
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(transaction.pragma_update(None, "user_version", version)?)
}

/// Checks that an opened data file can be written, before any hit is accepted. A file locked by another process for
/// long counts as writable.
///
/// # Errors
/// Fails with [`Error::Setup`] when it cannot be written.
pub fn check(connection: &mut Connection, path: &Path) -> Result<()> {
    match try_write(connection) {
        Ok(()) | Err(Error::Busy) => Ok(()),
        Err(error @ (Error::Unwritable(_) | Error::Setup(_))) => Err(Error::Setup(format!(
            "{} can't be written, and no hit could be kept; so nothing was started. {error}",
            path.display()
        ))),
        Err(error) => Err(error),
    }
}

fn try_write(connection: &mut Connection) -> Result<()> {
    if connection.is_readonly("main")? {
        return Err(read_only::error());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    probe(&transaction)?;
    Ok(transaction.commit()?)
}

/// The identity of an open data file and of its write-ahead log, by which a moved or replaced file is noticed.
pub struct FileIdentity {
    path: PathBuf,
    log_path: PathBuf,
    /// The device and inode number of the data file.
    file: (u64, u64),
    /// The device and inode number of the log; `None` without a log.
    log: Option<(u64, u64)>,
}

impl FileIdentity {
    /// Records the identity of a file that is open and was written.
    ///
    /// # Errors
    /// Fails with [`Error::Internal`] when the path cannot be resolved.
    pub fn from_path(path: &Path) -> Result<Self> {
        // SQLite keeps its log beside the file itself, not beside a symbolic link to it.
        let mut log_path = canonicalize(path)?.into_os_string();
        log_path.push("-wal");
        let log = metadata(&log_path).ok();
        Ok(Self {
            path: path.to_owned(),
            log_path: log_path.into(),
            file: file_lock::file_number(&metadata(path)?),
            log: log.as_ref().map(file_lock::file_number),
        })
    }

    /// Checks that the open file still lies at its path: writes to a deleted file would be lost on close.
    ///
    /// # Errors
    /// Fails with [`Error::Unwritable`] when it, or its log, was moved, deleted or replaced.
    pub fn check(&self) -> Result<()> {
        let gone = "The data file is not where it was: it was moved or deleted, or its folder was. Put it back, or \
                    start Clickstead anew with the file that it is to use.";
        let other = "Another file stands where the data file was. Start Clickstead anew to use that one.";
        let log = "The file ending in -wal beside the data file, which holds its newest changes, was moved or deleted. \
                   Stop Clickstead as usual, which saves them, and start it anew.";
        same(&self.path, self.file, gone, other)?;
        self.log.map_or(Ok(()), |opened| same(&self.log_path, opened, log, log))
    }
}

fn same(path: &Path, opened: (u64, u64), gone: &str, other: &str) -> Result<()> {
    match metadata(path) {
        Ok(found) if file_lock::file_number(&found) == opened => Ok(()),
        Ok(_) => Err(Error::Unwritable(other.into())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(Error::Unwritable(gone.into()))
        }
        Err(error) => Err(Error::Unwritable(format!("The data file can't be reached ({error})."))),
    }
}
