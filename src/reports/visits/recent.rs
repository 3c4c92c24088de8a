//! Lists of recent items, newest first: recent links and searches, and those that occurred for the first time.

use super::visit;
use super::visit::{Page, Source};
use crate::error::Result;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::VisitId;
use crate::reports::catalogue;
use crate::reports::columns::Property;
use crate::reports::columns::codec::{Decoder, Encoder};
use crate::reports::date_range::DateRange;
use crate::reports::dimension::GroupKey;
use crate::reports::engine::aggregate::{ExternalSort, FirstTimes, Sortable, Sorted, VisitCounts, each_part};
use crate::reports::engine::predicate::Predicate;
use crate::reports::engine::query::newest;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::filter;
use crate::reports::filter::Filter;
use crate::store::sites::Site;
use std::cmp::Reverse;

/// A kind of recent list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecentList {
    /// The visits that came by a link.
    LinksRecent,
    /// The links that brought a visitor for the first time ever.
    LinksFirst,
    /// The visits that came by a search with known terms.
    SearchesRecent,
    /// The search terms that brought a visitor for the first time ever.
    SearchesFirst,
}

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

impl RecentList {
    /// Returns the property, and true if only its first occurrence counts. Links of search engines and of the site
    /// itself are not in the property.
    fn parts(self) -> (Property, bool) {
        match self {
            Self::LinksRecent => (Property::Link, false),
            Self::LinksFirst => (Property::Link, true),
            Self::SearchesRecent => (Property::Terms, false),
            Self::SearchesFirst => (Property::Terms, true),
        }
    }

    /// Returns true for lists of first occurrences.
    pub fn is_of_firsts(self) -> bool {
        self.parts().1
    }

    /// Returns the name of the filter for one item.
    pub fn filter(self) -> &'static str {
        match self {
            Self::LinksRecent | Self::LinksFirst => "link",
            Self::SearchesRecent | Self::SearchesFirst => "search",
        }
    }

    /// Narrows filters to one item.
    pub fn only(self, wanted: &[Filter], item: &str) -> Vec<Filter> {
        match catalogue::dimension_of_filter(self.filter()) {
            Some(dimension) => filter::narrowed_to(wanted, dimension, item),
            None => wanted.to_vec(),
        }
    }

    /// Narrows a filter to visits that have the property.
    fn among(self, filter: &Predicate) -> Predicate {
        filter.with_known(GroupKey::Property(self.parts().0))
    }

    /// Returns the item of a visit's source.
    fn item(self, source: Source) -> Option<String> {
        match self.parts().0 {
            Property::Terms => source.terms,
            _ => source.referrer,
        }
    }

    /// Lists one page of a range's matching visits, newest first; one row more than the page holds if older ones
    /// follow. Pages may be counted from below a visit, so that a reader of a long list need not skip what was read.
    /// First occurrences are those among all matching visits.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn list(
        self,
        reader: &Snapshot<'_>,
        (site, filter): (&Site, &Predicate),
        (range, before): (DateRange, Option<VisitId>),
        page: Page,
    ) -> Result<Vec<RecentRow>> {
        let found = self.visits(reader, (site, filter), (range, before), page)?;
        self.occurrences(reader, site, found)
    }

    /// Lists the visit ids of such a page.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn visits(
        self,
        reader: &Snapshot<'_>,
        (site, filter): (&Site, &Predicate),
        (mut range, before): (DateRange, Option<VisitId>),
        page: Page,
    ) -> Result<Vec<VisitId>> {
        let mut filter = filter.clone();
        if let Some(before) = before {
            range.last = range.last.min(site.zone.day(before.began()));
            filter = filter.below(before);
        }
        let skipped = usize::try_from(page.skipped()).unwrap_or(usize::MAX);
        let rows = usize::try_from(page.rows).unwrap_or(usize::MAX).saturating_add(1);
        if !self.is_of_firsts() {
            return newest(reader, (site, &self.among(&filter)), range, (skipped, rows));
        }
        let mut first = self.first_times(reader, (site, &filter), range)?.1;
        first.pass(skipped)?;
        first.take(rows)
    }

    /// Returns the rows for these visits; visits without an item are left out.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn occurrences(
        self,
        reader: &Snapshot<'_>,
        site: &Site,
        visits: Vec<VisitId>,
    ) -> Result<Vec<RecentRow>> {
        let mut occurrences = Vec::with_capacity(visits.len());
        for id in visits {
            let visit = visit::find(reader.connection, site.id, id)?;
            if let Some(item) = visit.and_then(|visit| self.item(visit.source)) {
                occurrences.push(RecentRow { at: id.began(), visit: id, item });
            }
        }
        Ok(occurrences)
    }

    /// Returns the number of rows on all pages.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn count(
        self,
        reader: &Snapshot<'_>,
        (site, filter): (&Site, &Predicate),
        range: DateRange,
    ) -> Result<usize> {
        if self.is_of_firsts() {
            return Ok(self.first_times(reader, (site, filter), range)?.0);
        }
        let mut matches = VisitCounts::default();
        reader.ask_visits(site, range, &self.among(filter), &mut [&mut matches])?;
        Ok(matches.0.values().sum())
    }

    /// Finds the visits of a range with first occurrences, and their number.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn first_times(
        self,
        reader: &Snapshot<'_>,
        (site, filter): (&Site, &Predicate),
        range: DateRange,
    ) -> Result<(usize, NewestFirst)> {
        let mut first = FirstTimes::new(self.parts().0, reader.aside());
        let ever = DateRange { first: Day(0), last: range.last };
        reader.run(site, ever, filter, &mut [&mut first])?;
        let (visits, mut count) = (range.visits(&site.zone), 0);
        let mut sort = ExternalSort::new(reader.aside());
        each_part(&reader.cancellation, first, &mut |first: &FirstTimes| {
            for visit in first.each().filter(|visit| visits.contains(visit)) {
                count += 1;
                sort.push(Reverse(visit))?;
            }
            Ok(())
        })?;
        Ok((count, NewestFirst(sort.finish()?)))
    }
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
