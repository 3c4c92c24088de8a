//! What a person wants to know at once: a site, a range, conditions, and with what to compare.
//! Screens, files and programs ask through it, so that their numbers cannot differ.

use super::chronicle::{Chronicle, Occurrence};
use super::columns::stretch::Counting;
use super::comparison::Comparison;
use super::dimension::{By, Dimension, Naming};
use super::filter::Filter;
use super::measures::Measures;
use super::naming::Namer;
use super::questions::{ByDay, ByHour, Items, Keys, Lines, Matches, Matching, Question, Share};
use super::range::Range;
use super::reader::Reader;
use super::shown::Shown;
use super::table::{Line, Part};
use super::totals;
use super::view::{View, VisitorData};
use super::visits::{self, Page, Visit};
use super::wanted::Wanted;
use crate::clock::{Day, Timestamp};
use crate::error::{Error, Result};
use crate::id::VisitId;
use crate::store::sites::Site;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Lines that the chart of a report shows.
pub const TOP_LINES: u32 = 5;

/// What is asked, before the file is at hand.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The days.
    pub range: Range,
    /// The conditions.
    pub wanted: Vec<Wanted>,
    /// With what to compare.
    pub comparison: Option<Comparison>,
    /// What whoever asks may see.
    pub view: View,
    /// Days of which totals are left are passed over: what is asked needs single visits.
    pub visits_alone: bool,
}

impl Scope {
    /// Whether visits must fulfil something, by choice of whoever asks or of whoever lets them see.
    pub fn is_filtered(&self) -> bool {
        !self.wanted.is_empty() || !self.view.is_whole()
    }
}

/// A scope on a site, with the file at hand.
pub struct Inquiry<'a> {
    /// The days of one moment.
    pub reader: &'a Reader<'a>,
    site: &'a Site,
    /// The visits that may be seen, whatever the conditions.
    shown: Shown<'a>,
    range: Range,
    filter: Filter,
    earlier: Option<(Range, Filter)>,
    kept_since: Option<Day>,
    /// Of some of the days that are compared totals are left.
    is_cut_before: bool,
    visits_alone: bool,
    view: &'a View,
}

/// Something that is counted now and in the days that are compared.
#[derive(Clone, Debug, Default)]
pub struct Compared<T> {
    /// In the range.
    pub now: T,
    /// In the days that are compared, if that was asked for.
    pub before: Option<T>,
}

/// How measures went: one value a step, as far as the range has come.
#[derive(Clone, Debug)]
pub enum Course {
    /// Day by day; the days are those of the range.
    Days(Vec<Day>, Vec<Measures>),
    /// Hour by hour of one day.
    Hours(Vec<Measures>),
}

impl Course {
    /// The measures, step by step.
    pub fn measures(&self) -> &[Measures] {
        match self {
            Self::Days(_, measures) | Self::Hours(measures) => measures,
        }
    }
}

/// What a range shows at a glance.
pub struct Overview {
    /// What everything adds up to.
    pub totals: Compared<Measures>,
    /// How it went.
    pub courses: Compared<Course>,
    /// Items of each dimension, with how often they occurred, as many as there was room for.
    pub items: Vec<Compared<Items>>,
}

/// Measures step by step.
enum Steps {
    Days(ByDay),
    Hours(Box<ByHour>),
}

impl Default for Steps {
    fn default() -> Self {
        Self::Days(ByDay::default())
    }
}

impl Steps {
    fn question(&mut self) -> &mut dyn Question {
        match self {
            Self::Days(days) => days,
            Self::Hours(hours) => &mut **hours,
        }
    }

    fn totals(&self) -> Measures {
        let mut totals = Measures::default();
        match self {
            Self::Days(days) => days.0.values().for_each(|measures| totals += *measures),
            Self::Hours(hours) => hours.0.iter().for_each(|measures| totals += *measures),
        }
        totals
    }
}

