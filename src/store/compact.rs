//! A data file without free room. What goes leaves room that is used again, but the file itself never shrinks, and its pages
//! are not full.

use super::{Purpose, close, connect, read_only};
use crate::error::{Error, Result};
use rusqlite::Connection;
use std::path::Path;

/// Writes a data file anew without free room, in one transaction, while nobody else has it open. Bytes of the file before
/// and after it. What is cut off leaves the file as it was.
pub fn compact(path: &Path) -> Result<(u64, u64)> {
    let file = connect(path, Purpose::Write)?;
    // The copy that is made on the way may be larger than the memory.
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

/// Whether the file's journal is of a kind now. Without a log beside the file only one can have it open.
pub(super) fn set_journal(connection: &Connection, kind: &str) -> Result<bool> {
    let mut found = String::new();
    connection.pragma_update_and_check(None, "journal_mode", kind, |row| {
        found = row.get(0)?;
        Ok(())
    })?;
    Ok(found == kind)
}
