//! Files that hold secrets: only their owner may read them, and a file gets its name only once it is whole and on the
//! disk. Until then it has a temporary name beside the final one, used by this program alone, and is locked, so that an
//! abandoned file can be told from one that is being written.

use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The ending of an unfinished file's name.
const UNFINISHED: &str = ".clickstead-part";

/// The suffixes of SQLite's files that hold a part of the contents of a file.
pub const BELONGINGS: [&str; 2] = ["-wal", "-journal"];

/// The file mode of files that hold secrets: read and write for the owner alone.
const OWNER_ONLY: u32 = 0o600;

/// A file that is being written, removed on drop unless it was finished.
pub struct Unfinished {
    file: File,
    name: PathBuf,
    path: PathBuf,
    is_whole: bool,
}

impl Unfinished {
    /// Begins a file that will get this path and the owner of the file `like`, as far as this process may change
    /// owners. Waits for another process that writes the same file.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when the file cannot be created.
    pub fn create(path: &Path, like: &Path) -> Result<Self> {
        Self::begin(path, like).map_err(|error| cannot_write(path, &error))
    }

    /// Begins a file as `create` does, with the I/O error itself.
    ///
    /// # Errors
    /// Fails when the file cannot be created, locked or given to the owner.
    pub fn begin(path: &Path, like: &Path) -> std::io::Result<Self> {
        let name = beside(path, UNFINISHED);
        let unfinished = Self { file: claim(&name)?, name, path: path.to_owned(), is_whole: false };
        unfinished.remove_belongings();
        if let Ok(owner) = fs::metadata(like) {
            // Only root may change the owner; for anyone else the file stays their own.
            let given = std::os::unix::fs::fchown(&unfinished.file, Some(owner.uid()), Some(owner.gid()));
            given.or_else(
                |error| {
                    if error.kind() == ErrorKind::PermissionDenied { Ok(()) } else { Err(error) }
                },
            )?;
        }
        Ok(unfinished)
    }

    /// Removes SQLite's files beside it, whether new or left by an abandoned predecessor.
    fn remove_belongings(&self) {
        for ending in BELONGINGS.iter().chain(&["-shm"]) {
            // Usually there is none.
            drop(fs::remove_file(beside(&self.name, ending)));
        }
    }

    /// Returns the file handle to write to.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Returns the temporary path.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Returns the file's size in bytes.
    ///
    /// # Errors
    /// Fails with [`Error::Internal`] when the size cannot be read.
    pub fn bytes(&self) -> Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Moves the file to its final path, replacing any file there.
    ///
    /// # Errors
    /// Fails with [`Error::Internal`] when the file cannot be synced or renamed.
    pub fn replace(mut self) -> Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.name, &self.path)?;
        self.is_whole = true;
        sync_folder(&self.path)
    }

    /// Moves the file to its final path, which must be free.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when the path is taken or cannot be written.
    pub fn finish(self) -> Result<()> {
        if self.finish_as(&self.path)? { Ok(()) } else { Err(is_there(&self.path)) }
    }

    /// Moves the file to a path in the same folder; returns false when that path is taken.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when the path cannot be written, and with [`Error::Internal`] when the file cannot
    /// be synced.
    pub fn finish_as(&self, path: &Path) -> Result<bool> {
        self.file.sync_all()?;
        // A hard link never replaces another file, but not every file system has hard links.
        let named = fs::hard_link(&self.name, path).or_else(|error| match error.kind() {
            ErrorKind::AlreadyExists => Err(error),
            _ if fs::symlink_metadata(path).is_ok() => Err(ErrorKind::AlreadyExists.into()),
            _ => fs::rename(&self.name, path),
        });
        match named {
            Ok(()) => sync_folder(path).map(|()| true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(cannot_write(path, &error)),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_whole {
            // After a rename nothing has the temporary name any more.
            drop(fs::remove_file(&self.name));
            self.remove_belongings();
        }
    }
}

/// Appends a suffix to the file name of a path.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Returns true if a companion of this file (its log or its journal) exists and is not empty.
pub fn has_beside(path: &Path, ending: &str) -> bool {
    std::fs::metadata(beside(path, ending)).is_ok_and(|found| found.len() > 0)
}

/// Makes a file readable by its owner alone.
///
/// # Errors
/// Fails with [`Error::Internal`] when the mode cannot be changed.
pub fn make_private(path: &Path) -> Result<()> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(OWNER_ONLY))?)
}

