//! Days that are built from the rows: those that are not sealed, and today, which is brought up to date with what was
//! written since.

use super::built_days::BuiltDay;
use super::columns::draft::Draft;
use super::columns::stretch::Stretch;
use super::range::Range;
use super::reader::Reader;
use crate::clock::Day;
use crate::error::Result;
use crate::limits;
use crate::store::blocks;
use crate::store::sites::{self, Site};
use std::sync::{Arc, PoisonError};

impl Reader<'_> {
    /// The columns of a day that are kept, brought up to this moment without asking for the day. None where they would have to
    /// be built, or somebody else is at it.
    pub(super) fn find_built(&self, site: &Site, day: Day) -> Result<Option<Arc<Stretch>>> {
        if let Some(stretch) = self.built.borrow().get(&(site.id, day)) {
            return Ok(Some(Arc::clone(stretch)));
        }
        let Some(kept) = self.days.built.find((site.id, day)) else { return Ok(None) };
        let Ok(mut built) = kept.try_lock() else { return Ok(None) };
        if !self.is_ours(site, day, &built)? || !self.bring_up(site, &mut built)? {
            return Ok(None);
        }
        let (stretch, weight) = (Arc::clone(&built.stretch), built.size());
        drop(built);
        self.days.note_built(site.id, day, weight);
        self.built.borrow_mut().insert((site.id, day), Arc::clone(&stretch));
        Ok(Some(stretch))
    }

    /// The columns of a day from the rows: those that are kept, brought up to this moment, or built anew.
    pub(super) fn built(&self, site: &Site, day: Day) -> Result<Arc<Stretch>> {
        if let Some(stretch) = self.built.borrow().get(&(site.id, day)) {
            return Ok(Arc::clone(stretch));
        }
        let kept = self.days.built.ask((site.id, day), self.now);
        let mut built = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_ours(site, day, &built)? || !self.bring_up(site, &mut built)? {
            // From here on the log listens, so that the next question finds what changes after this one.
            drop(self.days.changes.between(site.id, self.mark, self.mark));
            let edition = blocks::edition(self.connection, site.id)?;
            // What is out of date goes before what takes its place comes.
            *built = BuiltDay::default();
            let one = Range { first: day, last: day };
            let draft = Draft::build(self.connection, site.id, &site.zone, one)?;
            let (draft, stretch) = if self.is_settled(site, day) {
                (None, draft.into_stretch())
            } else {
                let (draft, stretch) = draft.into_live();
                (Some(draft), stretch)
            };
            let (zone, mark) = (site.zone.name().to_owned(), Some(self.mark));
            *built = BuiltDay { stretch: Arc::new(stretch), draft, zone, mark, edition };
        }
        let (stretch, weight) = (Arc::clone(&built.stretch), built.size());
        drop(built);
        self.days.note_built(site.id, day, weight);
        self.built.borrow_mut().insert((site.id, day), Arc::clone(&stretch));
        Ok(stretch)
    }

    /// Brings the days that somebody looks at up to date, of all sites of which many changes wait. Of the others nothing is
    /// remembered any more.
    pub fn keep_days_up(&self) -> Result<()> {
        for id in self.days.changes.sites_behind() {
            let looked_at = self.days.built.looked_at(id, self.now);
            let site = if looked_at.is_empty() { None } else { sites::find(self.connection, id)? };
            let mut is_known = false;
            for day in looked_at {
                if let Some(site) = &site {
                    is_known |= self.keep_up(site, day)?;
                }
            }
            if !is_known {
                self.days.changes.stop_watching(id);
            }
        }
        Ok(())
    }

    /// Brings a day that is kept up to date beside all questions. Leaves it where one is at it right now, or still looks at
    /// the columns, which would have to be copied. False when it has to be built anew.
    fn keep_up(&self, site: &Site, day: Day) -> Result<bool> {
        let Some(kept) = self.days.built.find((site.id, day)) else { return Ok(false) };
        let Ok(mut built) = kept.try_lock() else { return Ok(true) };
        if Arc::strong_count(&built.stretch) > 1 {
            return Ok(true);
        }
        let is_known = self.is_ours(site, day, &built)? && self.bring_up(site, &mut built)?;
        let weight = built.size();
        drop(built);
        self.days.note_built(site.id, day, weight);
        Ok(is_known)
    }

    /// True if no hit can change a day any more.
    fn is_settled(&self, site: &Site, day: Day) -> bool {
        self.now >= site.zone.start(day.plus(1)).after(limits::DAY_SETTLES_AFTER)
    }

    /// True if a day was built of what is still so.
    fn is_ours(&self, site: &Site, day: Day, built: &BuiltDay) -> Result<bool> {
        // Built by a clock that was ahead, it was taken for a day that is over.
        let goes_on = self.is_settled(site, day) || built.draft.is_some();
        // Another reader was here, whose moment is later: its edition may be, too.
        Ok(built.mark.is_some()
            && goes_on
            && built.zone == site.zone.name()
            && built.edition >= blocks::edition(self.connection, site.id)?)
    }

    /// Adds to a day what was written since. False when that is not known.
    fn bring_up(&self, site: &Site, built: &mut BuiltDay) -> Result<bool> {
        let (Some(draft), Some(mark)) = (&mut built.draft, built.mark) else { return Ok(true) };
        if mark > self.mark {
            // Another reader was here, whose moment is later.
            return Ok(true);
        }
        let Some(changed) = self.days.changes.between(site.id, mark, self.mark) else {
            return Ok(false);
        };
        let Some(changed) = draft.read_changed(self.connection, &built.stretch, &changed)? else {
            return Ok(false);
        };
        if !changed.is_empty() {
            // Columns that were left half written would be built anew.
            built.mark = None;
            let stretch = std::mem::take(&mut built.stretch);
            built.stretch = Arc::new(draft.apply(stretch, &changed));
        }
        built.mark = Some(self.mark);
        Ok(true)
    }
}
