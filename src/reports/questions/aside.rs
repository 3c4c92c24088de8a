//! Files without a name in which reports write down what there is no room for in memory. The system removes them when the
//! report is dropped, however it ends.

use crate::error::{Error, Result};
use crate::reports::columns::Key;
use crate::store::cancellation::Cancellation;
use crate::{limits, log};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where items are written aside: a folder in which files without a name are made.
#[derive(Clone, Debug)]
pub struct Aside {
    folder: Arc<PathBuf>,
    /// The end of the question that writes here.
    cancellation: Cancellation,
    /// Number of times that the items were parted before.
    level: u32,
    /// Bytes of the disk that are left for others, hits above all.
    free_bytes_min: u64,
}

impl Aside {
    /// In a folder, which is the data file's: there is as much room as data.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder: Arc::new(folder),
            cancellation: Cancellation::default(),
            level: 0,
            free_bytes_min: limits::SPILL_FREE_BYTES_MIN,
        }
    }

    /// For a question that ends when it is cancelled.
    #[must_use]
    pub fn until(self, cancellation: Cancellation) -> Self {
        Self { cancellation, ..self }
    }

    /// For the parts of what was written here.
    pub fn deeper(&self) -> Self {
        Self { level: self.level + 1, ..self.clone() }
    }

    /// The part that a key belongs to. Each level looks at other bits, and no two keys share all of them.
    pub fn part(&self, key: Key) -> usize {
        let mut spread = (key ^ key >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        spread = (spread ^ spread >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        spread ^= spread >> 31;
        let bits = limits::SPILL_PARTS.ilog2();
        let spread = spread.rotate_left(bits * (self.level + 1));
        usize::try_from(spread % limits::SPILL_PARTS as u64).unwrap_or(0)
    }

    /// A file that is made when something is written to it.
    pub fn file(&self) -> AsideFile {
        AsideFile { aside: self.clone(), file: None, end: 0 }
    }

    /// The same on a disk that has never enough room.
    #[cfg(test)]
    pub fn full(&self) -> Self {
        Self { free_bytes_min: u64::MAX, ..self.clone() }
    }
}

/// A file without a name that grows at its end.
#[derive(Debug)]
pub struct AsideFile {
    aside: Aside,
    file: Option<Arc<File>>,
    end: u64,
}

impl AsideFile {
    /// Fails where nobody waits any more for the answer of the question that writes here.
    pub fn check(&self) -> Result<()> {
        self.aside.cancellation.check()
    }

    /// Appends bytes; fails where that would take the last room of the disk.
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

/// Bytes that stand in such a file.
#[derive(Debug)]
pub struct Chunk {
    file: Arc<File>,
    at: u64,
    bytes: usize,
}

impl Chunk {
    /// Reads them in the place of what was read before.
    pub fn read(&self, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.resize(self.bytes, 0);
        self.file.read_exact_at(bytes, self.at).map_err(|error| failed(&error))
    }
}

/// The error of a report that could not write something aside, or read it again.
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

/// The error of bytes that are not what was written.
pub fn unreadable() -> Error {
    Error::Internal("items that were written aside can't be read".into())
}
