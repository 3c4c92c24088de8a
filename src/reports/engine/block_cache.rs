//! The cache of reports: columns that were decoded or built from the rows, within a memory limit.

use super::live_days::{LiveDays, Size};
use crate::ingest::change_log::{ChangeLog, Position};
use crate::limits::{self, EngineLimits};
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::reports::columns::block::{Block, ColumnData};
use crate::reports::date_range::DateRange;
use crate::store::blocks::BlockMeta;
use foldhash::fast::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The cache of columns of days.
pub struct BlockCache {
    /// The limits of the engine.
    pub limits: EngineLimits,
    pub(in crate::reports) entries: Cache<EntryKey, Entry, ByteWeight, RandomState>,
    pub(in crate::reports) live_days: LiveDays,
    pub(in crate::reports) change_log: ChangeLog,
    /// The seals of blocks that could not be decoded.
    damaged: Mutex<HashSet<i64>>,
    /// The visits by day of recent days, for the list of sites.
    pub(in crate::reports) visits_per_day: Cache<SiteId, Arc<VisitsPerDay>>,
}

/// The visits of each day of a range, valid while the site's newest visits stay the same.
pub(in crate::reports) struct VisitsPerDay {
    pub range: DateRange,
    pub zone: String,
    /// The edition, the id of the newest visit, and that of the newest visit not in the future.
    pub newest: [i64; 3],
    pub visits: BTreeMap<Day, i64>,
}

/// The key of a cache entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::reports) enum EntryKey {
    /// A part, by its number, of the block with this seal.
    Part(i64, usize),
    /// A whole block with this seal.
    Whole(i64),
}

#[derive(Clone)]
pub(in crate::reports) enum Entry {
    Part(Arc<ColumnData>),
    Whole(Arc<Block>),
}

impl Entry {
    fn bytes(&self) -> u64 {
        match self {
            Self::Part(column) => column.bytes() as u64,
            Self::Whole(block) => block.bytes() as u64,
        }
    }
}

#[derive(Clone)]
pub(in crate::reports) struct ByteWeight;

impl Weighter<EntryKey, Entry> for ByteWeight {
    fn weight(&self, _: &EntryKey, kept: &Entry) -> u64 {
        kept.bytes()
    }
}

/// The estimated bytes of a cache entry, by which the cache plans its capacity.
const KEPT_BYTES: u64 = 4 * 1024;

/// The bytes by which the capacity of the cache changes at once.
const ROOM_STEP_BYTES: u64 = 1024 * 1024;

impl BlockCache {
    /// Creates an empty cache that learns of writes from a change log, of an engine with these limits.
    pub fn new(changes: ChangeLog, limits: EngineLimits) -> Self {
        let room = limits::COLUMNS_BYTES_MAX;
        let items = usize::try_from(room / KEPT_BYTES).unwrap_or(usize::MAX);
        // One shard, so that a large day can use most of the capacity.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(items)
            .weight_capacity(room)
            .shards(1)
            .build()
            .unwrap_or_else(|error| unreachable!("all that is needed is given: {error}"));
        Self {
            limits,
            entries: Cache::with_options(
                options,
                ByteWeight,
                RandomState::default(),
                DefaultLifecycle::default(),
            ),
            live_days: LiveDays::default(),
            change_log: changes,
            damaged: Mutex::default(),
            visits_per_day: Cache::new(limits::SITES_WATCHED_MAX),
        }
    }

    /// Caches an entry read from the file, unless the cache is full and the request has evicted enough: when the days
    /// queried exceed the capacity, each request would otherwise evict what the next one could use, and all would read
    /// everything.
    pub(in crate::reports) fn keep(&self, name: EntryKey, kept: Entry, replaced: &Cell<u64>) {
        let bytes = kept.bytes();
        let is_full = self.entries.weight() + bytes > self.entries.capacity();
        if is_full && bytes > limits::COLUMN_SMALL_BYTES_MAX {
            if replaced.get() + bytes > limits::COLUMNS_REPLACED_BYTES_MAX {
                return;
            }
            replaced.set(replaced.get() + bytes);
        }
        self.entries.insert(name, kept);
    }

    /// Records the size of a built day; the capacity for decoded columns shrinks by what it needs.
    pub(in crate::reports) fn note_built(&self, site: SiteId, day: Day, weight: Size) {
        let bytes = self.live_days.note((site, day), weight);
        let room = limits::COLUMNS_BYTES_MAX.saturating_sub(bytes).max(limits::DECODED_BYTES_MIN);
        if self.entries.capacity().abs_diff(room) >= ROOM_STEP_BYTES {
            self.entries.set_capacity(room);
        }
    }

    /// Returns the current position of the change log, to be taken before a snapshot begins.
    pub fn position(&self) -> Position {
        self.change_log.mark()
    }

    /// Returns the seals of blocks that could not be decoded, until they are rebuilt.
    pub fn damaged(&self) -> HashSet<i64> {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(in crate::reports) fn note_damage(&self, site: SiteId, sealed: &BlockMeta) {
        let is_new = self.damaged.lock().unwrap_or_else(PoisonError::into_inner).insert(sealed.seal);
        if is_new {
            tracing::warn!(%site, first = %sealed.first, last = %sealed.last, "sealed days are damaged: they are read from the visits and sealed anew");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::columns::packed_ints::PackedInts;

    const PART_BYTES: usize = 64 * 1024;

    /// Reads a number of parts as one request does, and returns the number of those found in the cache.
    fn request(days: &BlockCache, first: i64, parts: u64) -> usize {
        let replaced = Cell::default();
        let mut found = 0;
        for seal in (first..).take(usize::try_from(parts).unwrap()) {
            let name = EntryKey::Part(seal, 0);
            if days.entries.get(&name).is_some() {
                found += 1;
            } else {
                let column = ColumnData::Numbers(PackedInts::Bytes(vec![0; PART_BYTES]));
                days.keep(name, Entry::Part(Arc::new(column)), &replaced);
            }
        }
        found
    }

    const FITTING: u64 = limits::COLUMNS_BYTES_MAX / (PART_BYTES as u64 + 256);

    #[test]
    fn requests_of_more_than_fits_find_what_there_is_room_for() {
        let days = BlockCache::new(ChangeLog::default(), EngineLimits::small());
        assert_eq!(request(&days, 0, 5 * FITTING), 0);
        for _ in 0..10 {
            let found = request(&days, 0, 5 * FITTING);
            assert!(found as u64 > FITTING * 3 / 4, "{found} of {FITTING}");
        }
    }

    #[test]
    fn what_is_asked_for_again_and_again_replaces_what_was_asked_for_before() {
        let days = BlockCache::new(ChangeLog::default(), EngineLimits::small());
        request(&days, 0, 5 * FITTING);
        let others = FITTING / 2;
        for _ in 0..8 {
            request(&days, 1_000_000, others);
        }
        let found = request(&days, 1_000_000, others);
        assert!(found as u64 > others * 9 / 10, "{found} of {others}");
    }
}
