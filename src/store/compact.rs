//! Compaction of a data file. Deleted rows leave free pages that are used again, but the file itself never shrinks, and
//! its pages are not full.

use super::connection::{Purpose, close, connect};
use super::read_only;
use crate::error::{Error, Result};
use rusqlite::Connection;
use std::path::Path;

/// Rewrites a data file without free pages, in one transaction, while no other process has it open. Returns the file's
/// size in bytes before and after. An interrupted run leaves the file as it was.
///
/// # Errors
/// Fails with [`Error::Setup`] when the file cannot be opened or is in use, and with [`Error::Unwritable`] when it is
/// read-only or the disk is full.
pub fn compact(path: &Path) -> Result<(u64, u64)> {
    let file = connect(path, Purpose::Write)?;
    // The temporary copy may be larger than the memory.
    file.pragma_update(None, "temp_store", "file")?;
    if file.is_readonly("main")? {
        return Err(read_only::error());
    }
    let before = std::fs::metadata(path)?.len();
    let is_alone = match set_journal(&file, "delete") {
        Err(Error::Busy) => false,
        outcome => outcome?,
    };
    let written = if is_alone { file.execute_batch("vacuum") } else { Ok(()) };
    set_journal(&file, "wal")?;
    close(file)?;
    written?;
    if !is_alone {
        return Err(Error::Setup(format!(
            "The data file {} is in use. Stop the server and other commands, then run this again. Nothing was changed.",
            path.display()
        )));
    }
    Ok((before, std::fs::metadata(path)?.len()))
}

/// Sets the journal mode; returns true if the file has it now. Without a write-ahead log only one process can have the
/// file open.
pub(super) fn set_journal(connection: &Connection, kind: &str) -> Result<bool> {
    let mut found = String::new();
    connection.pragma_update_and_check(None, "journal_mode", kind, |row| {
        found = row.get(0)?;
        Ok(())
    })?;
    Ok(found == kind)
}
