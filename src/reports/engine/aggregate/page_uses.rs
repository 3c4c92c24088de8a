//! Clicks and the reading of all pages, by the page.

use super::accumulator::{Accumulator, counted};
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::{PackedInts, place};
use crate::reports::columns::page_use::{ClickNumber, ClickWindow, ReadNumber};
use crate::reports::columns::{ColumnId, ColumnPart, DictKey, Repeated};
use crate::reports::results::heatmap::{ClickCounts, HeatmapSummary, PageReading};
use foldhash::HashMap;
use strum::VariantArray;

/// The column of clicks.
pub const CLICKS: ColumnId = ColumnId::Repeated(Repeated::Clicks);
/// The column of the reading of pages.
pub const READS: ColumnId = ColumnId::Repeated(Repeated::Reads);

/// Returns the numbers of a click.
pub fn click_counts(window: ClickWindow) -> ClickCounts {
    ClickCounts { clicks: 1, rage: window.is_rage.into(), dead: window.is_dead.into() }
}

/// A reader of how long and how far visits read pages.
pub struct ReadingReader<'a> {
    block: &'a Block,
}

impl<'a> ReadingReader<'a> {
    /// Adds the parts that the reader needs to a projection.
    pub fn needs(projection: &mut Projection) {
        projection.offsets([Repeated::Reads]);
        projection.parts.extend([ColumnPart::Dictionary(READS), ColumnPart::Codes(READS)]);
        projection.parts.extend(ReadNumber::VARIANTS.iter().copied().map(ColumnPart::Read));
    }

    /// Creates the reader of a block.
    pub fn new(block: &'a Block) -> Self {
        Self { block }
    }

    fn numbers(&self, number: ReadNumber) -> &'a PackedInts {
        self.block.numbers(ColumnPart::Read(number))
    }

    /// Returns the depth of a row, in thousandths, if it was measured.
    pub fn depth(&self, row: usize) -> Option<u64> {
        self.numbers(ReadNumber::Depth).get(row).checked_sub(1)
    }

    /// Adds a row to sums.
    pub fn add(&self, sums: &mut PageReading, row: usize) {
        let [seconds, depth] = [ReadNumber::Seconds, ReadNumber::Depth].map(|one| self.numbers(one).get(row));
        add_read(sums, seconds, depth);
    }

    /// Adds all rows to the sums of their codes. Whose they are is not asked, so that they are unpacked in bulk.
    fn add_all(&self, codes: &PackedInts, sums: &mut [PageReading]) {
        const BATCH: usize = 512;
        let (mut seconds, mut depths) = ([0; BATCH], [0; BATCH]);
        codes.each_batch(0..codes.len(), |first, codes| {
            for (start, codes) in (first..).step_by(BATCH).zip(codes.chunks(BATCH)) {
                self.numbers(ReadNumber::Seconds).read(start, &mut seconds[..codes.len()]);
                self.numbers(ReadNumber::Depth).read(start, &mut depths[..codes.len()]);
                for ((code, seconds), depth) in codes.iter().zip(seconds).zip(depths) {
                    add_read(&mut sums[place(*code)], seconds, depth);
                }
            }
        });
    }

    /// Returns the sums by page.
    pub fn by_page(&self, rows: &Selection) -> HashMap<DictKey, PageReading> {
        let (keys, codes) = (&self.block.dictionary(READS).keys, self.block.codes(READS));
        let mut sums = vec![PageReading::default(); keys.len()];
        if rows.is_unfiltered() && rows.range == (0..self.block.visits()) {
            self.add_all(codes, &mut sums);
        } else {
            self.block.each_in(Repeated::Reads, rows, |_, row| self.add(&mut sums[codes.place(row)], row));
        }
        keys.all().zip(sums).filter(|(_, sums)| sums.visits > 0).collect()
    }
}

/// Adds the seconds of a row, and its depth plus 1; 0 if that was not measured.
fn add_read(sums: &mut PageReading, seconds: u64, depth: u64) {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sums.visits += 1;
    sums.seconds += number(seconds);
    if depth > 0 {
        sums.measured += 1;
        sums.depth += number(depth - 1);
    }
}

/// An accumulator of the clicks and the reading of pages.
#[derive(Debug, Default)]
pub struct PageUses {
    /// The numbers by page.
    pub found: HashMap<DictKey, HeatmapSummary>,
}

impl Accumulator for PageUses {
    fn needs(&self, projection: &mut Projection) {
        projection.offsets([Repeated::Clicks]);
        projection.parts.extend([ColumnPart::Dictionary(CLICKS), ColumnPart::Codes(CLICKS)]);
        projection.parts.push(ColumnPart::Click(ClickNumber::Window));
        ReadingReader::needs(projection);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let (keys, codes) = (&block.dictionary(CLICKS).keys, block.codes(CLICKS));
        let windows = block.numbers(ColumnPart::Click(ClickNumber::Window));
        let mut clicked = vec![(ClickCounts::default(), 0_i64, usize::MAX); keys.len()];
        block.each_in(Repeated::Clicks, rows, |visit, row| {
            let (counts, visits, last) = &mut clicked[codes.place(row)];
            counts.add(&click_counts(ClickWindow::unpack(windows.get(row))));
            *visits += i64::from(*last != visit);
            *last = visit;
        });
        for (page, (counts, visits, _)) in keys.all().zip(clicked).filter(|(_, (_, visits, _))| *visits > 0) {
            let found = self.found.entry(page).or_default();
            found.clicks.add(&counts);
            found.visits += visits;
        }
        for (page, reading) in ReadingReader::new(block).by_page(rows) {
            self.found.entry(page).or_default().reading.add(&reading);
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        for (page, more) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.found) {
            let found = self.found.entry(page).or_default();
            found.clicks.add(&more.clicks);
            found.visits += more.visits;
            found.reading.add(&more.reading);
        }
    }
}