impl<'a> Inquiry<'a> {
    /// Finds the words of the conditions in the file. Conditions on what is hidden are refused.
    pub fn new(reader: &'a Reader<'a>, site: &'a Site, scope: &'a Scope) -> Result<Self> {
        scope.view.check(&scope.wanted)?;
        let filter = scope.view.filter(reader.connection, site, &scope.wanted)?;
        let earlier = scope.comparison.map(|comparison| {
            let (range, until) = comparison.until(scope.range, (&site.zone, reader.now));
            (range, until.map_or_else(|| filter.clone(), |until| filter.before(until)))
        });
        let since = |range| totals::since(reader.connection, site.id, range);
        let (cut, cut_before) =
            (since(scope.range)?, earlier.as_ref().map(|(range, _)| since(*range)).transpose()?.flatten());
        // A part of the visits of that time is no fair measure.
        let needs_visits = filter.has_conditions() || scope.visits_alone;
        let earlier = earlier.filter(|_| !needs_visits || cut_before.is_none());
        Ok(Self {
            reader,
            site,
            shown: Shown::of(reader, site, &scope.view, &[])?,
            range: scope.range,
            filter,
            earlier,
            kept_since: cut.or(cut_before),
            is_cut_before: cut_before.is_some(),
            visits_alone: scope.visits_alone,
            view: &scope.view,
        })
    }

    /// The same, of visits that began before a moment.
    #[must_use]
    pub fn before(mut self, moment: Timestamp) -> Self {
        self.filter = self.filter.before(moment);
        self
    }

    /// Since when single visits are kept, where the range, or the period before, reaches back further. With
    /// conditions there is no comparison with such a period.
    pub fn kept_since(&self) -> Option<Day> {
        self.kept_since
    }

    /// Asks questions about the range.
    pub fn ask(&self, questions: &mut [&mut dyn Question]) -> Result<()> {
        self.ask_of(self.range, &self.filter, questions)
    }

    /// Asks questions about the days that are compared; says whether there are some.
    pub fn ask_before(&self, questions: &mut [&mut dyn Question]) -> Result<bool> {
        let Some((range, filter)) = &self.earlier else { return Ok(false) };
        self.ask_of(*range, filter, questions)?;
        Ok(true)
    }

    /// The same of questions that count by something. What totals do not keep is compared with nothing where of some days
    /// they are all that is left.
    pub(super) fn ask_before_by(&self, by: By, questions: &mut [&mut dyn Question]) -> Result<bool> {
        Ok(self.compares(by) && self.ask_before(questions)?)
    }

    /// Whether what is counted by something is compared.
    pub fn compares(&self, by: By) -> bool {
        self.earlier.is_some() && (!self.is_cut_before || totals::keeps(by))
    }

    fn ask_of(&self, range: Range, filter: &Filter, questions: &mut [&mut dyn Question]) -> Result<()> {
        if self.visits_alone {
            return self.reader.ask_visits(self.site, range, filter, questions);
        }
        self.reader.ask(self.site, range, filter, questions)
    }

    /// Asks the same questions about the range and the days that are compared.
    pub fn compare<Q: Question + Default>(&self) -> Result<Compared<Q>> {
        let (mut now, mut before) = (Q::default(), Q::default());
        self.ask(&mut [&mut now])?;
        let is_compared = self.ask_before(&mut [&mut before])?;
        Ok(Compared { now, before: is_compared.then_some(before) })
    }

    /// The days of the range that have begun.
    pub fn days(&self) -> Vec<Day> {
        let today = self.site.zone.day(self.reader.now);
        self.range.each().filter(|day| *day <= today).collect()
    }

    /// The days that those are compared with.
    fn earlier_days(&self) -> Vec<Day> {
        let range = self.earlier.as_ref().map(|(range, _)| *range);
        range.into_iter().flat_map(Range::each).take(self.days().len()).collect()
    }

    /// Hours of a single day that have begun.
    pub fn hours(&self) -> usize {
        let (zone, now) = (&self.site.zone, self.reader.now);
        match self.range.last.cmp(&zone.day(now)) {
            Ordering::Less => 24,
            Ordering::Equal => usize::try_from(zone.local(now).hour()).unwrap_or(23) + 1,
            Ordering::Greater => 0,
        }
    }

    /// Whether the range is one day, which is shown by its hours.
    pub fn is_one_day(&self) -> bool {
        self.range.days() == 1
    }

