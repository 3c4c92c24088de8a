//! A snapshot of the file with its days as columns: one pass over the days of a range updates all accumulators of a
//! screen, on all processors.

use super::aggregate::accumulator::Accumulator;
use super::aggregate::spill_folder::SpillFolder;
use super::aggregate::visit_ids::{Earliest, Latest};
use super::block_cache::BlockCache;
use super::live_day::LiveDayLoader;
use super::loader::{BlockSource, LoadedBlock, Loader};
use super::predicate::Predicate;
use super::rollups::{self, Rollups};
use crate::error::Result;
use crate::ingest::change_log::Position;
use crate::limits::{self, EngineLimits};
use crate::model::clock::{Day, Timestamp};
use crate::model::id::VisitId;
use crate::reports::columns::ColumnPart;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::date_range::DateRange;
use crate::store::cancellation::Cancellation;
use crate::store::private;
use crate::store::retention;
use crate::store::sites::Site;
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// A snapshot of the file and the columns as of it, from which every report is computed.
pub struct Snapshot<'a> {
    /// The connection, in a read transaction.
    pub connection: &'a Connection,
    /// The current time.
    pub now: Timestamp,
    /// The loader of its blocks.
    pub(in crate::reports) loader: Loader<'a>,
    /// The cancellation token of its queries.
    pub(in crate::reports) cancellation: Cancellation,
}

impl<'a> Snapshot<'a> {
    /// Creates a snapshot. The position in the change log must be taken before the read transaction begins.
    pub fn new(
        connection: &'a Connection,
        cache: &'a BlockCache,
        now: Timestamp,
        position: Position,
    ) -> Self {
        let live = LiveDayLoader::new(connection, cache, now, position);
        let loader = Loader::new(connection, cache, live);
        Self { connection, now, loader, cancellation: Cancellation::default() }
    }

    /// Sets the token that cancels the snapshot's queries.
    #[must_use]
    pub fn until(self, cancellation: Cancellation) -> Self {
        Self { cancellation, ..self }
    }

