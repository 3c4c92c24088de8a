//! Sealing: a site's finished days are stored as columns. Days of a large site are sealed one by one, those of a small
//! one together as months and years. The state of sealing is derived from the file alone.

use crate::error::Result;
use crate::limits::{self, EngineLimits};
use crate::model::clock::{Day, Timestamp};
use crate::model::id::{SiteId, VisitId};
use crate::reports::columns::ColumnPart;
use crate::reports::columns::block::Block;
use crate::reports::columns::block_builder::{BlockBuilder, PendingBlock};
use crate::reports::columns::codec;
use crate::reports::columns::codec::{FORMAT, WHOLE};
use crate::reports::columns::day_codec;
use crate::reports::date_range::DateRange;
use crate::store::blocks::{self, BlockMeta};
use crate::store::retention;
use crate::store::sites::Site;
use jiff::civil::Date;
use rusqlite::{Connection, Transaction};
use std::collections::{BTreeMap, HashSet};
use std::panic::resume_unwind;
use std::thread::{Builder, ScopedJoinHandle};

/// A range of days that is due to be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due(DateRange);

/// The rows of a block, of which columns can be made without the data file.
struct BlockRows {
    site: SiteId,
    zone: String,
    range: DateRange,
    visits: std::ops::Range<VisitId>,
    seal: i64,
    edition: i64,
    draft: PendingBlock,
    limits: EngineLimits,
}

impl BlockRows {
    fn read(connection: &Connection, site: &Site, due: Due, limits: EngineLimits) -> Result<Self> {
        let edition = blocks::generation(connection, site.id)?;
        Ok(Self {
            site: site.id,
            zone: site.zone.name().to_owned(),
            range: due.0,
            visits: due.0.visits(&site.zone),
            seal: i64::from_le_bytes(crate::model::id::random()?),
            edition,
            draft: BlockBuilder::read(connection, site, due.0, &limits)?,
            limits,
        })
    }

    fn encode(self) -> EncodedBlock {
        let Self { site, zone, range, visits, seal, edition, draft, limits } = self;
        let block = draft.count().into_block();
        let days = day_codec::encode_days(range.first, &block.days);
        let sealed = BlockMeta { first: range.first, last: range.last, visits, seal, days };
        let parts = parts(&block, limits.whole_visits_max);
        let numbers = parts.iter().map(|(number, _)| *number).collect();
        EncodedBlock { site, zone, sealed, edition, parts, numbers }
    }
}

/// Columns of a block, ready to be written.
pub struct EncodedBlock {
    site: SiteId,
    zone: String,
    sealed: BlockMeta,
    /// The edition of the site's visits from which it was built.
    edition: i64,
    /// The number and data of each part that is not written yet.
    parts: Vec<(i64, Vec<u8>)>,
    /// The numbers of all parts.
    numbers: Vec<i64>,
}

/// Returns the last day that no hit can change any more.
fn last_settled(site: &Site, now: Timestamp) -> Day {
    site.zone.day(now.before(limits::DAY_SETTLES_AFTER)).plus(-1)
}

/// Returns the range of visit ids of days that are not settled: days that go on or lie in the future.
fn unsettled(site: &Site, now: Timestamp) -> std::ops::Range<VisitId> {
    VisitId::first_at(site.zone.start(last_settled(site, now).plus(1)))..VisitId(i64::MAX)
}

/// Returns true if a site has sealed days that are not over, because the clock was ahead when they were sealed. Returns
/// false while the clock was never set, since it then tells nothing of days.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn is_premature(connection: &Connection, site: &Site, now: Timestamp) -> Result<bool> {
    Ok(now.0 >= limits::CLOCK_SET_SINCE_MILLISECONDS
        && blocks::is_sealed(connection, site.id, &unsettled(site, now))?)
}

/// Unseals days that are not over; returns true if there were any.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn unseal_premature(tx: &Transaction<'_>, site: &Site, now: Timestamp) -> Result<bool> {
    let is_premature = is_premature(tx, site, now)?;
    if is_premature {
        blocks::unseal(tx, site.id, &unsettled(site, now))?;
    }
    Ok(is_premature)
}

