//! Numbers of visits by day, and the number of each visit's visitor within its day.

use super::aggregate::ByDay;
use super::block_cache::VisitsPerDay;
use super::loader::BlockSource;
use super::predicate::Predicate;
use super::rollups;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::{SiteId, VisitId};
use crate::reports::columns::block::Block;
use crate::reports::columns::{ColumnId, ColumnPart, Property};
use crate::reports::date_range::DateRange;
use crate::store::blocks;
use crate::store::sites::Site;
use rusqlite::named_params;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The visits of a day, each with the number of its visitor.
pub(in crate::reports) struct VisitorNumbers {
    site: SiteId,
    day: Day,
    stretch: Arc<Block>,
    rows: std::ops::Range<usize>,
    numbers: Vec<u32>,
}

impl Snapshot<'_> {
    /// Returns the number, from 1, of a visit's visitor within its day.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn visitor_number(&self, site: &Site, visit: VisitId) -> Result<Option<u32>> {
        let day = site.zone.day(visit.began());
        let mut numbers = self.numbers.borrow_mut();
        if numbers.as_ref().is_none_or(|known| (known.site, known.day) != (site.id, day)) {
            *numbers = Some(self.number_visitors(site, day)?);
        }
        Ok(numbers.as_ref().and_then(|known| {
            let ids = known.stretch.ids();
            let row = ids.place(visit);
            let is_known = known.rows.contains(&row) && ids.get(row) == visit;
            is_known.then(|| known.numbers[row - known.rows.start])
        }))
    }

    fn number_visitors(&self, site: &Site, day: Day) -> Result<VisitorNumbers> {
        let visitors = ColumnId::Property(Property::Visitor);
        let parts = [ColumnPart::Ids, ColumnPart::Head(visitors), ColumnPart::Codes(visitors)];
        let (stretch, rows) = self.day(site, day, &parts)?;
        let mut known = vec![0_u32; stretch.head(visitors).keys.len()];
        let mut last = 0;
        let numbers = rows.clone().map(|row| {
            let number = &mut known[stretch.codes(visitors).place(row)];
            if *number == 0 {
                last += 1;
                *number = last;
            }
            *number
        });
        let numbers = numbers.collect();
        Ok(VisitorNumbers { site: site.id, day, stretch, rows, numbers })
    }

    /// Returns the number of visits on each day of a range that has any. Reads no columns, and counts again only after
    /// a visit came or went.
    ///
    /// # Errors
    /// Fails when there is no such site or the data file cannot be read.
    pub fn visits_by_day(&self, site: &Site, range: DateRange) -> Result<BTreeMap<Day, i64>> {
        // After a clock was ahead, the newest id stays the same while new visits have lower ids.
        let mut question = self.connection.prepare_cached(
            "select edition, ifnull((select max(id) from visits where site_id = sites.id), 0),
               ifnull((select max(id) from visits where site_id = sites.id and id < :end), 0)
             from sites where id = :site",
        )?;
        let end = VisitId::first_at(self.now.after(Duration::from_millis(1)));
        let newest = question.query_row(named_params! {":site": site.id.0, ":end": end.0}, |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?])
        })?;
        let is_same = |known: &Arc<VisitsPerDay>| {
            known.range == range && known.newest == newest && known.zone == site.zone.name()
        };
        if let Some(known) = self.days.counts.get(&site.id).filter(is_same) {
            return Ok(known.visits.clone());
        }
        let visits = self.count_by_day(site, range)?;
        let counts =
            VisitsPerDay { range, zone: site.zone.name().to_owned(), newest, visits: visits.clone() };
        self.days.counts.insert(site.id, Arc::new(counts));
        Ok(visits)
    }

    fn count_by_day(&self, site: &Site, range: DateRange) -> Result<BTreeMap<Day, i64>> {
        let mut days = ByDay::default();
        rollups::ask(self, site, range, &Predicate::everything(), &mut [&mut days])?;
        let mut visits: BTreeMap<Day, i64> =
            days.0.into_iter().map(|(day, measures)| (day, measures.visits)).collect();
        let Some(known) = self.known(site, range)? else { return Ok(visits) };
        let dropping = self.dropping(site)?;
        for source in self.sources(site, known)? {
            let found: Vec<(Day, i64)> = match &source {
                BlockSource::Sealed(_, days) => {
                    days.iter().map(|sums| (sums.day, sums.measures.visits)).collect()
                }
                BlockSource::Built(day) if dropping.is_some_and(|dropping| dropping.contains(*day)) => {
                    Vec::new()
                }
                // For a day that is viewed, updating the columns is faster than counting the visits.
                BlockSource::Built(day) => {
                    let count = if let Some(stretch) = self.find_built(site, *day)? {
                        i64::try_from(stretch.visits()).unwrap_or(i64::MAX)
                    } else {
                        let one = DateRange { first: *day, last: *day }.visits(&site.zone);
                        blocks::count_visits(self.connection, site.id, &one)?
                    };
                    vec![(*day, count)]
                }
            };
            for (day, count) in found.into_iter().filter(|(day, count)| known.contains(*day) && *count > 0) {
                *visits.entry(day).or_default() += count;
            }
        }
        Ok(visits)
    }
}
