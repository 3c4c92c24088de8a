//! Unnamed temporary files to which reports spill data that exceeds their memory. The system removes them when the
//! report is dropped, however it ends.

use crate::error::{Error, Result};
use crate::limits::EngineLimits;
use crate::reports::columns::DictKey;
use crate::store::cancellation::Cancellation;
use crate::{limits, log};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

/// A folder for spill files, which are created without a name.
#[derive(Clone, Debug)]
pub struct SpillFolder {
    folder: Arc<PathBuf>,
    /// The token that cancels the query which writes here.
    pub(super) cancellation: Cancellation,
    /// The limits of the engine.
    pub limits: EngineLimits,
    /// The number of times that the data was partitioned before.
    level: u32,
    /// The free space in bytes that must be left on the disk for others, above all for hits.
    free_bytes_min: u64,
}

impl SpillFolder {
    /// Uses a folder, normally the data file's, whose disk is sized for the data.
    pub fn new(folder: PathBuf, limits: EngineLimits) -> Self {
        Self {
            folder: Arc::new(folder),
            cancellation: Cancellation::default(),
            limits,
            level: 0,
            free_bytes_min: limits::SPILL_FREE_BYTES_MIN,
        }
    }

    /// Sets the token that cancels the query.
    #[must_use]
    pub fn until(self, cancellation: Cancellation) -> Self {
        Self { cancellation, ..self }
    }

    /// Returns the same folder for the next level of partitions.
    pub fn deeper(&self) -> Self {
        Self { level: self.level + 1, ..self.clone() }
    }

    /// Returns the partition of a key. Each level takes other bits of a hash that maps distinct keys to distinct
    /// values.
    pub fn part(&self, key: DictKey) -> usize {
        let mut spread = (key ^ key >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        spread = (spread ^ spread >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        spread ^= spread >> 31;
        let bits = self.limits.spill_parts.ilog2();
        let spread = spread.rotate_left(bits * (self.level + 1));
        usize::try_from(spread % self.limits.spill_parts as u64).unwrap_or(0)
    }

    /// Returns a file that is created at its first write.
    pub fn file(&self) -> AsideFile {
        AsideFile { aside: self.clone(), file: None, end: 0 }
    }

    /// Returns the same folder with a limit that no disk satisfies.
    #[cfg(test)]
    pub fn full(&self) -> Self {
        Self { free_bytes_min: u64::MAX, ..self.clone() }
    }
}

/// An unnamed file that grows at its end.
#[derive(Debug)]
pub struct AsideFile {
    aside: SpillFolder,
    file: Option<Arc<File>>,
    end: u64,
}

impl AsideFile {
    /// Returns the limits of the engine.
    pub(super) fn limits(&self) -> &EngineLimits {
        &self.aside.limits
    }

    /// Checks that the query is not cancelled.
    ///
    /// # Errors
    /// Fails with [`Error::Abandoned`] once it is.
    pub fn check(&self) -> Result<()> {
        self.aside.cancellation.check()
    }

    /// Appends bytes to the file.
    ///
    /// # Errors
    /// Fails when the file cannot be created or written, or with [`io::ErrorKind::StorageFull`] when too little free
    /// space is left.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<Chunk> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(tempfile::tempfile_in(&*self.aside.folder)?))),
        };
        let disk = rustix::fs::fstatvfs(&*file)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < self.aside.free_bytes_min {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all_at(bytes, self.end)?;
        let at = self.end;
        self.end += bytes.len() as u64;
        Ok(Chunk { file, at, bytes: bytes.len() })
    }
}

/// A range of bytes in a spill file.
#[derive(Debug)]
pub struct Chunk {
    file: Arc<File>,
    at: u64,
    bytes: usize,
}

impl Chunk {
    /// Reads the bytes into a buffer, replacing its contents.
    ///
    /// # Errors
    /// Fails with [`Error::Unwritable`] when the file cannot be read.
    pub fn read(&self, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.resize(self.bytes, 0);
        self.file.read_exact_at(bytes, self.at).map_err(|error| failed(&error))
    }
}

/// Converts an I/O error of a spill file to the report's error.
pub fn failed(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        if let Some(left_out) = log::due("aside", "full") {
            tracing::warn!(
                left_out,
                "a report was refused: the disk of the data file has too little room left"
            );
        }
        let sentence =
            "The server has too little room for so large a report. Choose a shorter range, or add a filter.";
        return Error::invalid("date", sentence);
    }
    Error::Unwritable(format!(
        "A report needs room beside the data file for a moment, and can't have it ({error})."
    ))
}

/// Returns the error for spilled data that cannot be decoded.
pub fn unreadable() -> Error {
    Error::Internal("items that were written aside can't be read".into())
}