/// Returns the range from the first to the last settled day with visits.
fn settled_days(connection: &Connection, site: &Site, now: Timestamp) -> Result<Option<DateRange>> {
    let end = VisitId::first_at(site.zone.start(last_settled(site, now).plus(1)));
    // Visits that are being deleted do not count.
    let oldest = retention::oldest_visit(connection, site.id)?.filter(|oldest| *oldest < end);
    let first = oldest.map(|oldest| site.zone.day(oldest.began()));
    let newest = newest_before(connection, site, end)?;
    Ok(first.zip(newest).map(|(first, last)| DateRange { first, last }))
}

/// Returns the day of the last visit with an id below `end`.
fn newest_before(connection: &Connection, site: &Site, end: VisitId) -> Result<Option<Day>> {
    let newest = crate::store::visits::last_id_before(connection, site.id, end)?;
    Ok(newest.map(|newest| site.zone.day(newest.began())))
}

/// Returns true if all finished days of a site are sealed, as far as the file tells without counting visits.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn is_sealed(
    connection: &Connection,
    site: &Site,
    now: Timestamp,
    damaged: &HashSet<i64>,
) -> Result<bool> {
    let Some(days) = settled_days(connection, site, now)? else { return Ok(true) };
    let mut next = days.first;
    let known = blocks::list(connection, site.id, days.first, days.last, FORMAT, site.zone.name())?;
    for sealed in known.iter().filter(|sealed| !damaged.contains(&sealed.seal)) {
        if sealed.first > next {
            return Ok(false);
        }
        next = sealed.last.plus(1);
    }
    Ok(next > days.last)
}

/// Lists the ranges of a site that are due to be sealed, oldest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn due(
    connection: &Connection,
    site: &Site,
    now: Timestamp,
    damaged: &HashSet<i64>,
    whole_visits_max: usize,
) -> Result<Vec<Due>> {
    let Some(days) = settled_days(connection, site, now)? else { return Ok(Vec::new()) };
    let known = blocks::list(connection, site.id, days.first, days.last, FORMAT, site.zone.name())?;
    let mut counts: BTreeMap<Day, usize> = BTreeMap::new();
    let mut blocks = HashSet::new();
    let mut next = days.first;
    let count_from_rows = |counts: &mut BTreeMap<Day, usize>, first: Day, end: Day| -> Result<()> {
        for day in (first.0..end.0).map(Day) {
            let visits = DateRange { first: day, last: day }.visits(&site.zone);
            let count = blocks::count_visits(connection, site.id, &visits)?;
            counts.insert(day, usize::try_from(count).unwrap_or(0));
        }
        Ok(())
    };
    for sealed in known.into_iter().filter(|sealed| !damaged.contains(&sealed.seal)) {
        let Some(sums) = day_codec::decode_days(sealed.first, &sealed.days) else { continue };
        count_from_rows(&mut counts, next, sealed.first)?;
        counts.extend(sums.iter().map(|sums| (sums.day, sums.visits())));
        blocks.insert((sealed.first, sealed.last));
        next = sealed.last.plus(1);
    }
    count_from_rows(&mut counts, next, days.last.plus(1))?;
    counts.retain(|_, count| *count > 0);
    let mut parts = partition(&counts, last_settled(site, now), whole_visits_max);
    if let Some(part) = parts.first_mut() {
        // After the oldest visits were deleted, a sealed range may begin with days that have no visits.
        let reaches_back = |(first, last): &&(Day, Day)| *last == part.last && *first < part.first;
        part.first = blocks.iter().find(reaches_back).map_or(part.first, |(first, _)| *first);
    }
    parts.retain(|part| !blocks.contains(&(part.first, part.last)));
    Ok(parts.into_iter().map(Due).collect())
}

/// Partitions days into ranges to be sealed together: as many finished months of a year as fit into one block, else
/// single days. Days without visits go with the next day that has some.
fn partition(counts: &BTreeMap<Day, usize>, settled: Day, whole_visits_max: usize) -> Vec<DateRange> {
    let Some(mut next) = counts.keys().next().copied() else { return Vec::new() };
    let mut parts = Vec::new();
    let mut days = counts.keys().copied().peekable();
    while let Some(day) = days.peek().copied() {
        let date = day.date();
        let ends = (date.month()..=12).rev().filter_map(|month| Date::new(date.year(), month, 1).ok());
        let fits = |end: &Day| {
            let sum: usize = counts.range(day..=*end).map(|(_, count)| count).sum();
            *end <= settled && sum <= whole_visits_max
        };
        let end = ends.map(|month| Day::from_date(month.last_of_month())).find(fits).unwrap_or(day);
        let mut last = day;
        while let Some(within) = days.next_if(|day| *day <= end) {
            last = within;
        }
        parts.push(DateRange { first: next, last });
        next = last.plus(1);
    }
    parts
}

