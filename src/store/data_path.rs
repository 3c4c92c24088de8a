//! The path of a data file: whether one is there, and which files lie beside it.

use super::private;
use crate::error::{Error, Result};
use crate::limits;
use std::path::{Path, PathBuf};

/// Returns true if a file that is not empty, or anything else, exists at this path.
pub fn is_there(path: &Path) -> bool {
    !is_nothing(path)
}

/// Returns true if there is no file, or an empty one.
pub(super) fn is_nothing(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(found) => found.is_file() && found.len() == 0,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

pub(super) fn is_missing(path: &Path) -> Error {
    let path_is = if path.exists() {
        format!("The data file {} is empty.", path.display())
    } else {
        format!("There is no data file {}.", path.display())
    };
    Error::Setup(format!("{path_is} Name one with --data FILE, or make one with `clickstead init`."))
}

pub(super) fn cannot_open(path: &Path, error: &dyn std::error::Error) -> Error {
    Error::Setup(format!(
        "The data file {} can't be opened ({error}). Check that its folder exists and may be written.",
        path.display()
    ))
}

/// Returns the path behind symbolic links; for a broken link, the path that it points to.
pub fn follow(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..limits::LINKS_FOLLOWED_MAX {
        let Ok(target) = std::fs::read_link(&path) else { break };
        path = private::folder_of(&path).join(target);
    }
    path
}

/// Returns true if another process seems to have a data file open: its write-ahead log exists.
pub fn is_in_use(path: &Path) -> bool {
    private::beside(path, "-wal").exists()
}

/// The infix, between the data file's name and the older version's number, in the name of a copy made before an
/// upgrade.
pub(super) const BEFORE_UPGRADE: &str = ".before-upgrade-from-";

/// The infix, between the data file's name and the time, in the name of a file that a backup has replaced.
pub(super) const BEFORE_RESTORE: &str = ".before-restore-";

/// Lists the names of the copies beside the data file that were made before an upgrade or before a restore.
///
/// # Errors
/// Fails with [`Error::Internal`] when the folder cannot be read.
pub fn copies(path: &Path) -> Result<Vec<String>> {
    let Some(name) = path.file_name() else { return Ok(Vec::new()) };
    let starts = [BEFORE_UPGRADE, BEFORE_RESTORE].map(|words| format!("{}{words}", name.to_string_lossy()));
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(private::folder_of(path))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if starts.iter().any(|start| name.starts_with(start)) {
            copies.push(name);
        }
    }
    copies.sort();
    Ok(copies)
}
