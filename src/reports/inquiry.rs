//! What a person wants to know at once: a site, a range, conditions, and with what to compare.
//! Screens, files and programs ask through it, so that their numbers cannot differ.

mod courses;
mod lists;

pub use courses::Course;
pub(super) use lists::newest;

use super::comparison::Comparison;
use super::dimension::{By, Dimension};
use super::filter::Filter;
use super::naming::Namer;
use super::questions::Question;
use super::range::Range;
use super::reader::Reader;
use super::shown::Shown;
use super::table::Part;
use super::totals;
use super::view::View;
use super::wanted::Wanted;
use crate::clock::{Day, Timestamp};
use crate::error::{Error, Result};
use crate::store::sites::Site;

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

    /// Finds the words for items.
    pub(super) fn namer<'i>(&'i self, dimension: &'i Dimension) -> Namer<'i> {
        Namer { shown: &self.shown, dimension }
    }

    /// The site.
    pub(super) fn site(&self) -> &Site {
        self.site
    }

    /// Refuses to count by what is hidden.
    pub(super) fn demand(&self, dimension: &Dimension) -> Result<()> {
        if self.view.counts_by(dimension) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Refuses an order by what is hidden.
    pub(super) fn check_order(&self, part: &Part) -> Result<()> {
        self.view.check_order(part.sort)
    }
}
