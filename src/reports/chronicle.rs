//! Reports of single things, newest first: recent links and searches, and those that were never seen before.

use super::catalogue;
use super::columns::stretch::{Rows, Stretch, Wants};
use super::columns::{Key, Of, Part, Property};
use super::dimension::By;
use super::filter::Filter;
use super::inquiry::newest;
use super::questions::{Matches, Question, counted};
use super::range::Range;
use super::reader::Reader;
use super::totals::PastDays;
use super::visits::{self, Page, Source};
use super::wanted::{self, Wanted};
use crate::clock::{Day, Timestamp};
use crate::error::Result;
use crate::id::VisitId;
use crate::store::sites::Site;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

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

    /// Whether it tells of first times ever.
    pub fn is_of_firsts(self) -> bool {
        self.parts().1
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

    /// What visits need to be listed at all.
    fn among(self, filter: &Filter) -> Filter {
        filter.having(By::Property(self.parts().0))
    }

    /// What a visit shows of itself here.
    fn item(self, source: Source) -> Option<String> {
        match self.parts().0 {
            Property::Terms => source.terms,
            _ => source.referrer,
        }
    }

    /// One page of the visits of a range that pass a filter, newest first; one more than the page holds when there are
    /// older ones. Pages may be counted from a visit on, which is left out: whoever reads all of a long list need not
    /// pass over what was read. What came first is the first of all visits that pass.
    pub fn list(
        self,
        reader: &Reader<'_>,
        (site, filter): (&Site, &Filter),
        (mut range, before): (Range, Option<VisitId>),
        page: Page,
    ) -> Result<Vec<Occurrence>> {
        let mut filter = filter.clone();
        if let Some(before) = before {
            range.last = range.last.min(site.zone.day(before.began()));
            filter = filter.below(before);
        }
        let skipped = usize::try_from(page.skipped()).unwrap_or(usize::MAX);
        let rows = usize::try_from(page.rows).unwrap_or(usize::MAX).saturating_add(1);
        let found = if self.is_of_firsts() {
            let found = self.first_times(reader, (site, &filter), range)?;
            found.into_iter().skip(skipped).take(rows).collect()
        } else {
            newest(reader, (site, &self.among(&filter)), range, (skipped, rows))?
        };
        let mut occurrences = Vec::with_capacity(found.len());
        for id in found {
            let visit = visits::find(reader.connection, site.id, id)?;
            if let Some(item) = visit.and_then(|visit| self.item(visit.source)) {
                occurrences.push(Occurrence { at: id.began(), visit: id, item });
            }
        }
        Ok(occurrences)
    }

    /// How many there are on all pages.
    pub fn count(self, reader: &Reader<'_>, (site, filter): (&Site, &Filter), range: Range) -> Result<usize> {
        if self.is_of_firsts() {
            return Ok(self.first_times(reader, (site, filter), range)?.len());
        }
        let mut matches = Matches::default();
        reader.ask_visits(site, range, &self.among(filter), &mut [&mut matches])?;
        Ok(matches.0.values().sum())
    }

    /// The visits of a range that were the first ever of what they have, newest first.
    fn first_times(
        self,
        reader: &Reader<'_>,
        (site, filter): (&Site, &Filter),
        range: Range,
    ) -> Result<Vec<VisitId>> {
        let mut first = FirstTimes::of(self.parts().0);
        let ever = Range { first: Day(0), last: range.last };
        reader.ask(site, ever, filter, &mut [&mut first])?;
        let visits = range.visits(&site.zone);
        let FirstTimes { found, past, .. } = first;
        let is_first =
            |(key, visit): (Key, VisitId)| (visits.contains(&visit) && !past.contains(&key)).then_some(visit);
        let mut found: Vec<_> = found.into_iter().filter_map(is_first).collect();
        found.sort_unstable_by_key(|visit| std::cmp::Reverse(*visit));
        Ok(found)
    }
}

/// The first visit that had each key of a property.
struct FirstTimes {
    property: Property,
    found: HashMap<Key, VisitId>,
    /// Those that days had of which totals are left.
    past: HashSet<Key>,
}

impl FirstTimes {
    fn of(property: Property) -> Self {
        Self { property, found: HashMap::new(), past: HashSet::new() }
    }

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
        Box::new(Self::of(self.property))
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        for (key, visit) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.found) {
            self.note(key, visit);
        }
    }

    fn add_totals(&mut self, days: &PastDays<'_>) -> Result<()> {
        days.items(By::Property(self.property), |_, key, _, _| {
            self.past.insert(key);
        })
    }
}
