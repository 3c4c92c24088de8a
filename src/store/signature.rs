//! Recognition of data files from their first page, before SQLite opens them and without changing a byte of them or of
//! the files beside them. (Opening a file with SQLite may roll a journal back, and closing it may empty a log.)

use super::private::has_beside;
use crate::error::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The application id of data files: `Clik` in ASCII.
pub const APPLICATION_ID: i64 = 0x436c_696b;

/// The beginning of every SQLite file, see <https://www.sqlite.org/fileformat2.html#the_database_header>.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The offset of the application id in the header.
const APPLICATION_ID_AT: usize = 68;
/// The offset of the B-tree page header in the first page: its type, and at offset 3 the number of cells, one for each
/// schema entry.
const TREE_AT: usize = 100;
const KIND_LEAF: u8 = 13;

/// The owner of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// None: the file is empty.
    Empty,
    /// Clickstead: the file is a data file.
    Ours,
    /// Another program.
    Foreign,
}

/// Reads the signature of an open file at this path.
///
/// # Errors
/// Fails when the file, or the log beside it, cannot be read.
pub fn look(file: &File, path: &Path) -> Result<Signature> {
    let mut page = [0; TREE_AT + 8];
    let length = read(file, &mut page)?;
    if length == 0 {
        return Ok(Signature::Empty);
    }
    if length < page.len() || !page.starts_with(MAGIC) {
        return Ok(Signature::Foreign);
    }
    let mark = u32::from_be_bytes(page[APPLICATION_ID_AT..][..4].try_into().unwrap_or_default());
    let has_tables = page[TREE_AT] != KIND_LEAF || page[TREE_AT + 3..][..2] != [0, 0];
    match i64::from(mark) {
        APPLICATION_ID => Ok(Signature::Ours),
        // Until the first checkpoint, all that Clickstead wrote stands in the log.
        0 if !has_tables && has_beside(path, "-wal") && !has_beside(path, "-journal") => look_into_log(path),
        _ => Ok(Signature::Foreign),
    }
}

/// Returns true for a file with SQLite's header.
///
/// # Errors
/// Fails with [`Error::Internal`] when the file cannot be read.
pub fn is_sqlite(file: &File) -> Result<bool> {
    let mut start = [0; MAGIC.len()];
    Ok(read(file, &mut start)? == start.len() && start == *MAGIC)
}

fn read(file: &File, into: &mut [u8]) -> Result<usize> {
    let mut length = 0;
    loop {
        match file.read_at(&mut into[length..], length as u64)? {
            0 => return Ok(length),
            more => length += more,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one opener sets pragmas, and this must leave no trace")]
fn look_into_log(path: &Path) -> Result<Signature> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(crate::limits::FILE_WAIT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if !has_beside(path, "-shm") {
        // No process has it open: SQLite then keeps the index of the log in memory.
        connection.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
    }
    let mark: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(if mark == APPLICATION_ID { Signature::Ours } else { Signature::Foreign })
}

/// Returns the error for a foreign file.
pub fn is_not_ours(path: &Path) -> Error {
    let advice = if path.is_file() && !File::open(path).is_ok_and(|file| is_sqlite(&file).unwrap_or(false)) {
        " If it was one, it is damaged: put a backup in its place with `clickstead restore BACKUP`."
    } else {
        ""
    };
    Error::Setup(format!(
        "{} is not a Clickstead data file; nothing was changed. Name another file with --data FILE.{advice}",
        path.display()
    ))
}