    /// Updates the recently used days of all sites with many pending changes.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn refresh_live_days(&self) -> Result<()> {
        self.loader.live.refresh_recent()
    }

    /// Returns the limits of the engine.
    pub(in crate::reports) fn limits(&self) -> &EngineLimits {
        &self.loader.cache.limits
    }

    /// Returns the folder for spill files.
    pub(in crate::reports) fn aside(&self) -> SpillFolder {
        let file = self.connection.path().filter(|path| !path.is_empty());
        let folder =
            file.map_or_else(std::env::temp_dir, |file| private::folder_of(Path::new(file)).to_owned());
        SpillFolder::new(folder, *self.limits()).until(self.cancellation.clone())
    }

    /// Updates accumulators over a range: by totals on pruned days, by visits on the others in one pass.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn run(
        &self,
        site: &Site,
        range: DateRange,
        predicate: &Predicate,
        accumulators: &mut [&mut dyn Accumulator],
    ) -> Result<()> {
        self.run_rollups(site, range, predicate, accumulators)?;
        self.run_visits(site, range, predicate, accumulators)
    }

    /// Updates accumulators by the rollups of a range, for queries about all visits.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn run_rollups(
        &self,
        site: &Site,
        range: DateRange,
        predicate: &Predicate,
        accumulators: &mut [&mut dyn Accumulator],
    ) -> Result<()> {
        if predicate.has_clauses() || rollups::raw_since(self.connection, site.id, range)?.is_none() {
            return Ok(());
        }
        let ends = predicate.end().map(|end| {
            let moment = end.began();
            (site.zone.day(moment), i64::from(site.zone.local(moment).hour()))
        });
        let last = ends.map_or(range.last, |(day, _)| day.min(range.last));
        let rollups = Rollups::new(self.connection, site.id, DateRange { first: range.first, last }, ends);
        accumulators.iter_mut().try_for_each(|accumulator| accumulator.update_rollups(&rollups))
    }

    /// Updates accumulators over the visits of a range alone.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn run_visits(
        &self,
        site: &Site,
        range: DateRange,
        predicate: &Predicate,
        accumulators: &mut [&mut dyn Accumulator],
    ) -> Result<()> {
        let Some(range) = self.known(site, range)? else { return Ok(()) };
        tracing::trace!(site = site.id.0, first = %range.first, last = %range.last, "a pass over days");
        let dropping = self.dropping(site)?;
        let is_dropped = |source: &BlockSource| {
            dropping
                .is_some_and(|dropping| matches!(source, BlockSource::Built(day) if dropping.contains(*day)))
        };
        let mut sources = self.loader.sources(site, range)?;
        sources.retain(|source| !is_dropped(source));
        let visits: usize = sources.iter().map(BlockSource::visits).sum();
        let needs = needs(accumulators);
        let lanes = std::thread::available_parallelism().map_or(1, usize::from);
        if lanes == 1 || visits < self.limits().visits_per_lane {
            let mut visit = |ready: LoadedBlock| {
                update(&ready, predicate, accumulators.iter_mut().map(|accumulator| &mut **accumulator));
                true
            };
            for source in &sources {
                self.cancellation.check()?;
                self.loader.prepare(site, source, range, predicate, &needs, &mut visit)?;
            }
            return Ok(());
        }
        let forks: Vec<Vec<Box<dyn Accumulator>>> = (0..lanes)
            .map(|_| accumulators.iter().map(|accumulator| accumulator.split()).collect())
            .collect();
        let counted = std::thread::scope(|scope| {
            let (send, receive) = sync_channel(limits::BLOCKS_AHEAD * lanes);
            let receive = Arc::new(Mutex::new(receive));
            let lanes: Vec<_> = forks
                .into_iter()
                .map(|fork| {
                    let (receive, cancellation) = (Arc::clone(&receive), &self.cancellation);
                    scope.spawn(move || count(fork, predicate, &receive, cancellation))
                })
                .collect();
            drop(receive);
            let mut visit = |ready: LoadedBlock| send.send(ready).is_ok();
            let outcome = sources.iter().try_for_each(|source| {
                self.cancellation.check()?;
                self.loader.prepare(site, source, range, predicate, &needs, &mut visit)
            });
            drop(send);
            let counted: Vec<_> = lanes.into_iter().filter_map(|lane| lane.join().ok()).collect();
            outcome.map(|()| counted)
        })?;
        self.cancellation.check()?;
        for fork in counted {
            accumulators.iter_mut().zip(fork).for_each(|(accumulator, fork)| accumulator.merge(fork));
        }
        Ok(())
    }

    /// Returns ids of visits that match a predicate, newest first, skipping some; reads ever more days at a time.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn newest(
        &self,
        site: &Site,
        predicate: &Predicate,
        range: DateRange,
        skipped: usize,
        rows: usize,
    ) -> Result<Vec<VisitId>> {
        let Some(range) = self.known(site, range)? else { return Ok(Vec::new()) };
        let (mut to_skip, mut found, mut last, mut days) = (skipped, Vec::new(), range.last, 1);
        while found.len() < rows && last >= range.first {
            let part = DateRange { first: last.plus(1 - days).max(range.first), last };
            let mut latest = Latest::new(to_skip.saturating_add(rows - found.len()));
            self.run_visits(site, part, predicate, &mut [&mut latest])?;
            let passed = to_skip.min(latest.visits.len());
            to_skip -= passed;
            found.extend(latest.visits.into_iter().rev().skip(passed).take(rows - found.len()));
            (last, days) = (part.first.plus(-1), days * 4);
        }
        Ok(found)
    }

    /// Returns ids of visits that match a predicate and are wanted, oldest first; reads ever more days at a time.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data cannot be read.
    pub fn oldest(
        &self,
        site: &Site,
        predicate: &Predicate,
        range: DateRange,
        mut wanted: Earliest,
    ) -> Result<Vec<VisitId>> {
        let Some(range) = self.known(site, range)? else { return Ok(Vec::new()) };
        let (mut first, mut days) = (range.first, 1);
        while !wanted.is_full() && first <= range.last {
            let part = DateRange { first, last: first.plus(days - 1).min(range.last) };
            self.run_visits(site, part, predicate, &mut [&mut wanted])?;
            (first, days) = (part.last.plus(1), days * 4);
        }
        Ok(wanted.visits)
    }

    /// Returns the days whose visits are being deleted, which no longer count.
    pub(in crate::reports) fn dropping(&self, site: &Site) -> Result<Option<DateRange>> {
        let dropping = retention::state(self.connection, site.id)?.dropping;
        Ok(dropping.map(|visits| {
            let last = VisitId(visits.end.0 - 1).began();
            DateRange { first: site.zone.day(visits.start.began()), last: site.zone.day(last) }
        }))
    }

    /// Returns the part of a range in which there are visits.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn known(&self, site: &Site, range: DateRange) -> Result<Option<DateRange>> {
        let edge = |order: &str| -> Result<Option<Day>> {
            let sql = format!("select id from visits where site_id = :site order by id {order} limit 1");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([site.id.0])?;
            let id: Option<i64> = rows.next()?.map(|row| row.get(0)).transpose()?;
            Ok(id.map(|id| site.zone.day(VisitId(id).began())))
        };
        let (Some(oldest), Some(newest)) = (edge("asc")?, edge("desc")?) else { return Ok(None) };
        let (first, last) = (range.first.max(oldest), range.last.min(newest));
        Ok((first <= last).then_some(DateRange { first, last }))
    }

    /// Returns a block with these parts that contains a day, and the rows of the day.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn day(
        &self,
        site: &Site,
        day: Day,
        parts: &[ColumnPart],
    ) -> Result<(Arc<Block>, std::ops::Range<usize>)> {
        let one = DateRange { first: day, last: day };
        for source in self.loader.sources(site, one)? {
            let Ok(mut open) = self.loader.open(site, &source)? else { continue };
            let mut is_whole = true;
            for part in parts {
                is_whole &= self.loader.ensure(site, &mut open, *part)?.is_ok();
            }
            if is_whole {
                let rows = open.block.rows_of(day, day);
                return Ok((open.block, rows));
            }
            if let BlockSource::Sealed(sealed, _) = &source {
                self.loader.note_damage(site, sealed);
            }
        }
        let block = self.loader.live.load(site, day)?;
        let rows = 0..block.visits();
        Ok((block, rows))
    }
}

