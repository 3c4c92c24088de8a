//! The opening of a read-only data file: one that was archived, or on a disk that takes no changes.

use super::is_in_use;
use crate::error::{Error, Result};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Makes the error for a change to such a file.
pub fn error() -> Error {
    Error::Unwritable(
        "The data file may only be read. Check its owner and mode, and whether its disk takes changes."
            .into(),
    )
}

/// Opens a connection that leaves no file beside the data file. SQLite would make its log there with the mode
/// of the data file, and that would keep out its owner even after the mode was mended; or it would fail in a
/// read-only folder. Where changes lie beside the file they must be read, so the usual connection stays.
#[expect(clippy::disallowed_methods, reason = "this is a part of the one opener")]
pub fn instead(usual: Connection, path: &Path) -> Result<Connection> {
    if is_in_use(path) {
        return Ok(usual);
    }
    let name = percent_encode(path.as_os_str().as_bytes(), NON_ALPHANUMERIC);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)?)
}