/// Copies a file into a new one that its owner alone may read.
///
/// # Errors
/// Fails when the target exists, and when either file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut to = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(to)?;
    std::io::copy(&mut File::open(from)?, &mut to).map(drop)
}

/// Returns the error for a path that is taken.
pub fn is_there(path: &Path) -> Error {
    Error::Setup(format!("{} is there already. Name another file.", path.display()))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::Setup(format!("{} can't be written ({error}).", path.display()))
}

/// Creates a file and locks it. An existing file is either being written by a process or abandoned; the lock tells
/// which.
fn claim(name: &Path) -> std::io::Result<File> {
    loop {
        match OpenOptions::new().read(true).write(true).create_new(true).mode(OWNER_ONLY).open(name) {
            Ok(file) => {
                lock(&file)?;
                if is_at(&file, name) {
                    return Ok(file);
                }
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let Ok(found) = fs::symlink_metadata(name) else { continue };
                if !found.is_file() {
                    let sentence = format!("{} is in the way", name.display());
                    return Err(std::io::Error::new(error.kind(), sentence));
                }
                let left = match File::open(name) {
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    left => left?,
                };
                lock(&left)?;
                if is_at(&left, name) {
                    fs::remove_file(name)?;
                }
            }
            Err(error) => return Err(error),
        }
    }
}

fn lock(file: &File) -> std::io::Result<()> {
    // On a file system without locks the two cases cannot be told apart.
    file.lock().or_else(|error| if error.kind() == ErrorKind::Unsupported { Ok(()) } else { Err(error) })
}

/// Returns true if a path still leads to an open file.
fn is_at(file: &File, name: &Path) -> bool {
    let number = |found: fs::Metadata| (found.dev(), found.ino());
    let there = fs::symlink_metadata(name).map(number);
    file.metadata().map(number).is_ok_and(|own| there.is_ok_and(|there| there == own))
}

/// Syncs the folder of a path to the disk, so that its new names survive a power loss.
///
/// # Errors
/// Fails with [`Error::Internal`] when the folder cannot be opened or synced.
pub fn sync_folder(path: &Path) -> Result<()> {
    Ok(File::open(folder_of(path))?.sync_all()?)
}

/// Returns the folder of a path.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_its_owners_alone_and_has_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let unfinished = Unfinished::create(&path, folder.path()).unwrap();
        unfinished.file().write_all(b"secret").unwrap();
        assert!(!path.exists() && mode(unfinished.name()) == 0o600);
        unfinished.finish().unwrap();
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"secret".to_vec(), 0o600));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_not_finished_goes_and_what_was_cut_off_is_not_reused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        drop(Unfinished::create(&path, folder.path()).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let left = beside(&path, UNFINISHED);
        fs::write(&left, "much longer than what comes").unwrap();
        fs::set_permissions(&left, fs::Permissions::from_mode(0o644)).unwrap();
        let reader = File::open(&left).unwrap();
        let unfinished = Unfinished::create(&path, folder.path()).unwrap();
        assert_eq!((unfinished.bytes().unwrap(), mode(unfinished.name())), (0, 0o600));
        assert!(!is_at(&reader, &left), "whoever had the old one open would read the new one");
    }

    #[test]
    fn a_name_that_is_taken_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let unfinished = Unfinished::create(&path, folder.path()).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert!(unfinished.finish().is_err());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        std::os::unix::fs::symlink("nowhere", beside(&path, UNFINISHED)).unwrap();
        assert!(Unfinished::create(&path, folder.path()).is_err(), "a link was followed");
    }
}
