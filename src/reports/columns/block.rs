//! A block of columns for some days of a site, which queries read. It holds the parts that a query needs and no others;
//! [`Selection`] selects the visits that count.

pub use super::column_data::{ColumnData, DayMetrics, Dictionary, Ids, KeyMetrics, Offsets};
pub use super::goal_in_view::{ConversionReader, GoalInView};
pub use super::metrics_reader::MetricsReader;
pub use super::projection::{MetricSet, Projection};
pub use super::selection::Selection;

use super::bits::RowMask;
use super::metrics_reader::is_of_conversions;
use super::packed_ints::{PackedInts, of_any_width, place};
use super::{AMOUNTS, ColumnId, ColumnPart, DictKey, NUMBERS, Repeated, flags};
use crate::model::clock::Day;
use crate::model::metrics::Metrics;
use crate::store::visit_attribute::VisitAttribute;
use std::ops::Range;
use std::sync::Arc;

/// A block: the columns of some days of a site, as far as a query needs them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The days that have visits, in order.
    pub days: Arc<Vec<DayMetrics>>,
    /// The metrics by the local hour in which visits began, over all days; in blocks of growing days only, not in
    /// stored ones.
    pub by_hour: Option<Arc<[Metrics; 24]>>,
    /// The data of the parts, indexed by [`ColumnPart::number`].
    pub parts: Vec<Option<Arc<ColumnData>>>,
}

/// The divisor of the rows in a range: below that fraction of rows still selected, each is tested by itself.
const HELD_FEW: usize = 8;

static NO_NUMBERS: PackedInts = PackedInts::Same(0, 0);
static NO_IDS: Ids = Ids { base: 0, began: PackedInts::Same(0, 0), counters: PackedInts::Same(0, 0) };
static NO_HEAD: Dictionary =
    Dictionary { keys: PackedInts::Same(0, 0), beside: PackedInts::Same(0, 0), sums: None };

impl Block {
    /// Creates a block of days without any part.
    pub fn new(days: Arc<Vec<DayMetrics>>) -> Self {
        Self { days, by_hour: None, parts: vec![None; ColumnPart::COUNT] }
    }

    /// Adds a part.
    pub fn put(&mut self, part: ColumnPart, column: Arc<ColumnData>) {
        self.parts[part.number()] = Some(column);
    }

    /// Returns true if the block has a part.
    pub fn has(&self, part: ColumnPart) -> bool {
        self.parts[part.number()].is_some()
    }

    /// Returns the number of visits.
    pub fn visits(&self) -> usize {
        self.days.iter().map(DayMetrics::visits).sum()
    }

    /// Returns the approximate memory, in bytes.
    pub fn bytes(&self) -> usize {
        let columns = self.parts.iter().flatten().map(|column| column.bytes());
        size_of::<Self>()
            + self.parts.len() * 8
            + self.days.len() * size_of::<DayMetrics>()
            + columns.sum::<usize>()
    }

    pub(super) fn column(&self, part: ColumnPart) -> Option<&ColumnData> {
        self.parts[part.number()].as_deref()
    }

    /// Returns the ids of the visits.
    pub fn ids(&self) -> &Ids {
        match self.column(ColumnPart::Ids) {
            Some(ColumnData::Ids(ids)) => ids,
            _ => &NO_IDS,
        }
    }

    /// Returns the numbers of a part, one for each visit or row; empty when the block lacks it.
    pub fn numbers(&self, part: ColumnPart) -> &PackedInts {
        match self.column(part) {
            Some(ColumnData::Numbers(numbers)) => numbers,
            _ => &NO_NUMBERS,
        }
    }

    /// Returns the dictionary of a column; empty when the block lacks it.
    pub fn dictionary(&self, column: ColumnId) -> &Dictionary {
        match self.column(ColumnPart::Dictionary(column)) {
            Some(ColumnData::Dictionary(head)) => head,
            _ => &NO_HEAD,
        }
    }

    /// Returns the dictionary code of each visit, or of each row of a repeated column.
    pub fn codes(&self, column: ColumnId) -> &PackedInts {
        self.numbers(ColumnPart::Codes(column))
    }

    /// Returns the rows of the visits that began between two days, inclusive.
    pub fn rows_of(&self, first: Day, last: Day) -> Range<usize> {
        let before: usize =
            self.days.iter().take_while(|sums| sums.day < first).map(DayMetrics::visits).sum();
        let within = self.days.iter().filter(|sums| (first..=last).contains(&sums.day));
        before..before + within.map(DayMetrics::visits).sum::<usize>()
    }

    /// Iterates over the days, each with the range of its rows.
    pub fn each_day(&self) -> impl Iterator<Item = (&DayMetrics, Range<usize>)> {
        let mut end = 0;
        self.days.iter().map(move |sums| {
            let start = end;
            end += sums.visits();
            (sums, start..end)
        })
    }