impl EncodedBlock {
    /// Builds the columns of a range from the rows.
    ///
    /// # Errors
    /// Fails when the data file cannot be read or no random bytes can be drawn.
    pub fn build(connection: &Connection, site: &Site, due: Due, limits: EngineLimits) -> Result<Self> {
        Ok(BlockRows::read(connection, site, due, limits)?.encode())
    }

    /// Takes the parts in slices, each to be written in a transaction of its own.
    pub fn slices(&mut self) -> Vec<SealingSlice> {
        let place = (self.sealed.first, self.sealed.seal);
        let mut slices: Vec<SealingSlice> = Vec::new();
        for (part, data) in std::mem::take(&mut self.parts) {
            let has_room = |slice: &&mut SealingSlice| slice.bytes() + data.len() <= limits::SEAL_SLICE_BYTES;
            match slices.last_mut().filter(has_room) {
                Some(slice) => slice.parts.push((part, data)),
                None => slices.push(SealingSlice { site: self.site, place, parts: vec![(part, data)] }),
            }
        }
        slices
    }

    /// Seals the days of this block, after its parts are written. Returns false when the visits have changed meanwhile,
    /// when the clock went back to a time at which these days go on, or when another process deleted its parts as
    /// leftovers.
    ///
    /// # Errors
    /// Fails when the data file cannot be written.
    pub fn seal(&self, transaction: &Transaction<'_>, now: Timestamp) -> Result<bool> {
        let (first, seal) = (self.sealed.first, self.sealed.seal);
        if self.sealed.visits.end > VisitId::first_at(now.before(limits::DAY_SETTLES_AFTER)) {
            blocks::delete_stray(transaction, self.site, first, seal)?;
            return Ok(false);
        }
        for number in &self.numbers {
            if !blocks::exists(transaction, self.site, *number, first, seal)? {
                blocks::delete_stray(transaction, self.site, first, seal)?;
                return Ok(false);
            }
        }
        blocks::seal(transaction, self.site, &self.sealed, FORMAT, &self.zone, self.edition)
    }
}

/// A slice of the parts of a block.
#[derive(Clone)]
pub struct SealingSlice {
    site: SiteId,
    place: (Day, i64),
    parts: Vec<(i64, Vec<u8>)>,
}

impl SealingSlice {
    fn bytes(&self) -> usize {
        self.parts.iter().map(|(_, data)| data.len()).sum()
    }

    /// Writes the parts, which stay unused until the block is sealed.
    ///
    /// # Errors
    /// Fails when the data file cannot be written.
    pub fn write(&self, transaction: &Transaction<'_>) -> Result<()> {
        let (first, seal) = self.place;
        for (part, data) in &self.parts {
            blocks::create(transaction, self.site, *part, first, seal, data)?;
        }
        Ok(())
    }
}

/// Encodes a block for storage: a small one in one piece, a large one part by part.
fn parts(block: &Block, whole_visits_max: usize) -> Vec<(i64, Vec<u8>)> {
    if block.visits() <= whole_visits_max {
        return vec![(WHOLE, codec::encode_whole(block))];
    }
    let number = |part: ColumnPart| i64::try_from(part.number()).unwrap_or(i64::MAX);
    let found = ColumnPart::stored().filter(|part| !block.is_without(*part)).filter_map(|part| {
        let is_untouched = codec::has_untouched(block, part);
        let encode = |column| if is_untouched { codec::encode_untouched() } else { codec::encode(column) };
        block.parts[part.number()].as_ref().map(|column| (number(part), encode(column)))
    });
    found.collect()
}

