//! Days built from the rows: days that are not sealed, and the current day, which is updated with later writes.

use super::block_cache::BlockCache;
use super::live_days::LiveDay;
use crate::error::Result;
use crate::ingest::change_log::Position;
use crate::limits;
use crate::model::clock::Day;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::reports::columns::block::Block;
use crate::reports::columns::block_builder::BlockBuilder;
use crate::reports::date_range::DateRange;
use crate::store::blocks;
use crate::store::sites::{self, Site};
use foldhash::HashMap;
use rusqlite::Connection;
use std::cell::RefCell;
use std::sync::{Arc, PoisonError};

/// A loader of the days of a snapshot that are not sealed.
pub struct LiveDayLoader<'a> {
    connection: &'a Connection,
    cache: &'a BlockCache,
    now: Timestamp,
    position: Position,
    /// The days built or updated for this snapshot, so that all its queries see the same data.
    loaded: RefCell<HashMap<(SiteId, Day), Arc<Block>>>,
}

impl<'a> LiveDayLoader<'a> {
    /// Creates a loader. The position in the change log must be taken before the connection's read transaction begins.
    pub fn new(
        connection: &'a Connection,
        cache: &'a BlockCache,
        now: Timestamp,
        position: Position,
    ) -> Self {
        Self { connection, cache, now, position, loaded: RefCell::default() }
    }

    /// Returns the cached columns of a day, updated to this snapshot, without marking the day as used. `None` when they
    /// would have to be built, or another thread is working on them.
    pub fn find(&self, site: &Site, day: Day) -> Result<Option<Arc<Block>>> {
        if let Some(block) = self.loaded.borrow().get(&(site.id, day)) {
            return Ok(Some(Arc::clone(block)));
        }
        let Some(kept) = self.cache.live_days.find((site.id, day)) else { return Ok(None) };
        let Ok(mut built) = kept.try_lock() else { return Ok(None) };
        if !self.is_ours(site, day, &built)? || !self.refresh(site, &mut built)? {
            return Ok(None);
        }
        let (block, weight) = (Arc::clone(&built.block), built.size());
        drop(built);
        self.cache.note_built(site.id, day, weight);
        self.loaded.borrow_mut().insert((site.id, day), Arc::clone(&block));
        Ok(Some(block))
    }

    /// Returns the columns of a day, from the cache and updated to this snapshot, or built from the rows.
    pub fn load(&self, site: &Site, day: Day) -> Result<Arc<Block>> {
        if let Some(block) = self.loaded.borrow().get(&(site.id, day)) {
            return Ok(Arc::clone(block));
        }
        let kept = self.cache.live_days.get((site.id, day), self.now);
        let mut built = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_ours(site, day, &built)? || !self.refresh(site, &mut built)? {
            // From here on the log records the changes of this site, so that the next query can update the day.
            drop(self.cache.change_log.between(site.id, self.position, self.position));
            let edition = blocks::generation(self.connection, site.id)?;
            // Frees the outdated columns before new ones are built.
            *built = LiveDay::default();
            let one = DateRange { first: day, last: day };
            let draft = BlockBuilder::build(self.connection, site, one, &self.cache.limits)?;
            let (draft, block) = if self.is_settled(site, day) {
                (None, draft.into_block())
            } else {
                let (draft, block) = draft.into_live();
                (Some(draft), block)
            };
            let (zone, mark) = (site.zone.name().to_owned(), Some(self.position));
            *built = LiveDay { block: Arc::new(block), draft, zone, mark, edition };
        }
        let (block, weight) = (Arc::clone(&built.block), built.size());
        drop(built);
        self.cache.note_built(site.id, day, weight);
        self.loaded.borrow_mut().insert((site.id, day), Arc::clone(&block));
        Ok(block)
    }

    /// Updates the recently used days of all sites with many pending changes. For the other sites the log stops
    /// recording.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn refresh_recent(&self) -> Result<()> {
        for id in self.cache.change_log.sites_behind() {
            let looked_at = self.cache.live_days.looked_at(id, self.now);
            let site = if looked_at.is_empty() { None } else { sites::find(self.connection, id)? };
            let mut is_known = false;
            for day in looked_at {
                if let Some(site) = &site {
                    is_known |= self.refresh_idle(site, day)?;
                }
            }
            if !is_known {
                self.cache.change_log.stop_watching(id);
            }
        }
        Ok(())
    }

    /// Updates a cached day between queries. Skips it while a query works on it or still reads its columns, which would
    /// have to be copied. Returns false when the day has to be rebuilt.
    fn refresh_idle(&self, site: &Site, day: Day) -> Result<bool> {
        let Some(kept) = self.cache.live_days.find((site.id, day)) else { return Ok(false) };
        let Ok(mut built) = kept.try_lock() else { return Ok(true) };
        if Arc::strong_count(&built.block) > 1 {
            return Ok(true);
        }
        let is_known = self.is_ours(site, day, &built)? && self.refresh(site, &mut built)?;
        let weight = built.size();
        drop(built);
        self.cache.note_built(site.id, day, weight);
        Ok(is_known)
    }

    /// Returns true if no hit can change a day any more.
    fn is_settled(&self, site: &Site, day: Day) -> bool {
        self.now >= site.zone.start(day.plus(1)).after(limits::DAY_SETTLES_AFTER)
    }

    /// Returns true if a day was built under conditions that still hold.
    fn is_ours(&self, site: &Site, day: Day, built: &LiveDay) -> Result<bool> {
        // A day built as finished by a clock that was ahead is not.
        let goes_on = self.is_settled(site, day) || built.draft.is_some();
        // Another query with a later snapshot may have updated the day: its edition may be later, too.
        Ok(built.mark.is_some()
            && goes_on
            && built.zone == site.zone.name()
            && built.edition >= blocks::generation(self.connection, site.id)?)
    }

    /// Updates a day with later writes; returns false when these are not known.
    fn refresh(&self, site: &Site, built: &mut LiveDay) -> Result<bool> {
        let (Some(draft), Some(mark)) = (&mut built.draft, built.mark) else { return Ok(true) };
        if mark > self.position {
            // Another query with a later snapshot has updated the day.
            return Ok(true);
        }
        let Some(changed) = self.cache.change_log.between(site.id, mark, self.position) else {
            return Ok(false);
        };
        let Some(changed) = draft.read_changed(self.connection, &built.block, &changed)? else {
            return Ok(false);
        };
        if !changed.is_empty() {
            // Should the update panic, the day counts as outdated and is rebuilt.
            built.mark = None;
            let block = std::mem::take(&mut built.block);
            built.block = Arc::new(draft.apply(block, &changed));
        }
        built.mark = Some(self.position);
        Ok(true)
    }
}
