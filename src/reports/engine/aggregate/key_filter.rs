//! The choice of the keys that are counted, and of where those go that do not fit into memory.

use super::spill_folder::SpillFolder;
use crate::reports::columns::{DictKey, unpack_pair};
use foldhash::HashSet;
use std::sync::Arc;

/// The keys that are counted.
#[derive(Clone, Debug)]
pub enum KeyFilter {
    /// All keys, whatever memory they take.
    All,
    /// All keys; those beyond the memory limit are spilled.
    Aside(SpillFolder),
    /// Only pairs that begin with this key; those beyond the memory limit are spilled.
    Pairs(SpillFolder, DictKey),
    /// Only these keys.
    Only(Arc<HashSet<DictKey>>),
}

impl KeyFilter {
    /// Returns true if no key is left out.
    pub fn are_all(&self) -> bool {
        matches!(self, Self::All | Self::Aside(_))
    }

    /// Returns true if a key is counted.
    pub fn has(&self, key: DictKey) -> bool {
        match self {
            Self::All | Self::Aside(_) => true,
            Self::Pairs(_, first) => unpack_pair(key).0 == *first,
            Self::Only(keys) => keys.contains(&key),
        }
    }

    /// Returns the folder for keys beyond the memory limit, if they are spilled.
    pub fn aside(&self) -> Option<&SpillFolder> {
        match self {
            Self::Aside(folder) | Self::Pairs(folder, _) => Some(folder),
            Self::All | Self::Only(_) => None,
        }
    }
}
