//! A file of the operator that is read again when it changes.

use crate::error::Result;
use arc_swap::ArcSwap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A file with the content that was read last.
pub struct WatchedFile<T> {
    path: PathBuf,
    load: fn(&Path) -> Result<T>,
    loaded: ArcSwap<Loaded<T>>,
}

struct Loaded<T> {
    content: Arc<T>,
    stamp: Option<Stamp>,
}

/// The version of a file: its length in bytes and its time of modification.
type Stamp = (u64, Option<SystemTime>);

impl<T> WatchedFile<T> {
    /// Reads a file for the first time.
    ///
    /// # Errors
    ///
    /// Fails as `load` does.
    pub fn open(path: &Path, load: fn(&Path) -> Result<T>) -> Result<Self> {
        let loaded = Loaded { stamp: stamp(path), content: Arc::new(load(path)?) };
        Ok(Self { path: path.to_owned(), load, loaded: ArcSwap::from_pointee(loaded) })
    }

    /// Reads the file again if it has changed; if that fails, the last content stays.
    ///
    /// # Errors
    ///
    /// Fails as `load` does.
    pub fn reload_if_changed(&self) -> Result<()> {
        let stamp = stamp(&self.path);
        if stamp.is_none() || stamp != self.loaded.load().stamp {
            let content = Arc::new((self.load)(&self.path)?);
            self.loaded.store(Arc::new(Loaded { content, stamp }));
        }
        Ok(())
    }

    /// Returns the content that was read last.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.loaded.load().content)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}