/// Seals all finished days of a site, for a command that has the file to itself. Calls `report_progress` with the progress;
/// returns the number of blocks.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn seal_all(
    connection: &mut Connection,
    site: &Site,
    now: Timestamp,
    limits: &EngineLimits,
    mut report_progress: impl FnMut(usize, usize),
) -> Result<usize> {
    if is_sealed(connection, site, now, &HashSet::new())? {
        return Ok(0);
    }
    for (first, seal) in blocks::list_strays(connection, site.id)? {
        crate::store::change(connection, |tx| blocks::delete_stray(tx, site.id, first, seal))?;
    }
    let due = due(connection, site, now, &HashSet::new(), limits.whole_visits_max)?;
    // The columns of a block are made while the rows of the next one are read.
    std::thread::scope(|scope| {
        let mut making: Option<ScopedJoinHandle<'_, EncodedBlock>> = None;
        for done in 0..=due.len() {
            let rows = due.get(done).map(|one| BlockRows::read(connection, site, *one, *limits)).transpose();
            let made = making.take().map(|made| made.join().unwrap_or_else(|panic| resume_unwind(panic)));
            let encode = |rows: BlockRows| Builder::new().spawn_scoped(scope, move || rows.encode());
            let next = rows.and_then(|rows| Ok(rows.map(encode).transpose()?));
            // A block that can't be read takes nothing from the one before it.
            if let Some(block) = made {
                write(connection, block, now)?;
                report_progress(done, due.len());
            }
            making = next?;
        }
        Ok(due.len())
    })
}

fn write(connection: &mut Connection, mut block: EncodedBlock, now: Timestamp) -> Result<()> {
    for slice in block.slices() {
        crate::store::change(connection, |tx| slice.write(tx))?;
    }
    crate::store::change(connection, |tx| block.seal(tx, now))?;
    Ok(())
}

/// Lists the sealed ranges of a site that differ from the rows, with the number of all sealed ranges.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn check(connection: &Connection, site: &Site, limits: &EngineLimits) -> Result<(Vec<BlockMeta>, usize)> {
    let known = blocks::list(connection, site.id, Day(i32::MIN), Day(i32::MAX), FORMAT, site.zone.name())?;
    let mut wrong = Vec::new();
    for sealed in &known {
        let range = DateRange { first: sealed.first, last: sealed.last };
        let block = BlockBuilder::build(connection, site, range, limits)?.into_block();
        let is_right = sealed.days == day_codec::encode_days(sealed.first, &block.days)
            && sealed.visits == range.visits(&site.zone)
            && holds_all(connection, site, sealed, parts(&block, limits.whole_visits_max))?;
        if !is_right {
            wrong.push(sealed.clone());
        }
    }
    Ok((wrong, known.len()))
}

fn holds_all(
    connection: &Connection,
    site: &Site,
    sealed: &BlockMeta,
    parts: Vec<(i64, Vec<u8>)>,
) -> Result<bool> {
    for (part, data) in parts {
        let is_equal = |stored: &[u8]| stored == data;
        if blocks::find(connection, site.id, part, sealed.first, sealed.seal, is_equal)? != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(counts: &[(&str, usize)], settled: &str) -> Vec<String> {
        let day = |text: &str| Day::parse(text).unwrap();
        let counts = counts.iter().map(|(text, count)| (day(text), *count)).collect();
        partition(&counts, day(settled), EngineLimits::small().whole_visits_max)
            .into_iter()
            .map(DateRange::text)
            .collect()
    }

    #[test]
    fn small_months_and_years_that_are_over_are_kept_together() {
        let few =
            [("2025-03-04", 1), ("2025-07-01", 2), ("2026-01-30", 5), ("2026-02-01", 5), ("2026-02-03", 5)];
        assert_eq!(
            parted(&few, "2026-02-03"),
            [
                "2025-03-04,2025-07-01",
                "2025-07-02,2026-01-30",
                "2026-01-31,2026-02-01",
                "2026-02-02,2026-02-03"
            ]
        );
    }

    #[test]
    fn large_days_stand_alone_and_small_ones_among_them_do_not() {
        let many = EngineLimits::small().whole_visits_max;
        let days = [
            ("2026-03-30", many),
            ("2026-03-31", 1),
            ("2026-04-01", 2),
            ("2026-04-20", 3),
            ("2026-05-02", many),
        ];
        assert_eq!(
            parted(&days, "2026-05-31"),
            ["2026-03-30", "2026-03-31,2026-04-20", "2026-04-21,2026-05-02"]
        );
    }

    #[test]
    fn months_of_a_year_that_goes_on_are_kept_together() {
        let days =
            [("2026-01-30", 1), ("2026-02-01", 1), ("2026-03-03", 1), ("2026-04-03", 4), ("2026-05-02", 1)];
        assert_eq!(
            parted(&days, "2026-05-03"),
            ["2026-01-30,2026-03-03", "2026-03-04,2026-04-03", "2026-04-04,2026-05-02"]
        );
    }

    #[test]
    fn nothing_is_kept_of_no_days() {
        assert!(parted(&[], "2026-05-31").is_empty());
    }
}
