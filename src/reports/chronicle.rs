//! Reports of single things, newest first: recent links and searches, and those that were never seen before.

use super::columns::{DayColumns, Key, Property};
use super::days::Reader;
use super::filter::Filter;
use super::questions::{Mask, Question};
use super::range::Range;
use super::visits::Page;
use crate::clock::{Day, Timestamp};
use crate::error::Result;
use crate::id::VisitId;
use crate::store::labels;
use crate::store::sites::Site;
use std::collections::HashMap;

/// Which things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chronicle {
    /// Every visit that came by a link.
    LinksRecent,
    /// Links that brought somebody for the first time ever.
    LinksFirst,
    /// Every visit that came by a known search.
    SearchesRecent,
    /// Searches that brought somebody for the first time ever.
    SearchesFirst,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// When.
    pub at: Timestamp,
    /// The visit.
    pub visit: VisitId,
    /// The link or the words.
    pub item: String,
}

impl Chronicle {
    /// The property, and whether only the first time counts. A link is neither a search engine's nor the site's own.
    fn parts(self) -> (Property, bool) {
        match self {
            Self::LinksRecent => (Property::Link, false),
            Self::LinksFirst => (Property::Link, true),
            Self::SearchesRecent => (Property::Terms, false),
            Self::SearchesFirst => (Property::Terms, true),
        }
    }

    /// The name of the filter for one item.
    pub fn filter(self) -> &'static str {
        match self {
            Self::LinksRecent | Self::LinksFirst => "link",
            Self::SearchesRecent | Self::SearchesFirst => "search",
        }
    }

    /// One page of a range, newest first; one more than the page holds when there are older ones. Pages may be counted
    /// from a visit on, which is left out: whoever reads all of a long list need not pass over what was read.
    pub fn list(
        self,
        reader: &Reader<'_>,
        site: &Site,
        (range, before): (Range, Option<VisitId>),
        page: Page,
    ) -> Result<Vec<Occurrence>> {
        let mut asked = (range, range.visits(&site.zone).end);
        if let Some(before) = before {
            let last = range.last.min(site.zone.day(before.began()));
            asked = (Range { last, ..range }, asked.1.min(before));
        }
        let skipped = usize::try_from(page.skipped()).unwrap_or(usize::MAX);
        let rows = usize::try_from(page.rows).unwrap_or(usize::MAX).saturating_add(1);
        let (property, only_first) = self.parts();
        let found = if only_first {
            first_times(reader, site, property, asked)?.into_iter().skip(skipped).take(rows).collect()
        } else {
            every_time(reader, site, property, asked, (skipped, rows))?
        };
        let mut occurrences = Vec::with_capacity(found.len());
        for (visit, key) in found {
            if let Some(item) = labels::text(reader.connection, key.cast_signed())? {
                occurrences.push(Occurrence { at: visit.began(), visit, item });
            }
        }
        Ok(occurrences)
    }
}

/// Visits of a range before this one that have the property, newest first: so many after so many.
fn every_time(
    reader: &Reader<'_>,
    site: &Site,
    property: Property,
    (range, end): (Range, VisitId),
    (mut to_skip, wanted): (usize, usize),
) -> Result<Vec<(VisitId, Key)>> {
    let mut found = Vec::new();
    let Some(range) = reader.known(site, range)? else { return Ok(found) };
    for day in (range.first.0..=range.last.0).rev().map(Day) {
        let columns = reader.day(site, day)?;
        let column = columns.visits.column(property);
        let has_one = |row: &usize| column.key(*row) != 0;
        let rows = (0..columns.visits.ids.partition_point(|id| *id < end.0)).rev().filter(has_one);
        for row in rows {
            if to_skip > 0 {
                to_skip -= 1;
                continue;
            }
            found.push((VisitId(columns.visits.ids[row]), column.key(row)));
            if found.len() == wanted {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// The visits of a range before this one that were the first ever of what they have, newest first.
fn first_times(
    reader: &Reader<'_>,
    site: &Site,
    property: Property,
    (range, end): (Range, VisitId),
) -> Result<Vec<(VisitId, Key)>> {
    let mut first = FirstTimes { property, found: HashMap::new() };
    let ever = Range { first: Day(0), last: range.last };
    reader.ask(site, ever, &Filter::everything(), &mut [&mut first])?;
    let visits = range.visits(&site.zone).start..end;
    let mut found: Vec<(VisitId, Key)> = first
        .found
        .into_iter()
        .map(|(key, visit)| (visit, key))
        .filter(|(visit, _)| visits.contains(visit))
        .collect();
    found.sort_unstable_by_key(|(visit, _)| std::cmp::Reverse(*visit));
    Ok(found)
}

/// The first visit that had each key of a property.
struct FirstTimes {
    property: Property,
    found: HashMap<Key, VisitId>,
}

impl Question for FirstTimes {
    fn add(&mut self, day: &DayColumns, _: Mask<'_>) {
        let column = day.visits.column(self.property);
        let mut is_known: Vec<bool> =
            column.keys.iter().map(|key| *key == 0 || self.found.contains_key(key)).collect();
        for (id, code) in day.visits.ids.iter().zip(&column.codes) {
            let is_known = &mut is_known[*code as usize];
            if !*is_known {
                *is_known = true;
                self.found.insert(column.keys[*code as usize], VisitId(*id));
            }
        }
    }
}
