//! Reports of single things, newest first: recent links and searches, and those that were never seen before.

use super::catalogue;
use super::columns::stretch::{Rows, Stretch, Wants};
use super::columns::{Key, Of, Part, Property};
use super::dimension::By;
use super::filter::Filter;
use super::questions::{Question, counted};
use super::range::Range;
use super::reader::Reader;
use super::visits::Page;
use super::wanted::{self, Wanted};
use crate::clock::{Day, Timestamp};
use crate::error::Result;
use crate::id::VisitId;
use crate::store::labels;
use crate::store::sites::Site;
use foldhash::{HashMap, HashMapExt};

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

    /// These conditions, narrowed to one item.
    pub fn only(self, wanted: &[Wanted], item: &str) -> Vec<Wanted> {
        match catalogue::dimension_of_filter(self.filter()) {
            Some(dimension) => wanted::only_this(wanted, dimension, item),
            None => wanted.to_vec(),
        }
    }

    /// One page of the visits of a range that pass a filter, newest first; one more than the page holds when there are
    /// older ones. Pages may be counted from a visit on, which is left out: whoever reads all of a long list need not
    /// pass over what was read. What came first is the first of all visits that pass.
    pub fn list(
        self,
        reader: &Reader<'_>,
        (site, filter): (&Site, &Filter),
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
            let found = first_times(reader, (site, filter), property, asked)?;
            found.into_iter().skip(skipped).take(rows).collect()
        } else {
            every_time(reader, (site, filter), property, asked, (skipped, rows))?
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
    (site, filter): (&Site, &Filter),
    property: Property,
    (range, end): (Range, VisitId),
    (mut to_skip, wanted): (usize, usize),
) -> Result<Vec<(VisitId, Key)>> {
    let mut found = Vec::new();
    let Some(range) = reader.known(site, range)? else { return Ok(found) };
    for day in (range.first.0..=range.last.0).rev().map(Day) {
        let mut times = EveryTime { property, found: Vec::new() };
        reader.ask_visits(site, Range { first: day, last: day }, filter, &mut [&mut times])?;
        times.found.retain(|(visit, _)| *visit < end);
        let passed = to_skip.min(times.found.len());
        to_skip -= passed;
        found.extend(times.found.into_iter().rev().skip(passed).take(wanted - found.len()));
        if found.len() == wanted {
            break;
        }
    }
    Ok(found)
}

/// The visits of a range before this one that were the first ever of what they have, newest first.
fn first_times(
    reader: &Reader<'_>,
    (site, filter): (&Site, &Filter),
    property: Property,
    (range, end): (Range, VisitId),
) -> Result<Vec<(VisitId, Key)>> {
    let mut first = FirstTimes { property, found: HashMap::new() };
    let ever = Range { first: Day(0), last: range.last };
    reader.ask_visits(site, ever, filter, &mut [&mut first])?;
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

/// The visits that have a property, oldest first.
struct EveryTime {
    property: Property,
    found: Vec<(VisitId, Key)>,
}

impl Question for EveryTime {
    fn needs(&self, wants: &mut Wants) {
        wants.rows_by(By::Property(self.property));
        wants.parts.push(Part::Ids);
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let of = Of::Property(self.property);
        let (ids, keys, codes) = (stretch.ids(), &stretch.head(of).keys, stretch.codes(of));
        rows.each(|row| {
            let key = keys.get(codes.place(row));
            if key != 0 {
                self.found.push((ids.get(row), key));
            }
        });
        self.found.sort_unstable();
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self { property: self.property, found: Vec::new() })
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        self.found.extend(counted::<Self>(fork).into_iter().flat_map(|fork| fork.found));
        self.found.sort_unstable();
    }
}

/// The first visit that had each key of a property.
struct FirstTimes {
    property: Property,
    found: HashMap<Key, VisitId>,
}

impl FirstTimes {
    fn note(&mut self, key: Key, visit: VisitId) {
        let first = self.found.entry(key).or_insert(visit);
        *first = (*first).min(visit);
    }
}

impl Question for FirstTimes {
    fn needs(&self, wants: &mut Wants) {
        wants.rows_by(By::Property(self.property));
        wants.parts.push(Part::Ids);
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let of = Of::Property(self.property);
        let (ids, keys, codes) = (stretch.ids(), &stretch.head(of).keys, stretch.codes(of));
        let mut is_known: Vec<bool> = keys.all().map(|key| key == 0).collect();
        rows.each(|row| {
            let is_known = &mut is_known[codes.place(row)];
            if !std::mem::replace(is_known, true) {
                self.note(keys.get(codes.place(row)), ids.get(row));
            }
        });
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self { property: self.property, found: HashMap::new() })
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        for (key, visit) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.found) {
            self.note(key, visit);
        }
    }
}
