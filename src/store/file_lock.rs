//! Locks on open data files. A process that opens a data file holds a shared lock on it for as long as it runs; a
//! process that replaces the file must hold the lock alone. The lock is on the file itself (`flock`), not on its name,
//! and is independent of SQLite's own locks. Closing a file descriptor drops every lock of the process that SQLite has
//! on the file, so a locked file is never closed.

use super::data_path::cannot_open;
use super::signature::{self, Signature};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fs::{File, Metadata, TryLockError};
use std::io::{Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Mutex;

/// The files that this process has locked, by device and inode number.
static LOCKED: Mutex<Option<HashMap<(u64, u64), File>>> = Mutex::new(None);

/// Returns the device and inode number of a file, which identify it whatever its name.
pub fn file_number(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

/// The kind of a lock.
#[derive(Clone, Copy)]
enum LockKind {
    Shared,
    Exclusive,
}

/// Takes a shared lock on a data file after its first page was checked, so that a foreign file is refused before
/// anything could change it. Waits while another process replaces the file.
///
/// # Errors
/// Fails with [`Error::Setup`] when the file cannot be opened or is not a data file of this program, and with
/// [`Error::Internal`] when it cannot be locked.
pub fn lock_shared(path: &Path) -> Result<()> {
    lock(path, LockKind::Shared).map(|_| ())
}

/// Takes an exclusive lock on a file of any kind; returns false when another process has it open.
///
/// # Errors
/// Fails with [`Error::Setup`] when the file cannot be opened, is not a regular file, or its file system has no locks.
pub fn try_lock_exclusive(path: &Path) -> Result<bool> {
    lock(path, LockKind::Exclusive)
}

fn lock(path: &Path, kind: LockKind) -> Result<bool> {
    let mut locked = LOCKED.lock().map_err(|_| Error::Busy)?;
    let locked = locked.get_or_insert_default();
    loop {
        let found = std::fs::metadata(path).map_err(|error| cannot_open(path, &error))?;
        match (locked.get(&file_number(&found)), kind) {
            (Some(_), LockKind::Shared) => return Ok(true),
            (Some(file), LockKind::Exclusive) => return try_exclusive(file, path),
            (None, _) => {}
        }
        if !found.is_file() {
            return Err(signature::is_not_ours(path));
        }
        let file = File::open(path).map_err(|error| cannot_open(path, &error))?;
        let own = file_number(&file.metadata()?);
        match kind {
            LockKind::Shared if signature::look(&file, path)? != Signature::Ours => {
                return Err(signature::is_not_ours(path));
            }
            LockKind::Shared => file.lock_shared().or_else(tolerate)?,
            LockKind::Exclusive if !try_exclusive(&file, path)? => return Ok(false),
            LockKind::Exclusive => {}
        }
        // Another file may have taken its name while this process waited.
        if std::fs::metadata(path).is_ok_and(|found| file_number(&found) == own) {
            locked.insert(own, file);
            return Ok(true);
        }
    }
}

fn try_exclusive(file: &File, path: &Path) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(Error::Setup(format!(
            "The file system of {} has no locks ({error}), so whether a server runs can't be told.",
            path.display()
        ))),
    }
}

fn tolerate(error: std::io::Error) -> Result<()> {
    // On a file system without locks, everything but a restore works.
    if error.kind() == std::io::ErrorKind::Unsupported { Ok(()) } else { Err(error.into()) }
}

/// Returns the signature of a file that this process has locked, and true if it is an SQLite file.
///
/// # Errors
/// Fails with [`Error::Busy`] when this process has not locked the file, and when it cannot be read.
pub fn signature(path: &Path) -> Result<(Signature, bool)> {
    with(path, |file| Ok((signature::look(file, path)?, signature::is_sqlite(file)?)))
}

/// Copies a file that this process has locked.
///
/// # Errors
/// Fails with [`Error::Busy`] when this process has not locked the file, and when either file cannot be read or
/// written.
pub fn copy(path: &Path, mut to: &File) -> Result<()> {
    with(path, |mut file| {
        file.seek(SeekFrom::Start(0))?;
        std::io::copy(&mut file, &mut to)?;
        Ok(())
    })
}

fn with<T>(path: &Path, ask: impl FnOnce(&File) -> Result<T>) -> Result<T> {
    let locked = LOCKED.lock().map_err(|_| Error::Busy)?;
    let found = file_number(&std::fs::metadata(path)?);
    ask(locked.as_ref().and_then(|locked| locked.get(&found)).ok_or(Error::Busy)?)
}
