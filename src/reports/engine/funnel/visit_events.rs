//! The events of a visit that may be steps of a funnel, in order: by their time, then actions by their kind and conversions,
//! so that a conversion comes after the action of the same moment, then as they arrived.

use super::chain::ChainEvent;
use crate::reports::columns::block::{Block, Selection};
use crate::reports::columns::packed_ints::{PackedInts, place};
use crate::reports::columns::row_starts::RowStarts;
use crate::reports::columns::step_codes::{GOAL_COLUMN, PAGE_COLUMN, STEP_COLUMNS, StepCodes, StepSet};
use crate::reports::columns::{ColumnId, ColumnPart, DictKey};
use std::ops::Range;

/// An event of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VisitEvent {
    /// The milliseconds since the visit began.
    pub at: u64,
    /// The place of its column among [`STEP_COLUMNS`].
    column: usize,
    /// The row in its column.
    row: usize,
    /// The steps that it may take.
    pub steps: StepSet,
}

impl VisitEvent {
    /// Returns the event of a chain at a time and with a number.
    pub fn in_chain(&self, at: i64, place: u32) -> ChainEvent {
        ChainEvent {
            at,
            steps: self.steps,
            is_page: self.column == PAGE_COLUMN,
            is_conversion: self.column == GOAL_COLUMN,
            place,
        }
    }
}

/// A column whose rows are read.
struct Column<'a> {
    place: usize,
    starts: RowStarts,
    /// The steps of each row, from the first row of the range on.
    steps: Vec<StepSet>,
    first_row: usize,
    times: &'a PackedInts,
}

/// A reader of the events of visits in a block.
pub struct EventReader<'a> {
    columns: Vec<Column<'a>>,
    block: &'a Block,
}

impl<'a> EventReader<'a> {
    /// Reads the events of the visits in a selection that are steps.
    pub fn new(block: &'a Block, rows: &Selection, codes: &StepCodes) -> Self {
        let columns = codes.columns().map(|place| Column::new(block, &rows.range, codes, place));
        Self { columns: columns.collect(), block }
    }

    /// Returns the steps that the events of a visit may take.
    pub fn steps(&self, visit: usize) -> StepSet {
        self.columns.iter().fold(0, |all, column| {
            column.steps(column.starts.rows(visit)).iter().fold(all, |all, steps| all | steps)
        })
    }

    /// Reads the events of a visit in order, also page views that are no steps if it is `with_pages`.
    pub fn read(&self, visit: usize, with_pages: bool, events: &mut Vec<VisitEvent>) {
        events.clear();
        for column in &self.columns {
            let is_kept = with_pages && column.place == PAGE_COLUMN;
            let rows = column.starts.rows(visit);
            for (row, steps) in rows.clone().zip(column.steps(rows)) {
                if is_kept || *steps != 0 {
                    let at = column.times.get(row);
                    events.push(VisitEvent { at, column: column.place, row, steps: *steps });
                }
            }
        }
        if !events.is_sorted() {
            events.sort_unstable();
        }
    }

    /// Returns the code of the page that a visit viewed next after one of its events; `None` if it left.
    pub fn next_page(&self, visit: usize, event: &VisitEvent) -> Option<usize> {
        let column = self.columns.iter().find(|column| column.place == PAGE_COLUMN)?;
        let after = (event.at, event.column, event.row);
        let views = column.starts.rows(visit).map(|row| (column.times.get(row), PAGE_COLUMN, row));
        let (_, _, row) = views.filter(|view| *view > after).min()?;
        Some(self.block.codes(PAGES).place(row))
    }

    /// Returns the key of a page.
    pub fn page(&self, code: usize) -> DictKey {
        self.block.dictionary(PAGES).keys.get(code)
    }
}

/// The column of page views.
const PAGES: ColumnId = ColumnId::Repeated(STEP_COLUMNS[PAGE_COLUMN]);

impl<'a> Column<'a> {
    fn new(block: &'a Block, visits: &Range<usize>, codes: &StepCodes, at: usize) -> Self {
        let bag = STEP_COLUMNS[at];
        let starts = RowStarts::new(block, bag, visits);
        let rows = starts.all();
        let mut steps = Vec::with_capacity(rows.len());
        let of_code = &codes.steps[at];
        if of_code.is_empty() {
            steps.resize(rows.len(), 0);
        } else {
            block.codes(ColumnId::Repeated(bag)).each_batch(rows.clone(), |_, codes| {
                steps.extend(codes.iter().map(|code| of_code[place(*code)]));
            });
        }
        let times = block.numbers(ColumnPart::Time(bag));
        Self { place: at, starts, steps, first_row: rows.start, times }
    }

    fn steps(&self, rows: Range<usize>) -> &[StepSet] {
        &self.steps[rows.start - self.first_row..rows.end - self.first_row]
    }
}
