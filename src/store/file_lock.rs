//! The locks on open data files. A process that opens one holds a lock on it for as long as it runs, which it
//! shares with others; a process that puts another file in its place must have the lock alone. The lock is on
//! the file itself (`flock`), not on its name, and is none of SQLite's own. Closing a file drops every lock
//! of the process that SQLite has on it, so a locked file is never closed.

use super::private::beside;
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

/// Returns the device and inode number of a file, which tell it from all others, whatever its names.
pub fn file_number(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

/// The kind of a lock.
#[derive(Clone, Copy)]
enum LockKind {
    Shared,
    Exclusive,
}

/// Takes a shared lock on a data file, once its first page was checked: a foreign file is refused before
/// anything could change it. Waits while another process puts another file in its place.
pub fn lock_shared(path: &Path) -> Result<()> {
    lock(path, LockKind::Shared).map(|_| ())
}

/// Takes an exclusive lock on a file of any kind; false when another process has it open.
pub fn try_lock_exclusive(path: &Path) -> Result<bool> {
    lock(path, LockKind::Exclusive)
}

fn lock(path: &Path, kind: LockKind) -> Result<bool> {
    let mut locked = LOCKED.lock().map_err(|_| Error::Busy)?;
    let locked = locked.get_or_insert_default();
    loop {
        let found = std::fs::metadata(path).map_err(|error| super::cannot_open(path, &error))?;
        match (locked.get(&file_number(&found)), kind) {
            (Some(_), LockKind::Shared) => return Ok(true),
            (Some(file), LockKind::Exclusive) => return try_exclusive(file, path),
            (None, _) => {}
        }
        if !found.is_file() {
            return Err(signature::is_not_ours(path));
        }
        let file = File::open(path).map_err(|error| super::cannot_open(path, &error))?;
        let own = file_number(&file.metadata()?);
        match kind {
            LockKind::Shared if signature::look(&file, path)? != Signature::Ours => {
                return Err(signature::is_not_ours(path));
            }
            LockKind::Shared => file.lock_shared().or_else(tolerate)?,
            LockKind::Exclusive if !try_exclusive(&file, path)? => return Ok(false),
            LockKind::Exclusive => {}
        }
        // Another file may have come into its place while this waited.
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
    // Where a file system has no locks, everything but a restore works.
    if error.kind() == std::io::ErrorKind::Unsupported { Ok(()) } else { Err(error.into()) }
}

/// True if a file that belongs to this one lies beside it and is not empty: its log or its journal.
pub fn has_beside(path: &Path, ending: &str) -> bool {
    std::fs::metadata(beside(path, ending)).is_ok_and(|found| found.len() > 0)
}

/// Returns the signature of a file that this process has locked, and true if it is an SQLite file.
pub fn signature(path: &Path) -> Result<(Signature, bool)> {
    with(path, |file| Ok((signature::look(file, path)?, signature::is_sqlite(file)?)))
}

/// Copies a file that this process has locked.
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
