//! Opening of a read-only data file, such as one in an archive or on a write-protected disk.

use super::data_path::is_in_use;
use crate::error::{Error, Result};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Returns the error for a change to such a file.
pub fn error() -> Error {
    Error::Unwritable(
        "The data file may only be read. Check its owner and mode, and whether its disk takes changes."
            .into(),
    )
}

/// Opens a connection that creates no file beside the data file. SQLite would create its log there with the mode of the
/// data file, which would shut out the owner even after the mode was repaired; or it would fail in a read-only folder.
/// An existing write-ahead log must be read, so the usual connection stays.
///
/// # Errors
/// Fails when the data file cannot be opened.
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
