//! Loading of the blocks that a query reads: of sealed days only the parts that it needs, the others as they are built
//! from the rows. Damaged blocks are rebuilt from the rows transparently.

use super::block_cache::{BlockCache, Entry, EntryKey};
use super::live_day::LiveDayLoader;
use super::predicate::{Predicate, Resolved};
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::reports::columns::block::{Block, ColumnData, DayMetrics, MetricSet, Projection};
use crate::reports::columns::codec;
use crate::reports::columns::codec::{FORMAT, WHOLE};
use crate::reports::columns::day_codec;
use crate::reports::columns::{ColumnId, ColumnPart};
use crate::reports::date_range::DateRange;
use crate::store::blocks::{self, BlockMeta};
use crate::store::sites::Site;
use rusqlite::Connection;
use std::cell::Cell;
use std::sync::Arc;

/// The source of days: a sealed block or the rows of a day.
#[derive(Clone, Debug)]
pub enum BlockSource {
    Sealed(BlockMeta, Arc<Vec<DayMetrics>>),
    Built(Day),
}

/// A block that is being loaded.
pub struct OpenBlock<'a> {
    pub block: Arc<Block>,
    /// The sealed block from which further parts are loaded.
    pub sealed: Option<&'a BlockMeta>,
}

/// A block that is ready to be counted.
pub struct LoadedBlock {
    pub block: Arc<Block>,
    pub rows: std::ops::Range<usize>,
    pub resolved: Resolved,
}

/// The error of a sealed block that cannot be decoded.
pub struct Corrupt;

/// A part as it is stored: its column, or another part that is equal.
enum StoredPart {
    Column(Arc<ColumnData>),
    Untouched(ColumnPart),
}

/// A loader of the blocks of a snapshot.
pub struct Loader<'a> {
    connection: &'a Connection,
    /// The cache of blocks.
    pub cache: &'a BlockCache,
    /// The loader of the days that are not sealed.
    pub live: LiveDayLoader<'a>,
    /// The bytes of other columns that this snapshot's queries have evicted from the cache.
    replaced: Cell<u64>,
}

impl<'a> Loader<'a> {
    /// Creates a loader with the loader of live days.
    pub fn new(connection: &'a Connection, cache: &'a BlockCache, live: LiveDayLoader<'a>) -> Self {
        Self { connection, cache, live, replaced: Cell::default() }
    }

    /// Returns the sources of the days of a range, in order.
    pub fn sources(&self, site: &Site, range: DateRange) -> Result<Vec<BlockSource>> {
        let damaged = self.cache.damaged();
        let mut sources = Vec::new();
        let mut next = range.first;
        let zone = site.zone.name();
        for sealed in blocks::list(self.connection, site.id, range.first, range.last, FORMAT, zone)? {
            if damaged.contains(&sealed.seal) {
                continue;
            }
            let Some(days) = day_codec::decode_days(sealed.first, &sealed.days) else {
                self.cache.note_damage(site.id, &sealed);
                continue;
            };
            sources.extend((next.0..sealed.first.0).map(|day| BlockSource::Built(Day(day))));
            next = sealed.last.plus(1).max(next);
            sources.push(BlockSource::Sealed(sealed, Arc::new(days)));
        }
        sources.extend((next.0..=range.last.0).map(|day| BlockSource::Built(Day(day))));
        Ok(sources)
    }

    /// Loads the parts of a source that are needed and passes them to `visit`; falls back to the rows, day by day, if it
    /// is damaged.
    pub fn prepare(
        &self,
        site: &Site,
        source: &BlockSource,
        range: DateRange,
        predicate: &Predicate,
        needs: &dyn Fn(&mut Projection),
        visit: &mut dyn FnMut(LoadedBlock) -> bool,
    ) -> Result<()> {
        if let BlockSource::Sealed(sealed, _) = source {
            match self.load(site, source, range, predicate, needs)? {
                Ok(ready) => {
                    ready.map(visit);
                    return Ok(());
                }
                Err(Corrupt) => self.cache.note_damage(site.id, sealed),
            }
        }
        for day in source.days().filter(|day| (range.first..=range.last).contains(day)) {
            if let Ok(Some(ready)) = self.load(site, &BlockSource::Built(day), range, predicate, needs)? {
                visit(ready);
            }
        }
        Ok(())
    }

    /// Loads the parts of a source that are needed; `None` when none of its visits can match.
    fn load(
        &self,
        site: &Site,
        source: &BlockSource,
        range: DateRange,
        predicate: &Predicate,
        needs: &dyn Fn(&mut Projection),
    ) -> Result<std::result::Result<Option<LoadedBlock>, Corrupt>> {
        let Ok(mut open) = self.open(site, source)? else { return Ok(Err(Corrupt)) };
        let rows = open.block.rows_of(range.first, range.last);
        if rows.is_empty() {
            return Ok(Ok(None));
        }
        let is_cut = source.is_cut(predicate.end());
        for part in predicate.dictionaries() {
            if self.ensure(site, &mut open, part)?.is_err() {
                return Ok(Err(Corrupt));
            }
        }
        let Some(resolved) = predicate.resolve(self.connection, &open.block, is_cut)? else {
            return Ok(Ok(None));
        };
        let mut projection = Projection { is_plain: resolved.is_everything(), ..Projection::default() };
        needs(&mut projection);
        predicate.needs(&resolved, &mut projection);
        let is_whole = projection.is_plain && rows == (0..open.block.visits());
        let by_items = std::mem::take(&mut projection.items)
            .into_iter()
            .map(|(by, counting)| (by, is_whole, counting == MetricSet::All));
        let is_one = open.block.days.len() == 1;
        let by_rows = std::mem::take(&mut projection.rows_of)
            .into_iter()
            .map(|(by, sums_do)| (by, sums_do && is_whole && is_one, false));
        for (by, sums_do, has_measures) in by_items.chain(by_rows).collect::<Vec<_>>() {
            let column = ColumnId::from(by);
            if sums_do {
                if self.ensure(site, &mut open, ColumnPart::Dictionary(column))?.is_err() {
                    return Ok(Err(Corrupt));
                }
                if open.block.dictionary(column).sums.is_some() {
                    // Conversions of one goal are added to the items of its visits.
                    if has_measures && resolved.has_goal {
                        projection.rows_by(by);
                    }
                    continue;
                }
            }
            projection.rows_by(by);
            if has_measures {
                projection.metrics_by(by);
            }
        }
        for part in projection.parts {
            if self.ensure(site, &mut open, part)?.is_err() {
                return Ok(Err(Corrupt));
            }
        }
        Ok(Ok(Some(LoadedBlock { block: open.block, rows, resolved })))
    }

