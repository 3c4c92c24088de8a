//! Backups: copies of the data file made for the operator, as one file or as the newest files of a folder.

use super::connection;
use super::copy::{self, IsOver};
use super::private::{self, Unfinished, beside};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use jiff::civil::DateTime;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The format of the UTC time in the names of a folder's backups.
const STAMP: &str = "%Y%m%d-%H%M%S";
const ENDING: &str = ".db";

/// A finished backup.
#[derive(Clone, Debug)]
pub struct BackupSummary {
    /// The path.
    pub file: PathBuf,
    /// The size in bytes.
    pub bytes: u64,
    /// The older backups that were removed.
    pub removed: Vec<PathBuf>,
}

/// The source of a backup: an open data file and its path.
pub struct BackupSource<'a> {
    /// A connection to the file, whose view stays the same while it is copied.
    pub connection: &'a Connection,
    /// The path.
    pub path: &'a Path,
    /// A check that stops a backup that is no longer needed.
    pub is_over: IsOver,
}

impl BackupSource<'_> {
    /// Writes a backup under exactly this name, which must be free.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when the name is taken, the copy is stopped, the log grows too long or the copy is
    /// not whole, and when a file cannot be read or written.
    pub fn write_file(&self, file: &Path) -> Result<BackupSummary> {
        if fs::symlink_metadata(file).is_ok() {
            return Err(private::is_there(file));
        }
        let unfinished = Unfinished::create(file, self.path)?;
        copy::write(self.connection, &unfinished, &self.is_over)?;
        let bytes = unfinished.bytes()?;
        unfinished.finish()?;
        self.cut_log()?;
        Ok(BackupSummary { file: file.to_owned(), bytes, removed: Vec::new() })
    }

    /// Writes a backup into a folder under a name with the time, then removes the oldest backups of this data file
    /// there until `keep` are left; `None` removes nothing.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when there is no such folder, it cannot be written, the copy is stopped, the log
    /// grows too long or the copy is not whole, and when a file cannot be read or written.
    pub fn write_into(&self, folder: &Path, keep: Option<usize>, now: Timestamp) -> Result<BackupSummary> {
        check_folder(folder)?;
        let stem = stem(self.path);
        // An unfinished backup has the same name each time, so the next one replaces it.
        let unfinished = begin_in(folder, &stem, self.path)?;
        copy::write(self.connection, &unfinished, &self.is_over)?;
        let bytes = unfinished.bytes()?;
        let mut at = now;
        let file = loop {
            let file = folder.join(name(&stem, at));
            if unfinished.finish_as(&file)? {
                break file;
            }
            // The name is taken by a backup made in the same second.
            at = at.after(Duration::from_secs(1));
        };
        drop(unfinished);
        self.cut_log()?;
        let removed = match keep {
            Some(keep) => remove_oldest(folder, &stem, keep, &file)?,
            None => Vec::new(),
        };
        Ok(BackupSummary { file, bytes, removed })
    }

    /// Truncates a long write-ahead log: it grew while the copy was made and does not shrink by itself.
    fn cut_log(&self) -> Result<()> {
        let is_long =
            fs::metadata(beside(self.path, "-wal")).is_ok_and(|log| log.len() > limits::COPY_LOG_BYTES_CUT);
        if is_long {
            // While a reader uses the log, it stays as it is; SQLite later writes it again from its beginning.
            connection::empty_log(self.path)?;
        }
        Ok(())
    }
}

/// Returns the beginning of the names of a data file's backups.
fn stem(data: &Path) -> String {
    data.file_stem().map_or_else(|| "clickstead".into(), |stem| stem.to_string_lossy().into_owned())
}

fn name(stem: &str, at: Timestamp) -> String {
    format!("{stem}-{}{ENDING}", Zone::utc().local(at).strftime(STAMP))
}

/// Returns the time in the name of a backup; `None` for a file that is not a backup of this data file.
fn made_at(name: &str, stem: &str) -> Option<DateTime> {
    let stamp = name.strip_prefix(stem)?.strip_prefix('-')?.strip_suffix(ENDING)?;
    let at = DateTime::strptime(STAMP, stamp).ok()?;
    // The parser is lenient: a name that it reads may not be one that was written here.
    (at.strftime(STAMP).to_string() == stamp).then_some(at)
}

/// Removes the oldest backups of a folder until `keep` are left. Removes nothing else, and never the newest backup.
fn remove_oldest(folder: &Path, stem: &str, keep: usize, newest: &Path) -> Result<Vec<PathBuf>> {
    let mut others = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(at) = made_at(&name, stem)
            && entry.file_type()?.is_file()
            && entry.path() != newest
        {
            others.push((at, entry.path()));
        }
    }
    others.sort();
    let going = (others.len() + 1).saturating_sub(keep.max(1));
    let removed: Vec<PathBuf> = others.into_iter().take(going).map(|(_, path)| path).collect();
    for path in &removed {
        fs::remove_file(path)?;
    }
    Ok(removed)
}

/// Checks that a path is a folder.
///
/// # Errors
/// Fails with [`Error::Setup`] when it is not.
pub fn check_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let path = folder.display();
    Err(Error::Setup(if folder.exists() {
        format!("{path} is no folder.")
    } else {
        format!("There is no folder {path}. Make it first.")
    }))
}

/// Checks that a backup of a data file can be written into a folder.
///
/// # Errors
/// Fails with [`Error::Setup`] when the path is not a folder or cannot be written.
pub fn try_folder(folder: &Path, data: &Path) -> Result<()> {
    check_folder(folder)?;
    // The trial has a name of its own, because a backup may be under way there.
    begin_in(folder, &format!("{}-trial", stem(data)), data).map(drop)
}

fn begin_in(folder: &Path, stem: &str, data: &Path) -> Result<Unfinished> {
    Unfinished::begin(&folder.join(stem), data).map_err(|error| {
        Error::Setup(format!("No backup can be written into {} ({error}).", folder.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_own_kind_are_backups() {
        let own = name("clickstead", Timestamp(1_795_961_696_789));
        assert_eq!(own, "clickstead-20261129-141456.db");
        assert!(made_at(&own, "clickstead").is_some());
        for other in [
            "clickstead.db",
            "clickstead-20261129-141456.db.gz",
            "clickstead-20261129-141456.db-wal",
            "clickstead-20261129.db",
            "clickstead-20261329-141456.db",
            "clickstead-2026112-9141456.db",
            "clickstead-20261129-1414560.db",
            "clickstead-+2026129-141456.db",
            "other-20261129-141456.db",
            "clickstead-old-20261129-141456.db",
            "clickstead-20261129-141456.DB",
        ] {
            assert!(made_at(other, "clickstead").is_none(), "{other}");
        }
    }
}