    /// Returns a reader of the metrics of selected visits.
    pub fn scale<'a>(&'a self, rows: &'a Selection) -> MetricsReader<'a> {
        MetricsReader {
            flags: self.numbers(ColumnPart::Flags),
            counted: if rows.goal.is_some() { !u64::from(flags::CONVERTED) } else { u64::MAX },
            numbers: NUMBERS.map(|measure| {
                let numbers = self.numbers(ColumnPart::Number(measure));
                let is_zero = matches!(numbers, PackedInts::Same(0, _));
                let counts = rows.goal.is_none() || !is_of_conversions(measure);
                (counts && !is_zero).then_some(numbers)
            }),
            goal: rows.goal.as_ref(),
            firsts: rows.firsts.as_deref().map(|firsts| (rows.range.start, firsts)),
        }
    }

    /// Returns true if the block has no value of a part: nothing of it is stored.
    pub fn is_without(&self, part: ColumnPart) -> bool {
        match part {
            ColumnPart::Number(measure) if is_of_conversions(measure) => {
                self.days.iter().all(|day| day.metrics[measure] == 0)
            }
            ColumnPart::Dictionary(ColumnId::Repeated(bag))
            | ColumnPart::Codes(ColumnId::Repeated(bag))
            | ColumnPart::Offsets(bag)
            | ColumnPart::Time(bag) => self.has_no_rows(bag),
            ColumnPart::Amount(_) => self.has_no_rows(Repeated::Goals),
            ColumnPart::Vital(_) => self.has_no_rows(Repeated::Vitals),
            ColumnPart::Click(_) => self.has_no_rows(Repeated::Clicks),
            ColumnPart::Read(_) => self.has_no_rows(Repeated::Reads),
            _ => false,
        }
    }

    fn has_no_rows(&self, bag: Repeated) -> bool {
        self.days.iter().all(|day| day.rows[bag.number()] == 0)
    }

    fn amounts(&self) -> [&PackedInts; AMOUNTS.len()] {
        AMOUNTS.map(|measure| self.numbers(ColumnPart::Amount(measure)))
    }

    /// Returns the code of a goal, if any visit reached it.
    fn code_of_goal(&self, goal: DictKey) -> Option<usize> {
        self.dictionary(GOALS).keys.all().position(|key| key == goal)
    }

