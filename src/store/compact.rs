//! A data file without free room. What goes leaves room that is used again, but the file itself never shrinks, and its pages
//! are not full; a copy of it is as short as it can be.

use super::{Purpose, connect, keep_private};
use crate::error::{Error, Result};
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Puts a copy without free room in the place of a data file that nobody else has open. Bytes of the file before and
/// after it. Until the copy is complete and on the disk, the file stays what it was.
pub fn compact(path: &Path) -> Result<(u64, u64)> {
    let file = connect(path, Purpose::Write)?;
    let before = std::fs::metadata(path)?.len();
    if !set_journal(&file, "delete").unwrap_or(false) {
        return Err(Error::Setup(
            "The data file is in use. Stop the server and other commands, then run this again. Nothing was changed."
                .into(),
        ));
    }
    let copied = copy(&file, path);
    if copied.is_err() {
        set_journal(&file, "wal")?;
    }
    // Nobody opens the old file while the new one takes its name.
    std::fs::rename(copied?, path)?;
    sync_folder(path)?;
    drop(file);
    Ok((before, std::fs::metadata(path)?.len()))
}

/// Whether the file's journal is of a kind now. That of one file alone is only possible while nobody else has it open.
fn set_journal(connection: &Connection, kind: &str) -> Result<bool> {
    connection.pragma_update(None, "locking_mode", if kind == "wal" { "normal" } else { "exclusive" })?;
    let mut found = String::new();
    connection.pragma_update_and_check(None, "journal_mode", kind, |row| {
        found = row.get(0)?;
        Ok(())
    })?;
    if kind == "delete" {
        // From here on nobody else reads or writes.
        connection.execute_batch("begin exclusive; commit")?;
    }
    Ok(found == kind)
}

fn copy(file: &Connection, path: &Path) -> Result<PathBuf> {
    let mut copy = path.as_os_str().to_owned();
    copy.push(".compact");
    let copy = PathBuf::from(copy);
    if copy.exists() {
        // Of a run that was cut off.
        std::fs::remove_file(&copy)?;
    }
    keep_private(&copy)?;
    let made = write(file, &copy);
    if made.is_err() {
        std::fs::remove_file(&copy)?;
    }
    made.map(|()| copy)
}

fn write(file: &Connection, copy: &Path) -> Result<()> {
    file.execute("vacuum into :copy", [copy.to_string_lossy()])?;
    let copied = connect(copy, Purpose::Write)?;
    set_journal(&copied, "wal")?;
    copied.close().map_err(|(_, error)| error)?;
    Ok(File::open(copy)?.sync_all()?)
}

fn sync_folder(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok(File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?)
}
