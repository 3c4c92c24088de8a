//! A query as a person asks it: site, range, filters and comparison. Screens, exports and the API all run it here, so
//! that their numbers agree.

use super::aggregate::accumulator::Accumulator;
use super::costs::Costs;
use super::name_resolver::NameResolver;
use super::predicate::Predicate;
use super::rollups;
use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::model::clock::Day;
use crate::model::metrics::Metric;
use crate::reports::columns::DictKey;
use crate::reports::comparison::Compared;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::{Dimension, GroupKey};
use crate::reports::query::Query;
use crate::reports::table_query::TableQuery;
use crate::reports::visibility::Visibility;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::store::labels;
use crate::store::sites::Site;

/// A query bound to one snapshot of the file, ready to run.
pub struct QueryRunner<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot<'a>,
    pub(in crate::reports::engine) site: &'a Site,
    /// The visits that may be seen, whatever the filters.
    pub(in crate::reports::engine) visible: VisibleVisits<'a>,
    pub(in crate::reports::engine) range: DateRange,
    pub(in crate::reports::engine) predicate: Predicate,
    pub(in crate::reports::engine) earlier: Option<(DateRange, Predicate)>,
    pub(in crate::reports::engine) kept_since: Option<Day>,
    /// True if part of the comparison period is pruned.
    pub(in crate::reports::engine) is_cut_before: bool,
    pub(in crate::reports::engine) visits_alone: bool,
    pub(in crate::reports::engine) visibility: &'a Visibility,
    /// The label of the key to which custom data is narrowed; 0 if no visit ever had it.
    pub(in crate::reports::engine) custom_key: Option<DictKey>,
    /// The label of the page that was not found to which broken links are narrowed.
    pub(in crate::reports::engine) missing_page: Option<DictKey>,
}

impl<'a> QueryRunner<'a> {
    /// Resolves the filters in the file.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`] for a filter on hidden data, with [`Error::Invalid`] for a filter that cannot be
    /// resolved, and when the data file cannot be read.
    pub fn new(snapshot: &'a Snapshot<'a>, scope: &'a Query) -> Result<Self> {
        let site = &scope.site;
        scope.visibility.check(&scope.filters)?;
        if scope.goal.is_some() && !scope.visibility.shows_conversions() {
            return Err(Error::Forbidden);
        }
        let (filters, population) = scope.all_filters();
        let predicate = Predicate::new(snapshot.connection, site, &filters)?.scoped_to(population);
        let predicate = predicate.with_goal_in_view(scope.goal);
        let visits_alone = scope.visits_alone || scope.goal.is_some();
        let earlier = scope.comparison.map(|comparison| {
            let (range, until) = comparison.until(scope.range, &site.zone, snapshot.now);
            (range, until.map_or_else(|| predicate.clone(), |until| predicate.before(until)))
        });
        let since = |range| rollups::raw_since(snapshot.connection, site.id, range);
        let (cut, cut_before) =
            (since(scope.range)?, earlier.as_ref().map(|(range, _)| since(*range)).transpose()?.flatten());
        // A comparison with a part of that period's visits would mislead.
        let needs_visits = predicate.has_clauses() || visits_alone;
        let earlier = earlier.filter(|_| !needs_visits || cut_before.is_none());
        Ok(Self {
            snapshot,
            site,
            visible: VisibleVisits::new(snapshot, site, &scope.visibility, &[])?,
            range: scope.range,
            predicate: match scope.until {
                Some(until) => predicate.before(until),
                None => predicate,
            },
            earlier,
            kept_since: cut.or(cut_before),
            is_cut_before: cut_before.is_some(),
            visits_alone,
            visibility: &scope.visibility,
            custom_key: match &scope.custom_key {
                Some(key) => Some(labels::find(snapshot.connection, key)?.unwrap_or(0).cast_unsigned()),
                None => None,
            },
            missing_page: None,
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
    pub fn run(&self, accumulators: &mut [&mut dyn Accumulator]) -> Result<()> {
        self.run_on(self.range, &self.predicate, accumulators)
    }

    /// Runs accumulators over the comparison period; returns false without one.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn run_before(&self, accumulators: &mut [&mut dyn Accumulator]) -> Result<bool> {
        let Some((range, predicate)) = &self.earlier else { return Ok(false) };
        self.run_on(*range, predicate, accumulators)?;
        Ok(true)
    }

    /// Runs accumulators of a grouping over the comparison period; returns false without one, or when part of it is
    /// pruned and totals do not hold the grouping.
    pub(in crate::reports) fn run_before_by(
        &self,
        by: GroupKey,
        accumulators: &mut [&mut dyn Accumulator],
    ) -> Result<bool> {
        Ok(self.compares(by) && self.run_before(accumulators)?)
    }

    /// Returns true if results of a grouping are compared.
    pub fn compares(&self, by: GroupKey) -> bool {
        self.earlier.is_some() && (!self.is_cut_before || rollups::covers(by))
    }

    fn run_on(
        &self,
        range: DateRange,
        predicate: &Predicate,
        accumulators: &mut [&mut dyn Accumulator],
    ) -> Result<()> {
        if self.visits_alone {
            self.snapshot.run_visits(self.site, range, predicate, accumulators)?;
        } else {
            self.snapshot.run(self.site, range, predicate, accumulators)?;
        }
        let costs = self.costs(range, predicate)?;
        if costs.total != 0 {
            for accumulator in accumulators {
                accumulator.update_costs(&costs);
            }
        }
        Ok(())
    }

    /// Returns the costs of campaigns, as far as they may be seen.
    fn costs(&self, range: DateRange, predicate: &Predicate) -> Result<Costs> {
        if !self.visibility.shows_revenue() {
            return Ok(Costs::default());
        }
        let Snapshot { connection, now, .. } = *self.snapshot;
        Costs::read(connection, self.site, range, predicate, now)
    }

    /// Returns the cost of campaigns in the range, and in the comparison period.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn total_costs(&self) -> Result<Compared<i64>> {
        let earlier = self.earlier.as_ref().map(|(range, predicate)| self.costs(*range, predicate));
        Ok(Compared {
            now: self.costs(self.range, &self.predicate)?.total,
            before: earlier.transpose()?.map(|costs| costs.total),
        })
    }

    /// Returns a resolver of item names.
    pub(in crate::reports) fn namer<'i>(&'i self, dimension: &'i Dimension) -> NameResolver<'i> {
        NameResolver {
            connection: self.snapshot.connection,
            domain: &self.site.domain,
            cancellation: &self.snapshot.cancellation,
            dimension,
            shows_subtitles: self.visible.is_unrestricted(),
            limits: self.snapshot.limits(),
            visitors: &self.visible,
        }
    }

    /// Returns the site.
    pub(in crate::reports) fn site(&self) -> &Site {
        self.site
    }

    /// Checks that a dimension is visible; fails with [`Error::Forbidden`].
    pub(in crate::reports) fn require(&self, dimension: &Dimension) -> Result<()> {
        if self.visibility.counts_by(dimension) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Returns true if a metric may be seen.
    pub(in crate::reports) fn shows_metric(&self, metric: Metric) -> bool {
        self.visibility.shows_metric(metric)
    }

    /// Checks that an order uses no hidden metric; fails with [`Error::Forbidden`].
    pub(in crate::reports) fn check_order(&self, part: &TableQuery) -> Result<()> {
        self.visibility.check_order(part.sort)
    }
}