    /// Returns a reader of conversions, each for its own goal.
    pub fn conversions(&self, rows: &Selection) -> ConversionReader<'_> {
        let only = rows.goal.as_ref().map(|goal| self.code_of_goal(goal.key).unwrap_or(usize::MAX));
        ConversionReader { amounts: self.amounts(), only }
    }

    /// Returns the conversions of a goal in a range of rows, which must begin a day.
    pub fn goal_in_view(&self, goal: DictKey, range: &Range<usize>) -> GoalInView {
        let mut view = GoalInView::new(goal, range);
        if let Some(code) = self.code_of_goal(goal) {
            let (codes, amounts) = (self.codes(GOALS), self.amounts());
            self.each_in(Repeated::Goals, &Selection::all(range.clone()), |visit, row| {
                if codes.place(row) == code {
                    view.push(visit, amounts, row);
                }
            });
        }
        view
    }

    /// Flags the rows of a range that are their visitor's first of the day among those for which `holds` is set.
    pub fn firsts(&self, range: &Range<usize>, holds: &[bool]) -> Vec<bool> {
        let visitors = ColumnId::Property(VisitAttribute::Visitor);
        let codes = self.codes(visitors);
        // The number of the last day with a visit, for each visitor.
        let mut last_day = vec![0_usize; self.dictionary(visitors).keys.len()];
        let mut firsts = vec![false; holds.len()];
        for (day, (_, rows)) in (1..).zip(self.each_day()) {
            for row in rows.start.max(range.start)..rows.end.min(range.end) {
                let at = row - range.start;
                firsts[at] = holds[at] && std::mem::replace(&mut last_day[codes.place(row)], day) != day;
            }
        }
        firsts
    }

    /// Calls `visit` with the visit and the row number of each repeated row of the selected visits.
    pub fn each_in(&self, bag: Repeated, rows: &Selection, mut visit: impl FnMut(usize, usize)) {
        match self.column(ColumnPart::Offsets(bag)) {
            Some(ColumnData::Offsets(Offsets::Listed(owners))) => {
                let first = owners.first_from(rows.range.start);
                for place in first..owners.len() {
                    let owner = owners.place(place);
                    if owner >= rows.range.end {
                        break;
                    }
                    if rows.has(owner) {
                        visit(owner, place);
                    }
                }
            }
            Some(ColumnData::Offsets(Offsets::Counted(counts))) => {
                let mut start = self.rows_before(bag, rows.range.start);
                counts.each_batch(rows.range.clone(), |first, counts| {
                    for (owner, count) in (first..).zip(counts) {
                        let end = start + place(*count);
                        if rows.has(owner) {
                            (start..end).for_each(|row| visit(owner, row));
                        }
                        start = end;
                    }
                });
            }
            _ => {}
        }
    }

    /// Calls `visit` with selected visits, in order, and their number of rows in a repeated column; a visit's rows may
    /// come in several calls.
    pub fn each_count(&self, bag: Repeated, rows: &Selection, mut visit: impl FnMut(usize, usize)) {
        match self.column(ColumnPart::Offsets(bag)) {
            Some(ColumnData::Offsets(Offsets::Counted(counts))) => {
                of_any_width!(counts, |at| rows.each(|row| visit(row, place(at(row)))));
            }
            _ => self.each_in(bag, rows, |owner, _| visit(owner, 1)),
        }
    }

    /// Clears the flags of visits in a range that have no repeated row whose code is set in `matched`, or those that have
    /// one when `is_required` is false.
    pub fn narrow_by(
        &self,
        bag: Repeated,
        holds: &mut [bool],
        range: &Range<usize>,
        is_required: bool,
        matched: &[bool],
    ) {
        let codes = self.codes(ColumnId::Repeated(bag));
        let is_matched = |row: usize| matched[codes.place(row)];
        let Some(ColumnData::Offsets(Offsets::Counted(counts))) = self.column(ColumnPart::Offsets(bag))
        else {
            let mut has_one = vec![false; range.len()];
            self.each_in(bag, &Selection::all(range.clone()), |owner, row| {
                has_one[owner - range.start] |= is_matched(row);
            });
            holds.iter_mut().zip(has_one).for_each(|(holds, has_one)| *holds &= has_one == is_required);
            return;
        };
        let rows = self.rows_before(bag, range.start)..self.rows_before(bag, range.end);
        let held = holds.iter().filter(|holds| **holds).count();
        if held >= holds.len() / HELD_FEW {
            // When most visits are still selected, marking all rows in a bitmap is faster than a branch for each.
            let matched = RowMask::from_codes(codes, rows, matched);
            let mut start = 0;
            counts.each_batch(range.clone(), |first, counts| {
                for (holds, count) in holds[first - range.start..].iter_mut().zip(counts) {
                    let end = start + place(*count);
                    *holds &= matched.has_one(start..end) == is_required;
                    start = end;
                }
            });
            return;
        }
        let mut start = rows.start;
        counts.each_batch(range.clone(), |first, counts| {
            for (holds, count) in holds[first - range.start..].iter_mut().zip(counts) {
                let end = start + place(*count);
                if *holds {
                    *holds = (start..end).any(is_matched) == is_required;
                }
                start = end;
            }
        });
    }

    /// Returns the number of repeated rows on the days before a row, which must begin a day.
    pub(super) fn rows_before(&self, bag: Repeated, row: usize) -> usize {
        let before = self.each_day().take_while(|(_, rows)| rows.end <= row);
        before.map(|(sums, _)| sums.rows[bag.number()]).sum()
    }

    /// Returns the subtitle key of the key with a code.
    pub fn subtitle(&self, column: ColumnId, place: usize) -> Option<DictKey> {
        let beside = &self.dictionary(column).beside;
        (place < beside.len()).then(|| beside.get(place)).filter(|beside| *beside != 0)
    }
}