    /// How everything went and what it adds up to, and how often the items of some dimensions occurred: all in one pass
    /// over the days.
    pub fn overview(&self, dimensions: &[&Dimension]) -> Result<Overview> {
        dimensions.iter().try_for_each(|dimension| self.demand(dimension))?;
        // What a bar of visitors shows is no hit.
        let counted = |dimension: &Dimension| match dimension.naming {
            Naming::Visitor => Items::some(dimension.by, Counting::Measures, Keys::Share(Share::ALL)),
            _ => Items::some(dimension.by, Counting::Hits, Keys::Share(Share::ALL)),
        };
        let ask =
            |ask: &dyn Fn(&mut [&mut dyn Question]) -> Result<bool>| -> Result<Option<(Steps, Vec<Items>)>> {
                let mut steps = if self.is_one_day() {
                    Steps::Hours(Box::default())
                } else {
                    Steps::Days(ByDay::default())
                };
                let mut items: Vec<Items> = dimensions.iter().map(|dimension| counted(dimension)).collect();
                let mut questions: Vec<&mut dyn Question> =
                    items.iter_mut().map(|items| items as _).collect();
                questions.push(steps.question());
                Ok(ask(&mut questions)?.then_some((steps, items)))
            };
        let now = ask(&|questions| self.ask(questions).map(|()| true))?;
        let before = ask(&|questions| self.ask_before(questions))?;
        let (steps, items) = now.unwrap_or_default();
        let (steps_before, items_before) = before.unzip();
        let mut items_before = items_before.into_iter().flatten();
        let compared = |(now, dimension): (Items, &&Dimension)| Compared {
            now,
            before: items_before.next().filter(|_| self.compares(dimension.by)),
        };
        let items = items.into_iter().zip(dimensions).map(compared).collect();
        Ok(Overview {
            totals: Compared { now: steps.totals(), before: steps_before.as_ref().map(Steps::totals) },
            courses: Compared {
                now: self.course(steps, self.days()),
                before: steps_before.map(|steps| self.course(steps, self.earlier_days())),
            },
            items,
        })
    }

    fn course(&self, steps: Steps, days: Vec<Day>) -> Course {
        match steps {
            Steps::Hours(hours) => Course::Hours(hours.0[..self.hours()].to_vec()),
            Steps::Days(found) => course(days, &found.0),
        }
    }

    /// The newest visits of the range that match, as they may be seen.
    pub fn newest_visits(&self, rows: u32) -> Result<Vec<Visit>> {
        self.view.demand(VisitorData::LiveList)?;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let found = newest(self.reader, (self.site, &self.filter), self.range, (0, rows))?;
        let visits = found
            .into_iter()
            .filter_map(|id| visits::find(self.reader.connection, self.site.id, id).transpose());
        visits.map(|visit| self.shown.seen(visit?)).collect()
    }

    /// How everything went, now and before.
    pub fn courses(&self) -> Result<Compared<Course>> {
        if self.is_one_day() {
            let Compared { now, before } = self.compare::<ByHour>()?;
            return Ok(Compared {
                now: Course::Hours(now.0[..self.hours()].to_vec()),
                before: before.map(|before| Course::Hours(before.0[..self.hours()].to_vec())),
            });
        }
        let Compared { now, before } = self.compare::<ByDay>()?;
        Ok(Compared {
            now: course(self.days(), &now.0),
            before: before.map(|before| course(self.earlier_days(), &before.0)),
        })
    }

    /// Finds the words for items.
    pub(super) fn namer<'i>(&'i self, dimension: &'i Dimension) -> Namer<'i> {
        Namer { shown: &self.shown, dimension }
    }

    /// The site.
    pub(super) fn site(&self) -> &Site {
        self.site
    }

    /// How often the items of some lines occurred, step by step. Nothing for a single day of which totals are left: in which
    /// hours items occurred is not kept.
    pub fn lines(&self, dimension: &Dimension, lines: &[Line]) -> Result<Compared<Vec<Vec<i64>>>> {
        self.demand(dimension)?;
        let groups: Vec<_> = lines.iter().map(|line| line.keys.clone()).collect();
        if self.is_one_day()
            && !self.filter.has_conditions()
            && totals::since(self.reader.connection, self.site.id, self.range)?.is_some()
        {
            return Ok(Compared::default());
        }
        let lines = || Lines::of(dimension.by, &groups, self.is_one_day());
        let (mut now, mut before) = (lines(), lines());
        self.ask(&mut [&mut now])?;
        let is_compared = self.ask_before_by(dimension.by, &mut [&mut before])?;
        let courses = |counted: &Lines, days: &[Day]| -> Vec<Vec<i64>> {
            if self.is_one_day() {
                return counted.by_hour.iter().map(|hours| hours[..self.hours()].to_vec()).collect();
            }
            let of_day = |day: &Day, group: usize| counted.by_day.get(day).map_or(0, |groups| groups[group]);
            (0..groups.len()).map(|group| days.iter().map(|day| of_day(day, group)).collect()).collect()
        };
        Ok(Compared {
            now: courses(&now, &self.days()),
            before: is_compared.then(|| courses(&before, &self.earlier_days())),
        })
    }

