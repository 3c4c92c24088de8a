//! The cache of days built from the rows. The current day is kept whatever its size: rebuilding it for each query would
//! take seconds.

use crate::ingest::change_log::Position;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::SiteId;
use crate::reports::columns::block::Block;
use crate::reports::columns::block_builder::BlockBuilder;
use foldhash::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The key of a cached day: its site and date.
pub type DayName = (SiteId, Day);

/// A day that was built from the rows.
#[derive(Default)]
pub struct LiveDay {
    /// The columns that queries read.
    pub block: Arc<Block>,
    /// The builder that updates the columns; `None` when no hit can change the day any more.
    pub draft: Option<BlockBuilder>,
    /// The time zone in which the day was built.
    pub zone: String,
    /// The position in the change log up to which writes are included.
    pub mark: Option<Position>,
    /// The site's edition when the day was built; no finished day has changed since if it is the same.
    pub edition: i64,
}

impl LiveDay {
    /// Returns the day's approximate memory, and whether hits may still change it.
    pub fn size(&self) -> Size {
        let bytes = self.block.bytes() + self.draft.as_ref().map_or(0, BlockBuilder::bytes);
        Size { bytes: bytes as u64, is_live: self.draft.is_some() }
    }
}

/// The size of a cached day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The approximate memory in bytes.
    pub bytes: u64,
    /// True if hits may still change the day.
    pub is_live: bool,
}

/// The cache of built days.
#[derive(Default)]
pub struct LiveDays(Mutex<HashMap<DayName, Entry>>);

struct Entry {
    day: Arc<Mutex<LiveDay>>,
    size: Size,
    asked_at: Timestamp,
}

impl Entry {
    fn was_asked_lately(&self, now: Timestamp) -> bool {
        !now.has_passed(limits::DAY_KEPT_UP_FOR, self.asked_at)
    }
}

impl LiveDays {
    fn entries(&self) -> MutexGuard<'_, HashMap<DayName, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the entry of a day and marks it as used now; creates an empty one if the day is not cached. Concurrent
    /// queries share the entry.
    pub fn get(&self, name: DayName, now: Timestamp) -> Arc<Mutex<LiveDay>> {
        let mut entries = self.entries();
        let entry = entries.entry(name).or_insert_with(|| Entry {
            day: Arc::default(),
            // Until it is built it may turn out to be live, so its later writes have to be recorded.
            size: Size { bytes: 0, is_live: true },
            asked_at: now,
        });
        entry.asked_at = now;
        Arc::clone(&entry.day)
    }

    /// Returns the entry of a day without marking it as used.
    pub fn find(&self, name: DayName) -> Option<Arc<Mutex<LiveDay>>> {
        self.entries().get(&name).map(|entry| Arc::clone(&entry.day))
    }

    /// Returns the live days of a site that were used recently.
    pub fn looked_at(&self, site: SiteId, now: Timestamp) -> Vec<Day> {
        let entries = self.entries();
        let looked_at = entries
            .iter()
            .filter(|((of, _), entry)| *of == site && entry.size.is_live && entry.was_asked_lately(now));
        looked_at.map(|((_, day), _)| *day).collect()
    }

    /// Records the size of a day, and evicts others beyond the limit: first finished days, then those unused for
    /// longest. The largest live day that was used recently is exempt. Returns the bytes of all cached days.
    pub fn note(&self, name: DayName, size: Size) -> u64 {
        let mut entries = self.entries();
        if let Some(entry) = entries.get_mut(&name) {
            entry.size = size;
        }
        let Some(now) = entries.values().map(|entry| entry.asked_at).max() else { return 0 };
        let total = |entries: &HashMap<DayName, Entry>| entries.values().map(|entry| entry.size.bytes).sum();
        let mut bytes: u64 = total(&entries);
        while bytes > ROOM_BYTES {
            let live = entries.iter().filter(|(_, entry)| entry.size.is_live && entry.was_asked_lately(now));
            let largest = live.max_by_key(|(_, entry)| entry.size.bytes);
            let spared = largest.map_or(0, |(_, entry)| entry.size.bytes);
            let largest = largest.map(|(name, _)| *name);
            if bytes - spared <= ROOM_BYTES {
                break;
            }
            let others = entries.iter().filter(|(other, _)| **other != name && Some(**other) != largest);
            let last = others.min_by_key(|(_, entry)| (entry.size.is_live, entry.asked_at));
            let Some(last) = last.map(|(name, _)| *name) else { break };
            entries.remove(&last);
            bytes = total(&entries);
        }
        bytes
    }
}

/// The limit on the bytes of cached days.
const ROOM_BYTES: u64 = limits::COLUMNS_BYTES_MAX - limits::DECODED_BYTES_MIN;

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    /// Uses days of given sizes in mebibytes one after the other, and returns the sites of those still cached.
    fn kept(days: &[(i64, u64, bool)], hours_between: i64) -> Vec<i64> {
        let built = LiveDays::default();
        for (turn, (site, mebibytes, is_live)) in (0_i64..).zip(days) {
            let name = (SiteId(*site), Day(0));
            built.get(name, Timestamp(turn * hours_between * 3_600_000 + turn));
            built.note(name, Size { bytes: mebibytes * MIB, is_live: *is_live });
        }
        let mut kept: Vec<i64> = built.entries().keys().map(|(site, _)| site.0).collect();
        kept.sort_unstable();
        kept
    }

    #[test]
    fn days_go_that_are_over_then_those_that_nobody_asked_for_longest_and_the_largest_that_goes_on_stays() {
        for (days, hours_between, expected, why) in [
            (vec![(1, 10, true), (2, 10, true), (3, 10, false)], 0, vec![1, 2, 3], "there is room"),
            (vec![(1, 1_000, true)], 0, vec![1], "one day, however large"),
            (vec![(1, 1_000, true), (2, 40, true)], 0, vec![1, 2], "it comes on top"),
            (vec![(1, 1_000, true), (2, 30, true), (3, 30, true)], 0, vec![1, 3], "the longest ago goes"),
            (vec![(1, 1_000, true), (2, 30, false), (3, 30, true)], 0, vec![1, 3], "what is over goes"),
            (vec![(1, 1_000, true), (2, 1, true)], 2, vec![2], "nobody looks at the large one any more"),
        ] {
            assert_eq!(kept(&days, hours_between), expected, "{why}");
        }
    }
}