/// Returns a function that adds the parts needed by accumulators to a projection; it is called for each block.
fn needs(accumulators: &[&mut dyn Accumulator]) -> impl Fn(&mut Projection) + use<> {
    let forks: Vec<Box<dyn Accumulator>> =
        accumulators.iter().map(|accumulator| accumulator.split()).collect();
    move |projection| forks.iter().for_each(|accumulator| accumulator.needs(projection))
}

/// Updates accumulators with a block.
fn update<'q>(
    ready: &LoadedBlock,
    predicate: &Predicate,
    accumulators: impl Iterator<Item = &'q mut dyn Accumulator>,
) {
    let rows: Selection = predicate.rows(&ready.block, ready.rows.clone(), &ready.resolved);
    if rows.count() > 0 {
        accumulators.for_each(|accumulator| accumulator.update(&ready.block, &rows));
    }
}

/// Updates a worker's accumulators with blocks until none are left or the query is cancelled.
fn count(
    mut accumulators: Vec<Box<dyn Accumulator>>,
    predicate: &Predicate,
    receive: &Mutex<Receiver<LoadedBlock>>,
    cancellation: &Cancellation,
) -> Vec<Box<dyn Accumulator>> {
    loop {
        let next = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(ready) = next else { return accumulators };
        if cancellation.is_cancelled() {
            return accumulators;
        }
        update(&ready, predicate, accumulators.iter_mut().map(|accumulator| &mut **accumulator));
    }
}
