//! Who has a data file open. A process that opens one holds a lock on it for as long as it runs, which it shares with
//! others; whoever puts another file in its place must have the lock alone. The lock is on the file itself (`flock`), not
//! on its name, and is none of SQLite's own. Closing a file drops every lock of the process that SQLite has on it, so a
//! file that is held is never closed.

use super::private::beside;
use super::signature::{self, Signature};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fs::{File, Metadata, TryLockError};
use std::io::{Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Mutex;

/// The files that this process holds, by device and number.
static HELD: Mutex<Option<HashMap<(u64, u64), File>>> = Mutex::new(None);

/// The device and number of a file, which tell it from all others, whatever its names.
pub fn number(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

/// How a process holds a file.
#[derive(Clone, Copy)]
enum Hold {
    Shared,
    Alone,
}

/// Holds a data file together with others, once it is looked at: what is none of ours is refused before anything could
/// change it. Waits as long as somebody puts another file in its place.
pub fn share(path: &Path) -> Result<()> {
    hold(path, Hold::Shared).map(|_| ())
}

/// Holds a file alone, whatever it is; false when another process has it open.
pub fn take_alone(path: &Path) -> Result<bool> {
    hold(path, Hold::Alone)
}

fn hold(path: &Path, how: Hold) -> Result<bool> {
    let mut held = HELD.lock().map_err(|_| Error::Busy)?;
    let held = held.get_or_insert_default();
    loop {
        let found = std::fs::metadata(path).map_err(|error| super::cannot_open(path, &error))?;
        match (held.get(&number(&found)), how) {
            (Some(_), Hold::Shared) => return Ok(true),
            (Some(file), Hold::Alone) => return try_alone(file, path),
            (None, _) => {}
        }
        if !found.is_file() {
            return Err(signature::is_not_ours(path));
        }
        let file = File::open(path).map_err(|error| super::cannot_open(path, &error))?;
        let own = number(&file.metadata()?);
        match how {
            Hold::Shared if signature::look(&file, path)? != Signature::Ours => {
                return Err(signature::is_not_ours(path));
            }
            Hold::Shared => file.lock_shared().or_else(tolerate)?,
            Hold::Alone if !try_alone(&file, path)? => return Ok(false),
            Hold::Alone => {}
        }
        // Another file may have come into its place while this waited.
        if std::fs::metadata(path).is_ok_and(|found| number(&found) == own) {
            held.insert(own, file);
            return Ok(true);
        }
    }
}

fn try_alone(file: &File, path: &Path) -> Result<bool> {
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

/// Whether something lies beside a file that belongs to it: its log or its journal.
pub fn has_beside(path: &Path, ending: &str) -> bool {
    std::fs::metadata(beside(path, ending)).is_ok_and(|found| found.len() > 0)
}

/// Whose a file is that this process holds, and whether it is one of SQLite's at all.
pub fn look(path: &Path) -> Result<(Signature, bool)> {
    with(path, |file| Ok((signature::look(file, path)?, signature::is_sqlite(file)?)))
}

/// Copies a file that this process holds.
pub fn copy(path: &Path, mut to: &File) -> Result<()> {
    with(path, |mut file| {
        file.seek(SeekFrom::Start(0))?;
        std::io::copy(&mut file, &mut to)?;
        Ok(())
    })
}

fn with<T>(path: &Path, ask: impl FnOnce(&File) -> Result<T>) -> Result<T> {
    let held = HELD.lock().map_err(|_| Error::Busy)?;
    let found = number(&std::fs::metadata(path)?);
    ask(held.as_ref().and_then(|held| held.get(&found)).ok_or(Error::Busy)?)
}
