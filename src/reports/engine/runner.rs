//! A query as a person asks it: site, range, filters and comparison. Screens, exports and the API all run it here, so
//! that their numbers agree.

use super::aggregate::accumulator::Accumulator;
use super::name_resolver::NameResolver;
use super::predicate::Predicate;
use super::rollups;
use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::model::clock::Day;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::{Dimension, GroupKey};
use crate::reports::query::Query;
use crate::reports::table_query::TableQuery;
use crate::reports::visibility::Visibility;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::store::sites::Site;

/// A query bound to one snapshot of the file, ready to run.
pub struct QueryRunner<'a> {
    /// The snapshot.
    pub reader: &'a Snapshot<'a>,
    pub(in crate::reports::engine) site: &'a Site,
    /// The visits that may be seen, whatever the filters.
    pub(in crate::reports::engine) shown: VisibleVisits<'a>,
    pub(in crate::reports::engine) range: DateRange,
    pub(in crate::reports::engine) filter: Predicate,
    pub(in crate::reports::engine) earlier: Option<(DateRange, Predicate)>,
    pub(in crate::reports::engine) kept_since: Option<Day>,
    /// True if part of the comparison period is pruned.
    pub(in crate::reports::engine) is_cut_before: bool,
    pub(in crate::reports::engine) visits_alone: bool,
    pub(in crate::reports::engine) view: &'a Visibility,
}

impl<'a> QueryRunner<'a> {
    /// Resolves the filters in the file.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`] for a filter on hidden data, with [`Error::Invalid`] for a filter that cannot be
    /// resolved, and when the data file cannot be read.
    pub fn new(reader: &'a Snapshot<'a>, scope: &'a Query) -> Result<Self> {
        let site = &scope.site;
        scope.visibility.check(&scope.filters)?;
        let (filters, population) = scope.all_filters();
        let filter = Predicate::new(reader.connection, site, &filters)?.scoped_to(population);
        let earlier = scope.comparison.map(|comparison| {
            let (range, until) = comparison.until(scope.range, &site.zone, reader.now);
            (range, until.map_or_else(|| filter.clone(), |until| filter.before(until)))
        });
        let since = |range| rollups::raw_since(reader.connection, site.id, range);
        let (cut, cut_before) =
            (since(scope.range)?, earlier.as_ref().map(|(range, _)| since(*range)).transpose()?.flatten());
        // A comparison with a part of that period's visits would mislead.
        let needs_visits = filter.has_conditions() || scope.visits_alone;
        let earlier = earlier.filter(|_| !needs_visits || cut_before.is_none());
        Ok(Self {
            reader,
            site,
            shown: VisibleVisits::new(reader, site, &scope.visibility, &[])?,
            range: scope.range,
            filter: match scope.until {
                Some(until) => filter.before(until),
                None => filter,
            },
            earlier,
            kept_since: cut.or(cut_before),
            is_cut_before: cut_before.is_some(),
            visits_alone: scope.visits_alone,
            view: &scope.visibility,
        })
    }

    /// Returns the day since which single visits are stored, if the range or the comparison period reaches further
    /// back. With filters there is no comparison with such a period.
    pub fn kept_since(&self) -> Option<Day> {
        self.kept_since
    }

    /// Runs accumulators over the range.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn run(&self, questions: &mut [&mut dyn Accumulator]) -> Result<()> {
        self.ask_of(self.range, &self.filter, questions)
    }

    /// Runs accumulators over the comparison period; returns false without one.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn ask_before(&self, questions: &mut [&mut dyn Accumulator]) -> Result<bool> {
        let Some((range, filter)) = &self.earlier else { return Ok(false) };
        self.ask_of(*range, filter, questions)?;
        Ok(true)
    }

    /// Runs accumulators of a grouping over the comparison period; returns false without one, or when part of it is
    /// pruned and totals do not hold the grouping.
    pub(in crate::reports) fn ask_before_by(
        &self,
        by: GroupKey,
        questions: &mut [&mut dyn Accumulator],
    ) -> Result<bool> {
        Ok(self.compares(by) && self.ask_before(questions)?)
    }

    /// Returns true if results of a grouping are compared.
    pub fn compares(&self, by: GroupKey) -> bool {
        self.earlier.is_some() && (!self.is_cut_before || rollups::covers(by))
    }

    fn ask_of(
        &self,
        range: DateRange,
        filter: &Predicate,
        questions: &mut [&mut dyn Accumulator],
    ) -> Result<()> {
        if self.visits_alone {
            return self.reader.ask_visits(self.site, range, filter, questions);
        }
        self.reader.run(self.site, range, filter, questions)
    }

    /// Returns a resolver of item names.
    pub(in crate::reports) fn namer<'i>(&'i self, dimension: &'i Dimension) -> NameResolver<'i> {
        NameResolver {
            connection: self.reader.connection,
            domain: &self.site.domain,
            cancellation: &self.reader.cancellation,
            dimension,
            shows_subtitles: self.shown.is_unrestricted(),
            visitors: &self.shown,
        }
    }

    /// Returns the site.
    pub(in crate::reports) fn site(&self) -> &Site {
        self.site
    }

    /// Checks that a dimension is visible; fails with [`Error::Forbidden`].
    pub(in crate::reports) fn demand(&self, dimension: &Dimension) -> Result<()> {
        if self.view.counts_by(dimension) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Checks that an order uses no hidden metric; fails with [`Error::Forbidden`].
    pub(in crate::reports) fn check_order(&self, part: &TableQuery) -> Result<()> {
        self.view.check_order(part.sort)
    }
}
