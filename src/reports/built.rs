//! Days that are built from the rows: those that are not sealed, and today, which is brought up to date with what was
//! written since.

use super::columns::draft::Draft;
use super::columns::stretch::Stretch;
use super::days::{BuiltDay, Kept, Name};
use super::range::Range;
use super::reader::Reader;
use crate::clock::Day;
use crate::error::Result;
use crate::id::{SiteId, VisitId};
use crate::limits;
use crate::store::blocks;
use crate::store::sites::Site;
use rusqlite::named_params;
use std::sync::{Arc, PoisonError};

impl Reader<'_> {
    /// Whether columns of a day that were built from the rows are at hand.
    pub fn has_built(&self, site: SiteId, day: Day) -> bool {
        self.days.kept.peek(&Name::Day(site, day)).is_some()
    }

    /// The columns of a day from the rows: those that are kept, brought up to this moment, or built anew.
    pub(super) fn built(&self, site: &Site, day: Day) -> Result<Arc<Stretch>> {
        if let Some(stretch) = self.built.borrow().get(&(site.id, day)) {
            return Ok(Arc::clone(stretch));
        }
        let name = Name::Day(site.id, day);
        let (kept, weight) = match self.days.kept.get(&name) {
            Some(Kept::Day(kept, bytes)) => (kept, bytes),
            _ => (Arc::default(), 0),
        };
        let mut built = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let edition = blocks::edition(self.connection, site.id)?;
        let is_settled = self.now >= site.zone.start(day.plus(1)).after(limits::DAY_SETTLES_AFTER);
        // Built by a clock that was ahead, it was taken for a day that is over.
        let goes_on = is_settled || built.draft.is_some();
        let is_ours =
            built.mark.is_some() && goes_on && built.zone == site.zone.name() && built.edition == edition;
        if !is_ours || !self.bring_up(site, day, &mut built)? {
            // From here on the log listens, so that the next question finds what changes after this one.
            drop(self.days.changes.between(site.id, self.mark, self.mark));
            let one = Range { first: day, last: day };
            let mut draft = Draft::build(self.connection, site.id, &site.zone, one)?;
            *built = BuiltDay {
                stretch: Arc::new(draft.stretch()),
                draft: (!is_settled).then_some(draft),
                zone: site.zone.name().to_owned(),
                mark: Some(self.mark),
                edition,
            };
        }
        let stretch = Arc::clone(&built.stretch);
        let bytes = (stretch.bytes() + built.draft.as_ref().map_or(0, Draft::bytes)) as u64;
        drop(built);
        if bytes > weight + weight / 4 {
            self.days.kept.insert(name, Kept::Day(kept, bytes));
        }
        self.built.borrow_mut().insert((site.id, day), Arc::clone(&stretch));
        Ok(stretch)
    }

    /// Adds to a day what was written since. False when that is not known.
    fn bring_up(&self, site: &Site, day: Day, built: &mut BuiltDay) -> Result<bool> {
        let (Some(draft), Some(mark)) = (&mut built.draft, built.mark) else { return Ok(true) };
        if mark > self.mark {
            // Another reader was here, whose moment is later.
            return Ok(true);
        }
        let range = Range { first: day, last: day }.visits(&site.zone);
        let Some(mut changed) = self.days.changes.between(site.id, mark, self.mark) else {
            return Ok(false);
        };
        changed.retain(|id| range.contains(id));
        let newest = self.newest(site.id, &range)?;
        if newest != draft.last() && !changed.iter().any(|id| Some(*id) == newest) {
            // Somebody wrote who did not say so.
            return Ok(false);
        }
        built.mark = Some(self.mark);
        if changed.is_empty() {
            return Ok(true);
        }
        if !draft.update(self.connection, &changed)? {
            return Ok(false);
        }
        built.stretch = Arc::new(draft.stretch());
        Ok(true)
    }

    fn newest(&self, site: SiteId, range: &std::ops::Range<VisitId>) -> Result<Option<VisitId>> {
        let mut question = self.connection.prepare_cached(
            "select max(id) from visits where site_id = :site and id >= :first and id < :end",
        )?;
        let bound = named_params! {":site": site.0, ":first": range.start.0, ":end": range.end.0};
        let id: Option<i64> = question.query_row(bound, |row| row.get(0))?;
        Ok(id.map(VisitId))
    }
}
