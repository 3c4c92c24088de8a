//! Where a question gets its days: columns kept in a bounded memory, built from the rows when they are missing, and
//! brought up to date with what was written since. One pass over the days answers all questions of a screen.

use super::columns::DayColumns;
use super::filter::Filter;
use super::questions::Question;
use super::range::Range;
use crate::clock::{Day, Timestamp};
use crate::error::Result;
use crate::id::{SiteId, VisitId};
use crate::ingest::changes::{Changes, Mark};
use crate::limits;
use crate::store::sites::Site;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rusqlite::{Connection, named_params};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

/// Columns of days, as far as there is room.
pub struct Days {
    kept: Cache<(SiteId, Day), Kept, ByBytes>,
    changes: Changes,
}

#[derive(Clone)]
struct Kept {
    columns: Arc<DayColumns>,
    /// In whose day this was a day.
    zone: String,
    /// Everything written up to here is in it.
    mark: Mark,
    /// No hit can change it any more.
    is_settled: bool,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<(SiteId, Day), Kept> for ByBytes {
    fn weight(&self, _: &(SiteId, Day), kept: &Kept) -> u64 {
        kept.columns.bytes() as u64
    }
}

/// How long after a day's end a hit may still change one of its visits, with a margin for clocks.
const SETTLES_AFTER: Duration = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs() + 1);
/// About how many bytes the columns of a day take: what the cache plans its room by.
const DAY_BYTES: u64 = 16 * 1024;

impl Days {
    /// An empty memory that learns from this log what was written.
    pub fn new(changes: Changes) -> Self {
        let room = limits::COLUMNS_BYTES_MAX;
        let items = usize::try_from(room / DAY_BYTES).unwrap_or(usize::MAX);
        Self { kept: Cache::with_weighter(items, room, ByBytes), changes }
    }

    /// What has to be taken before the moment that is read.
    pub fn mark(&self) -> Mark {
        self.changes.mark()
    }
}

/// One moment of the file, and the days as of it: what every report asks.
pub struct Reader<'a> {
    /// The file.
    pub connection: &'a Connection,
    /// What time it is.
    pub now: Timestamp,
    days: &'a Days,
    mark: Mark,
    /// The day that was asked for last: a list of visits asks for the same one again and again.
    last: RefCell<Option<(SiteId, Arc<DayColumns>)>>,
}

impl<'a> Reader<'a> {
    /// Reads a moment that began after the mark was taken.
    pub fn new(connection: &'a Connection, days: &'a Days, (now, mark): (Timestamp, Mark)) -> Self {
        Self { connection, now, days, mark, last: RefCell::default() }
    }

    /// Answers all questions in one pass over the days of a range.
    pub fn ask(
        &self,
        site: &Site,
        range: Range,
        filter: &Filter,
        questions: &mut [&mut dyn Question],
    ) -> Result<()> {
        let Some(range) = self.known(site, range)? else { return Ok(()) };
        for day in range.each() {
            let columns = self.day(site, day)?;
            let mask = filter.mask(&columns);
            for question in questions.iter_mut() {
                question.add(&columns, mask.as_deref());
            }
        }
        Ok(())
    }

    /// The part of a range in which there are visits at all.
    pub fn known(&self, site: &Site, range: Range) -> Result<Option<Range>> {
        let edge = |order: &str| -> Result<Option<Day>> {
            let sql = format!("select id from visits where site_id = :site order by id {order} limit 1");
            let mut question = self.connection.prepare_cached(&sql)?;
            let mut rows = question.query([site.id.0])?;
            let id: Option<i64> = rows.next()?.map(|row| row.get(0)).transpose()?;
            Ok(id.map(|id| site.zone.day(VisitId(id).began())))
        };
        let (Some(oldest), Some(newest)) = (edge("asc")?, edge("desc")?) else { return Ok(None) };
        let (first, last) = (range.first.max(oldest), range.last.min(newest));
        Ok((first <= last).then_some(Range { first, last }))
    }

    /// The columns of one day.
    pub fn day(&self, site: &Site, day: Day) -> Result<Arc<DayColumns>> {
        if let Some((known, columns)) = &*self.last.borrow()
            && (*known, columns.day) == (site.id, day)
        {
            return Ok(Arc::clone(columns));
        }
        let columns = self.of_this_moment(site, day)?;
        *self.last.borrow_mut() = Some((site.id, Arc::clone(&columns)));
        Ok(columns)
    }

    /// The columns of one day: those that are kept, brought up to this moment, or built anew.
    fn of_this_moment(&self, site: &Site, day: Day) -> Result<Arc<DayColumns>> {
        let kept = self.days.kept.get(&(site.id, day)).filter(|kept| kept.zone == site.zone.name());
        if let Some(kept) = kept {
            if kept.is_settled {
                return Ok(kept.columns);
            }
            if let Some(columns) = self.brought_up(site, &kept)? {
                return Ok(columns);
            }
        }
        // From here on the log listens, so that the next question finds what changes after this one.
        drop(self.days.changes.between(site.id, self.mark, self.mark));
        let columns = DayColumns::build(self.connection, site.id, &site.zone, day)?;
        Ok(self.keep(site, columns))
    }

    /// A kept day with what was written since. None when that is not known.
    fn brought_up(&self, site: &Site, kept: &Kept) -> Result<Option<Arc<DayColumns>>> {
        let day = kept.columns.day;
        let range = Range { first: day, last: day }.visits(&site.zone);
        let Some(mut changed) = self.days.changes.between(site.id, kept.mark, self.mark) else {
            return Ok(None);
        };
        changed.retain(|id| range.contains(id));
        let newest = self.newest(site.id, &range)?;
        let last_known = kept.columns.visits.ids.last().copied();
        if newest != last_known && !changed.iter().any(|id| Some(id.0) == newest) {
            // Somebody wrote who did not say so.
            return Ok(None);
        }
        if changed.is_empty() {
            return Ok(Some(Arc::clone(&kept.columns)));
        }
        let updated = kept.columns.updated(self.connection, (site.id, &site.zone), &changed)?;
        Ok(updated.map(|columns| self.keep(site, columns)))
    }

    fn newest(&self, site: SiteId, range: &std::ops::Range<VisitId>) -> Result<Option<i64>> {
        let mut question = self.connection.prepare_cached(
            "select max(id) from visits where site_id = :site and id >= :first and id < :end",
        )?;
        let bound = named_params! {":site": site.0, ":first": range.start.0, ":end": range.end.0};
        Ok(question.query_row(bound, |row| row.get(0))?)
    }

    fn keep(&self, site: &Site, columns: DayColumns) -> Arc<DayColumns> {
        let day = columns.day;
        let ended = site.zone.start(day.plus(1));
        let columns = Arc::new(columns);
        let kept = Kept {
            columns: Arc::clone(&columns),
            zone: site.zone.name().to_owned(),
            mark: self.mark,
            is_settled: self.now >= ended.after(SETTLES_AFTER),
        };
        self.days.kept.insert((site.id, day), kept);
        columns
    }
}
