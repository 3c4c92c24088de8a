//! A file of the operator's that is read again when it changes.

use crate::error::Result;
use arc_swap::ArcSwap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A file with its content as it was last read.
pub struct WatchedFile<T> {
    path: PathBuf,
    load: fn(&Path) -> Result<T>,
    loaded: ArcSwap<Loaded<T>>,
}

struct Loaded<T> {
    content: Arc<T>,
    stamp: Option<Stamp>,
}

/// What tells a changed file from the one that was read: its length and when it was written.
type Stamp = (u64, Option<SystemTime>);

impl<T> WatchedFile<T> {
    /// Reads a file for the first time. Fails as `load` does.
    pub fn open(path: &Path, load: fn(&Path) -> Result<T>) -> Result<Self> {
        let loaded = Loaded { stamp: stamp(path), content: Arc::new(load(path)?) };
        Ok(Self { path: path.to_owned(), load, loaded: ArcSwap::from_pointee(loaded) })
    }

    /// Reads the file again if it has changed. Fails as `load` does, and keeps what was read last.
    pub fn reload_if_changed(&self) -> Result<()> {
        let stamp = stamp(&self.path);
        if stamp.is_none() || stamp != self.loaded.load().stamp {
            let content = Arc::new((self.load)(&self.path)?);
            self.loaded.store(Arc::new(Loaded { content, stamp }));
        }
        Ok(())
    }

    /// Returns the content as it was last read.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.loaded.load().content)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}