    /// How many visits match in the days that are compared.
    pub fn visits_before(&self) -> Result<Option<i64>> {
        let mut matches = Matches::default();
        let is_compared = !self.is_cut_before && self.ask_before(&mut [&mut matches])?;
        let total: usize = matches.0.values().sum();
        Ok(is_compared.then_some(i64::try_from(total).unwrap_or(i64::MAX)))
    }

    /// Refuses to count by what is hidden.
    pub(super) fn demand(&self, dimension: &Dimension) -> Result<()> {
        if self.view.counts_by(dimension) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Refuses an order by what is hidden.
    pub(super) fn check_order(&self, part: &Part) -> Result<()> {
        self.view.check_order(part.sort)
    }

    /// One page of the visits that match, newest first, as they may be seen, and how many there are.
    pub fn visits(&self, page: Page) -> Result<(Vec<Visit>, usize)> {
        self.view.demand(VisitorData::LiveList)?;
        let (found, total) = self.newest_page(&self.filter, page)?;
        let visits = found
            .into_iter()
            .filter_map(|id| visits::find(self.reader.connection, self.site.id, id).transpose());
        let seen = visits.map(|visit| self.shown.seen(visit?));
        Ok((seen.collect::<Result<_>>()?, total))
    }

    /// One page of single things, newest first, below a visit if one is named; one more than the page holds when there
    /// are older ones.
    pub fn occurrences(
        &self,
        chronicle: Chronicle,
        before: Option<VisitId>,
        page: Page,
    ) -> Result<Vec<Occurrence>> {
        chronicle.list(self.reader, (self.site, &self.filter), (self.range, before), page)
    }

    /// How many single things there are on all pages. What came first is known only where all visits are kept, so that
    /// nothing is compared with days of which totals are left.
    pub fn occurrence_count(&self, chronicle: Chronicle) -> Result<Compared<i64>> {
        let count = |range, filter: &Filter| -> Result<i64> {
            let count = chronicle.count(self.reader, (self.site, filter), range)?;
            Ok(i64::try_from(count).unwrap_or(i64::MAX))
        };
        let earlier = self.earlier.as_ref().filter(|_| self.kept_since.is_none());
        Ok(Compared {
            now: count(self.range, &self.filter)?,
            before: earlier.map(|(range, filter)| count(*range, filter)).transpose()?,
        })
    }

    /// One page of the visits of the range that pass a filter, newest first, and how many there are.
    fn newest_page(&self, filter: &Filter, page: Page) -> Result<(Vec<VisitId>, usize)> {
        let mut matches = Matches::default();
        self.reader.ask(self.site, self.range, filter, &mut [&mut matches])?;
        let total = matches.0.values().sum();
        let rows = usize::try_from(page.rows).unwrap_or(usize::MAX);
        let mut skip = usize::try_from(page.skipped()).unwrap_or(usize::MAX);
        let mut found: Vec<VisitId> = Vec::new();
        for (day, count) in matches.0.iter().rev() {
            if skip >= *count {
                skip -= count;
                continue;
            }
            let mut matching = Matching::default();
            let one = Range { first: *day, last: *day };
            self.reader.ask(self.site, one, filter, &mut [&mut matching])?;
            found.extend(matching.0.iter().rev().skip(skip).take(rows - found.len()));
            skip = 0;
            if found.len() >= rows {
                break;
            }
        }
        Ok((found, total))
    }
}

/// Visits of a range that pass a filter, newest first: so many after so many. Looks at ever more days at a time.
pub(super) fn newest(
    reader: &Reader<'_>,
    (site, filter): (&Site, &Filter),
    range: Range,
    (mut to_skip, rows): (usize, usize),
) -> Result<Vec<VisitId>> {
    let Some(range) = reader.known(site, range)? else { return Ok(Vec::new()) };
    let (mut found, mut last, mut days) = (Vec::new(), range.last, 1);
    while found.len() < rows && last >= range.first {
        let part = Range { first: last.plus(1 - days).max(range.first), last };
        let mut matching = Matching::default();
        reader.ask_visits(site, part, filter, &mut [&mut matching])?;
        let passed = to_skip.min(matching.0.len());
        to_skip -= passed;
        found.extend(matching.0.into_iter().rev().skip(passed).take(rows - found.len()));
        (last, days) = (part.first.plus(-1), days * 4);
    }
    Ok(found)
}

fn course(days: Vec<Day>, by_day: &BTreeMap<Day, Measures>) -> Course {
    let measures = days.iter().map(|day| by_day.get(day).copied().unwrap_or_default()).collect();
    Course::Days(days, measures)
}
