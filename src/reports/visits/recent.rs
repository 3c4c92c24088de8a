//! Lists of recent items, newest first: recent links and searches, and those that occurred for the first time.

use super::visit;
use crate::error::Result;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::VisitId;
use crate::reports::catalogue;
use crate::reports::columns::codec::{Decoder, Encoder};
use crate::reports::date_range::DateRange;
use crate::reports::dimension::GroupKey;
use crate::reports::engine::aggregate::external_sort::{ExternalSort, Sortable, Sorted};
use crate::reports::engine::aggregate::first_times::FirstTimes;
use crate::reports::engine::aggregate::parted::each_part;
use crate::reports::engine::aggregate::visit_ids::VisitCounts;
use crate::reports::engine::predicate::Predicate;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::filter;
use crate::reports::filter::Filter;
use crate::reports::recent_list::RecentList;
use crate::reports::table_query::Page;
use crate::store::sites::Site;
use std::cmp::Reverse;

/// A row of a recent list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentRow {
    /// The time at which the visit began.
    pub at: Timestamp,
    /// The visit.
    pub visit: VisitId,
    /// The link or the search terms.
    pub item: String,
}

/// The visits of a recent list.
#[derive(Clone, Copy)]
pub struct RecentVisits<'a> {
    /// The kind of the list.
    pub list: RecentList,
    /// The snapshot.
    pub snapshot: &'a Snapshot<'a>,
    /// The site.
    pub site: &'a Site,
    /// The visits among which the list is made.
    pub predicate: &'a Predicate,
    /// The days of the list.
    pub range: DateRange,
}

impl RecentVisits<'_> {
    /// Returns the predicate of the visits that have the property of the list.
    fn with_known(&self, predicate: &Predicate) -> Predicate {
        predicate.with_known(GroupKey::Property(self.list.parts().0))
    }

    /// Lists one page of a range's matching visits, newest first; one row more than the page holds if older ones
    /// follow. Pages may be counted from below a visit, so that a reader of a long list need not skip what was read.
    /// First occurrences are those among all matching visits.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn rows(&self, below: Option<VisitId>, page: Page) -> Result<Vec<RecentRow>> {
        rows_of(self.snapshot, self.site, self.list, self.ids(below, page)?)
    }

    /// Lists the visit ids of such a page.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn ids(&self, below: Option<VisitId>, page: Page) -> Result<Vec<VisitId>> {
        let (mut predicate, mut range) = (self.predicate.clone(), self.range);
        if let Some(below) = below {
            range.last = range.last.min(self.site.zone.day(below.began()));
            predicate = predicate.below(below);
        }
        let skipped = usize::try_from(page.skipped()).unwrap_or(usize::MAX);
        let rows = usize::try_from(page.rows).unwrap_or(usize::MAX).saturating_add(1);
        if !self.list.is_of_firsts() {
            return self.snapshot.newest(self.site, &self.with_known(&predicate), range, skipped, rows);
        }
        let mut first = RecentVisits { predicate: &predicate, range, ..*self }.first_times()?.1;
        first.pass(skipped)?;
        first.take(rows)
    }

    /// Returns the number of rows on all pages.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn count(&self) -> Result<usize> {
        if self.list.is_of_firsts() {
            return Ok(self.first_times()?.0);
        }
        let mut matches = VisitCounts::default();
        let predicate = self.with_known(self.predicate);
        self.snapshot.run_visits(self.site, self.range, &predicate, &mut [&mut matches])?;
        Ok(matches.0.values().sum())
    }

    /// Finds the visits of the range with first occurrences, and their number.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn first_times(&self) -> Result<(usize, NewestFirst)> {
        let snapshot = self.snapshot;
        let mut first = FirstTimes::new(self.list.parts().0, snapshot.aside());
        let ever = DateRange { first: Day(0), last: self.range.last };
        snapshot.run(self.site, ever, self.predicate, &mut [&mut first])?;
        let (visits, mut count) = (self.range.visits(&self.site.zone), 0);
        let mut sort = ExternalSort::new(snapshot.aside());
        each_part(&snapshot.aside(), first, &mut |first: &FirstTimes| {
            for visit in first.each().filter(|visit| visits.contains(visit)) {
                count += 1;
                sort.push(Reverse(visit))?;
            }
            Ok(())
        })?;
        Ok((count, NewestFirst(sort.finish()?)))
    }
}

/// Narrows filters to the visits with one item of a recent list.
pub fn narrowed_to(list: RecentList, filters: &[Filter], item: &str) -> Vec<Filter> {
    match catalogue::dimension_of_filter(list.filter()) {
        Some(dimension) => filter::narrowed_to(filters, dimension, item),
        None => filters.to_vec(),
    }
}

/// Returns the rows for these visits; visits without an item are left out.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn rows_of(
    snapshot: &Snapshot<'_>,
    site: &Site,
    list: RecentList,
    visits: Vec<VisitId>,
) -> Result<Vec<RecentRow>> {
    let mut rows = Vec::with_capacity(visits.len());
    for id in visits {
        let visit = visit::find(snapshot.connection, site.id, id)?;
        if let Some(item) = visit.and_then(|mut visit| visit.attributes.take(list.parts().0)) {
            rows.push(RecentRow { at: id.began(), visit: id, item });
        }
    }
    Ok(rows)
}

/// A cursor over any number of visits, newest first.
#[derive(Debug)]
pub struct NewestFirst(Sorted<Reverse<VisitId>>);

impl NewestFirst {
    /// Returns at most the next `visits` visits.
    ///
    /// # Errors
    /// Fails when the spill file cannot be read.
    pub fn take(&mut self, visits: usize) -> Result<Vec<VisitId>> {
        self.0.by_ref().take(visits).map(|visit| Ok(visit?.0)).collect()
    }

    /// Skips visits.
    fn pass(&mut self, visits: usize) -> Result<()> {
        self.0.by_ref().take(visits).try_for_each(|visit| visit.map(drop))
    }
}

impl Sortable for Reverse<VisitId> {
    fn write(&self, pen: &mut Encoder) {
        pen.signed(self.0.0);
    }

    fn read(eye: &mut Decoder<'_>) -> Option<Self> {
        eye.signed().map(|visit| Self(VisitId(visit)))
    }

    fn bytes(&self) -> usize {
        0
    }
}