    /// Notes a sealed block that cannot be decoded, so that it is rebuilt.
    pub fn note_damage(&self, site: &Site, sealed: &BlockMeta) {
        self.cache.note_damage(site.id, sealed);
    }

    pub fn open<'s>(
        &self,
        site: &Site,
        source: &'s BlockSource,
    ) -> Result<std::result::Result<OpenBlock<'s>, Corrupt>> {
        match source {
            BlockSource::Built(day) => Ok(Ok(OpenBlock { block: self.live.load(site, *day)?, sealed: None })),
            BlockSource::Sealed(sealed, days) if source.visits() <= self.cache.limits.whole_visits_max => {
                let whole = self.whole(site, sealed, days)?;
                Ok(whole.map(|block| OpenBlock { block, sealed: None }).ok_or(Corrupt))
            }
            BlockSource::Sealed(sealed, days) => {
                let block = Arc::new(Block::new(Arc::clone(days)));
                Ok(Ok(OpenBlock { block, sealed: Some(sealed) }))
            }
        }
    }

    /// Returns a block that is stored in one piece, from the cache or the file.
    fn whole(
        &self,
        site: &Site,
        sealed: &BlockMeta,
        days: &Arc<Vec<DayMetrics>>,
    ) -> Result<Option<Arc<Block>>> {
        let name = EntryKey::Whole(sealed.seal);
        if let Some(Entry::Whole(block)) = self.cache.entries.get(&name) {
            return Ok(Some(block));
        }
        let decode = |data: &[u8]| codec::decode_whole(Arc::clone(days), data);
        let found = blocks::find(self.connection, site.id, WHOLE, sealed.first, sealed.seal, decode)?;
        let block = found.flatten().map(Arc::new);
        if let Some(block) = &block {
            self.cache.keep(name, Entry::Whole(Arc::clone(block)), &self.replaced);
        }
        Ok(block)
    }

    /// Loads a part of a block unless the block has it.
    pub fn ensure(
        &self,
        site: &Site,
        open: &mut OpenBlock<'_>,
        part: ColumnPart,
    ) -> Result<std::result::Result<(), Corrupt>> {
        let is_missing = !open.block.has(part) && !open.block.is_without(part);
        let Some(sealed) = open.sealed.filter(|_| is_missing) else { return Ok(Ok(())) };
        let name = EntryKey::Part(sealed.seal, part.number());
        let column = if let Some(Entry::Part(column)) = self.cache.entries.get(&name) {
            column
        } else {
            let number = i64::try_from(part.number()).unwrap_or(i64::MAX);
            let decode = |data: &[u8]| {
                if codec::is_untouched(part, data) {
                    return part.untouched().map(StoredPart::Untouched);
                }
                codec::decode(part, data).map(|column| StoredPart::Column(Arc::new(column)))
            };
            let found = blocks::find(self.connection, site.id, number, sealed.first, sealed.seal, decode)?;
            let column = match found.flatten() {
                None => return Ok(Err(Corrupt)),
                Some(StoredPart::Column(column)) => column,
                Some(StoredPart::Untouched(own)) => {
                    if self.ensure(site, open, own)?.is_err() {
                        return Ok(Err(Corrupt));
                    }
                    let Some(column) = open.block.parts[own.number()].clone() else {
                        return Ok(Err(Corrupt));
                    };
                    column
                }
            };
            self.cache.keep(name, Entry::Part(Arc::clone(&column)), &self.replaced);
            column
        };
        Arc::make_mut(&mut open.block).put(part, column);
        Ok(Ok(()))
    }
}

impl BlockSource {
    /// Returns the number of visits, or 0 if it is not known without reading rows.
    pub fn visits(&self) -> usize {
        match self {
            Self::Sealed(_, days) => days.iter().map(DayMetrics::visits).sum(),
            Self::Built(_) => 0,
        }
    }

    pub fn days(&self) -> impl Iterator<Item = Day> + use<> {
        let (first, last) = match self {
            Self::Sealed(sealed, _) => (sealed.first, sealed.last),
            Self::Built(day) => (*day, *day),
        };
        (first.0..=last.0).map(Day)
    }

    /// Returns true if some visits may begin after the end of the predicate.
    pub fn is_cut(&self, end: Option<VisitId>) -> bool {
        match (self, end) {
            (_, None) => false,
            (Self::Sealed(sealed, _), Some(end)) => sealed.visits.end > end,
            (Self::Built(_), Some(_)) => true,
        }
    }
}
