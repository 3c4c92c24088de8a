//! Pruning of visits that are past a site's retention. A local day at a time is replaced by its totals, which the
//! accumulators of reports compute.

use super::aggregate::accumulator::Accumulator;
use super::aggregate::group_by::GroupBy;
use super::aggregate::grouped::GroupedItems;
use super::aggregate::totals::{ByHour, Totals};
use super::block_cache::BlockCache;
use super::predicate::Predicate;
use super::rollups::{
    dimensions, kept_groups, row_of_all, rows_of_groups, rows_of_hours, rows_of_items, touched,
};
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::{SiteId, VisitId};
use crate::reports::columns::DictKey;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::Dimension;
use crate::reports::dimension::fold;
use crate::reports::retention_period;
use crate::store::labels;
use crate::store::retention::{self, Sums};
use crate::store::rollups::{self, RollupRow};
use crate::store::sites::Site;
use rusqlite::{Connection, Transaction};
use std::collections::HashMap;
use std::sync::Arc;

/// A day whose visits are to be pruned, with its computed totals.
#[derive(Debug)]
pub struct DayToPrune {
    site: SiteId,
    day: Day,
    visits: std::ops::Range<VisitId>,
    sums: Sums,
    rows: Vec<RollupRow>,
}

impl DayToPrune {
    /// Computes the totals of the oldest day past the site's retention; `None` when there is none or pruning must wait.
    ///
    /// # Errors
    /// Fails with `Error::Missing` when there is no such site, and when the data file
    /// cannot be read.
    pub fn next(snapshot: &Snapshot<'_>, site: &Site) -> Result<Option<Self>> {
        let Some(kept_days) = retention::kept_days(snapshot.connection, site.id)? else { return Ok(None) };
        if retention_period::waits(snapshot.connection, site.id, snapshot.now)? {
            return Ok(None);
        }
        let Some(oldest) = retention::oldest_visit(snapshot.connection, site.id)? else { return Ok(None) };
        let day = site.zone.day(oldest.began());
        if day >= retention_period::first_kept(site, kept_days, snapshot.now) {
            return Ok(None);
        }
        Self::count(snapshot, site, day).map(Some)
    }

    fn count(snapshot: &Snapshot<'_>, site: &Site, day: Day) -> Result<Self> {
        let range = DateRange { first: day, last: day };
        let visits = range.visits(&site.zone);
        let sums = Sums::count(snapshot.connection, site.id, &visits)?;
        let (mut all, mut hours) = (Totals::default(), ByHour::default());
        let mut items: Vec<_> = dimensions().map(|(by, name)| (by, name, GroupBy::new(by))).collect();
        let mut accumulators: Vec<&mut dyn Accumulator> = vec![&mut all, &mut hours];
        accumulators.extend(items.iter_mut().map(|(_, _, items)| items as &mut dyn Accumulator));
        snapshot.run_visits(site, range, &Predicate::everything(), &mut accumulators)?;
        let mut rows = vec![row_of_all(&all.0)];
        rows.extend(rows_of_hours(&hours.0));
        rows.extend(
            items.iter().flat_map(|(by, name, items)| rows_of_items(*by, name, items.each_with_subtitle())),
        );
        for dimension in kept_groups() {
            let items = items.iter().find(|(by, _, _)| *by == dimension.group_key).map(|(_, _, items)| items);
            rows.extend(Self::count_groups(snapshot, site, range, dimension, items)?);
        }
        Ok(Self { site: site.id, day, visits, sums, rows })
    }

    fn count_groups(
        snapshot: &Snapshot<'_>,
        site: &Site,
        range: DateRange,
        dimension: &'static Dimension,
        items: Option<&GroupBy>,
    ) -> Result<Vec<RollupRow>> {
        let mut keys: Vec<DictKey> = items.into_iter().flat_map(GroupBy::each).map(|(key, _)| key).collect();
        keys.sort_unstable();
        let (mut places, mut firsts, mut group_of) = (HashMap::new(), Vec::new(), HashMap::default());
        for key in keys.into_iter().filter(|key| *key != 0 || dimension.shows_unknown) {
            let text = labels::text(snapshot.connection, key.cast_signed())?;
            let place = *places.entry(fold(dimension.value_kind, text.as_deref())).or_insert_with(|| {
                firsts.push(key);
                firsts.len() - 1
            });
            group_of.insert(key, u32::try_from(place).unwrap_or(u32::MAX));
        }
        let mut groups = GroupedItems::new(dimension, Arc::new(group_of), firsts.len());
        snapshot.run_visits(site, range, &Predicate::everything(), &mut [&mut groups])?;
        Ok(rows_of_groups(dimension, firsts.into_iter().zip(&groups.found)).collect())
    }

    /// Returns the totals without those of touches that are the same as by the visits' own sources, unless the day, of which
    /// other visits were pruned before, has some already.
    fn rows_to_write(&self, tx: &Transaction<'_>) -> Result<Vec<RollupRow>> {
        let mut rows = self.rows.clone();
        for (name, own) in touched() {
            let named = |name: &'static str| self.rows.iter().filter(move |row| row.dimension == name);
            let renamed = named(own).map(|row| RollupRow { dimension: name, ..row.clone() });
            let is_stored = rollups::exists(tx, self.site, self.day, name)?;
            if is_stored {
                continue;
            }
            if renamed.eq(named(name).cloned()) {
                rows.retain(|row| row.dimension != name);
            } else {
                rollups::copy(tx, self.site, self.day, own, name)?;
            }
        }
        Ok(rows)
    }

    /// Replaces the visits by the totals. Returns false when the visits changed since the totals were computed, are
    /// within the retention by now, or another deletion is under way. The rows themselves are deleted in slices, see
    /// [`retention::drop_slice`].
    ///
    /// # Errors
    /// Fails with `Error::Missing` when there is no such site, and when the data file
    /// cannot be written.
    pub fn write(&self, tx: &Transaction<'_>, now: Timestamp) -> Result<bool> {
        let site = crate::store::sites::get(tx, self.site)?;
        let is_due = retention::kept_days(tx, self.site)?
            .is_some_and(|kept_days| self.day < retention_period::first_kept(&site, kept_days, now));
        let is_same = DateRange { first: self.day, last: self.day }.visits(&site.zone) == self.visits
            && Sums::count(tx, self.site, &self.visits)? == self.sums;
        if !is_due || !is_same || retention::state(tx, self.site)?.dropping.is_some() {
            return Ok(false);
        }
        rollups::add(tx, self.site, self.day, &self.rows_to_write(tx)?)?;
        retention::begin_dropping(tx, self.site, &self.visits)?;
        Ok(true)
    }
}

/// Runs queries on a snapshot with a cache of its own, for commands.
///
/// # Errors
/// Fails when the data file cannot be read, and with the errors of `read`.
pub fn with_snapshot<T>(
    connection: &Connection,
    now: Timestamp,
    read: impl FnOnce(&Snapshot<'_>) -> Result<T>,
) -> Result<T> {
    let days = BlockCache::new(
        crate::ingest::change_log::ChangeLog::default(),
        crate::limits::EngineLimits::default(),
    );
    let mark = days.position();
    // One read transaction, so that all queries see the same snapshot.
    let moment = connection.unchecked_transaction()?;
    read(&Snapshot::new(&moment, &days, now, mark))
}
