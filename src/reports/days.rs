//! The memory of reports: columns that were decoded or built from the rows, as far as there is room for them.

use super::built_days::{BuiltDays, Size};
use super::columns::stretch::{Piece, Stretch};
use super::range::Range;
use crate::clock::Day;
use crate::id::SiteId;
use crate::ingest::changes::{Changes, Mark};
use crate::limits;
use crate::store::blocks::Sealed;
use foldhash::fast::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Columns of days, as far as there is room.
pub struct Days {
    pub(super) kept: Cache<Name, Kept, ByBytes, RandomState>,
    pub(super) built: BuiltDays,
    pub(super) changes: Changes,
    /// Seals of stretches that could not be read.
    damaged: Mutex<HashSet<i64>>,
    /// Visits of the last days of sites, for lists of many.
    pub(super) counts: Cache<SiteId, Arc<Counts>>,
}

/// The visits of each day of a range, valid while a site's newest visits stay the same.
pub(super) struct Counts {
    pub range: Range,
    pub zone: String,
    /// The edition, the newest visit of all, and the newest that is not in the future.
    pub newest: [i64; 3],
    pub visits: BTreeMap<Day, i64>,
}

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name {
    /// A part of the stretch with this seal.
    Part(i64, usize),
    /// The stretch with this seal.
    Whole(i64),
}

#[derive(Clone)]
pub(super) enum Kept {
    Part(Arc<Piece>),
    Whole(Arc<Stretch>),
}

#[derive(Clone)]
pub(super) struct ByBytes;

impl Weighter<Name, Kept> for ByBytes {
    fn weight(&self, _: &Name, kept: &Kept) -> u64 {
        match kept {
            Kept::Part(piece) => piece.bytes() as u64,
            Kept::Whole(stretch) => stretch.bytes() as u64,
        }
    }
}

/// About how many bytes something that is kept takes: what the cache plans its room by.
const KEPT_BYTES: u64 = 4 * 1024;

/// By how many bytes the room of the cache changes at once.
const ROOM_STEP_BYTES: u64 = 1024 * 1024;

impl Days {
    /// An empty memory that learns from this log what was written.
    pub fn new(changes: Changes) -> Self {
        let room = limits::COLUMNS_BYTES_MAX;
        let items = usize::try_from(room / KEPT_BYTES).unwrap_or(usize::MAX);
        // In one piece: a large day takes much of the room, and must find it.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(items)
            .weight_capacity(room)
            .shards(1)
            .build()
            .unwrap_or_else(|error| unreachable!("all that is needed is given: {error}"));
        Self {
            kept: Cache::with_options(options, ByBytes, RandomState::default(), DefaultLifecycle::default()),
            built: BuiltDays::default(),
            changes,
            damaged: Mutex::default(),
            counts: Cache::new(limits::SITES_WATCHED_MAX),
        }
    }

    /// Notes how large a day that was built is by now. Decoded columns give up the room that it needs.
    pub(super) fn note_built(&self, site: SiteId, day: Day, weight: Size) {
        let bytes = self.built.note((site, day), weight);
        let room = limits::COLUMNS_BYTES_MAX.saturating_sub(bytes).max(limits::DECODED_BYTES_MIN);
        if self.kept.capacity().abs_diff(room) >= ROOM_STEP_BYTES {
            self.kept.set_capacity(room);
        }
    }

    /// What has to be taken before the moment that is read.
    pub fn mark(&self) -> Mark {
        self.changes.mark()
    }

    /// Seals of stretches that could not be read, until they are made anew.
    pub fn damaged(&self) -> HashSet<i64> {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note_damage(&self, site: SiteId, sealed: &Sealed) {
        let is_new = self.damaged.lock().unwrap_or_else(PoisonError::into_inner).insert(sealed.seal);
        if is_new {
            tracing::warn!(%site, first = %sealed.first, last = %sealed.last, "sealed days are damaged: they are read from the visits and sealed anew");
        }
    }
}