/// The column of goals.
const GOALS: ColumnId = ColumnId::Repeated(Repeated::Goals);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metrics::Measure;
    use proptest::prelude::*;

    /// Generates, for each visit, its number of rows and true if it is selected.
    fn visits() -> impl Strategy<Value = Vec<(u64, bool)>> {
        prop::collection::vec((0_u64..5, any::<bool>()), 1..1_200)
    }

    /// Builds a block of days with up to 500 visits each, with one repeated column.
    fn block(counts: &[u64], owners: Offsets) -> Block {
        let days = counts.chunks(500).zip(1..).map(|(counts, day)| {
            let visits = i64::try_from(counts.len()).unwrap();
            let mut rows = [0; super::super::REPEATED_COLUMNS];
            rows[Repeated::Custom.number()] = usize::try_from(counts.iter().sum::<u64>()).unwrap();
            DayMetrics { day: Day(day), metrics: Metrics::new([(Measure::Visits, visits)]), rows }
        });
        let mut block = Block::new(Arc::new(days.collect()));
        block.put(ColumnPart::Offsets(Repeated::Custom), Arc::new(ColumnData::Offsets(owners)));
        block
    }

    fn counted(counts: &[u64]) -> Block {
        block(counts, Offsets::Counted(PackedInts::pack(counts)))
    }

    fn listed(counts: &[u64]) -> Block {
        let owners = (0_u64..).zip(counts).flat_map(|(visit, count)| (0..*count).map(move |_| visit));
        block(counts, Offsets::Listed(PackedInts::pack(&owners.collect::<Vec<_>>())))
    }

    /// Selects the visits, without those of the first day if there are several days.
    fn rows(block: &Block, visits: &[(u64, bool)]) -> Selection {
        let range = if block.days.len() > 1 { 500..visits.len() } else { 0..visits.len() };
        Selection::picked(range.clone(), visits[range].iter().map(|(_, holds)| *holds).collect())
    }

    proptest! {
        #[test]
        fn visits_have_the_same_rows_however_their_owners_are_told(visits in visits()) {
            let counts: Vec<u64> = visits.iter().map(|(count, _)| *count).collect();
            for block in [counted(&counts), listed(&counts)] {
                let rows = rows(&block, &visits);
                let (mut expected, mut sums, mut end) = (Vec::new(), Vec::new(), 0);
                for (visit, (count, holds)) in visits.iter().enumerate() {
                    let start = end;
                    end += place(*count);
                    if *holds && rows.range.contains(&visit) {
                        expected.extend((start..end).map(|row| (visit, row)));
                        sums.push((visit, end - start));
                    }
                }
                let mut seen = Vec::new();
                block.each_in(Repeated::Custom, &rows, |visit, row| seen.push((visit, row)));
                prop_assert_eq!(seen, expected);
                let mut counted: Vec<(usize, usize)> = Vec::new();
                block.each_count(Repeated::Custom, &rows, |visit, count| match counted.last_mut() {
                    Some((last, sum)) if *last == visit => *sum += count,
                    _ => counted.push((visit, count)),
                });
                sums.retain(|(_, count)| *count > 0);
                counted.retain(|(_, count)| *count > 0);
                prop_assert_eq!(counted, sums);
            }
        }

        #[test]
        fn visits_are_narrowed_by_their_rows_however_these_are_told(
            visits in visits(), is_required in any::<bool>(), step in 1_usize..20, matched in any::<[bool; 16]>(),
        ) {
            // Covers both many and few visits that are still selected.
            let visits: Vec<_> =
                visits.into_iter().enumerate().map(|(at, (count, holds))| (count, holds && at % step == 0)).collect();
            let counts: Vec<u64> = visits.iter().map(|(count, _)| *count).collect();
            let codes: Vec<u64> = (0..counts.iter().sum()).map(|row| (row * 7 + row / 3) % 16).collect();
            let is_matched = |row: usize| matched[place(codes[row])];
            for mut block in [counted(&counts), listed(&counts)] {
                let part = ColumnPart::Codes(ColumnId::Repeated(Repeated::Custom));
                block.put(part, Arc::new(ColumnData::Numbers(PackedInts::pack(&codes))));
                let range = rows(&block, &visits).range;
                let mut holds: Vec<bool> = visits[range.clone()].iter().map(|(_, holds)| *holds).collect();
                block.narrow_by(Repeated::Custom, &mut holds, &range, is_required, &matched);
                let mut end = 0;
                for (visit, (count, held)) in visits.iter().enumerate() {
                    let start = end;
                    end += place(*count);
                    if range.contains(&visit) {
                        let has_one = (start..end).any(is_matched);
                        prop_assert_eq!(holds[visit - range.start], *held && has_one == is_required);
                    }
                }
            }
        }

        #[test]
        fn visits_add_up_column_by_column_as_one_by_one(
            visits in prop::collection::vec((0_u64..8, 0_u64..40, 0_u64..4_000, any::<bool>(), any::<bool>()), 1..600),
            are_some_missing in any::<bool>(),
        ) {
            let mut block = Block::new(Arc::default());
            let column = |pick: fn(&(u64, u64, u64, bool, bool)) -> u64| {
                let values: Vec<u64> = visits.iter().map(pick).collect();
                Arc::new(ColumnData::Numbers(PackedInts::pack(&values)))
            };
            block.put(ColumnPart::Flags, column(|visit| visit.0));
            block.put(ColumnPart::ACTIONS, column(|visit| visit.1));
            block.put(ColumnPart::SECONDS, column(|visit| visit.2));
            let mut rows = Selection::picked(0..visits.len(), visits.iter().map(|visit| visit.3).collect());
            if are_some_missing {
                rows = rows.with_firsts(visits.iter().map(|visit| visit.4).collect());
            }
            let mut expected = Metrics::default();
            rows.each(|row| block.scale(&rows).add(&mut expected, row));
            prop_assert_eq!(block.scale(&rows).sum(&rows), expected);
        }
    }
}
