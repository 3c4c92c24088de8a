//! The pages that visits viewed before and after the middle of a journey, in the order of time.

use crate::ingest::hit::ActionKind;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::PackedInts;
use crate::reports::columns::{ColumnId, ColumnPart, DictKey, Repeated};
use crate::reports::dimension::GroupKey;
use crate::reports::engine::predicate::Matcher;
use crate::reports::results::journey::JOURNEY_STEPS;

/// The column of page views.
const VIEWS: Repeated = Repeated::Actions(ActionKind::PageView);
/// The grouping of page views by their page.
pub const BY_PAGE: GroupKey = GroupKey::Actions(ActionKind::PageView);

/// The middle of journeys, by its keys.
#[derive(Clone, Debug)]
pub struct PathMiddle {
    /// The grouping whose values are compared: pages, events or goals.
    pub by: GroupKey,
    /// The values.
    pub matcher: Matcher,
}

/// The pages on one side of the middle, the nearest first, as dictionary codes. A page that is viewed several times in a row
/// counts once.
#[derive(Clone, Copy, Debug, Default)]
pub struct PathSide {
    codes: [usize; JOURNEY_STEPS],
    length: usize,
}

impl PathSide {
    fn new(codes: impl Iterator<Item = usize>, middle: Option<usize>) -> Self {
        let (mut side, mut last) = (Self::default(), middle);
        for code in codes {
            if last == Some(code) {
                continue;
            }
            side.codes[side.length] = code;
            (side.length, last) = (side.length + 1, Some(code));
            if side.length == JOURNEY_STEPS {
                break;
            }
        }
        side
    }

    /// Returns the codes of the pages.
    pub fn codes(&self) -> &[usize] {
        &self.codes[..self.length]
    }

    /// Returns true if the visit has no further page on this side of those that are counted.
    pub fn is_whole(&self) -> bool {
        self.length < JOURNEY_STEPS
    }
}

/// A page view: its time in milliseconds since the visit began, and the code of its page.
type View = (u64, usize);

impl PathMiddle {
    fn column(&self) -> ColumnId {
        self.by.into()
    }

    /// Adds the parts from which paths are read.
    pub fn needs(&self, projection: &mut Projection) {
        projection.rows_by(BY_PAGE);
        projection.parts.push(ColumnPart::Time(VIEWS));
        if let ColumnId::Repeated(bag) = self.column() {
            projection.rows_by(self.by);
            projection.parts.push(ColumnPart::Time(bag));
        }
    }

    /// Calls `visit` with each selected visit that has the middle, and its pages before and after its first occurrence.
    pub fn each(&self, block: &Block, rows: &Selection, mut visit: impl FnMut(usize, PathSide, PathSide)) {
        let column = self.column();
        let keys = block.dictionary(column).keys.all();
        let matched: Vec<bool> = keys.map(|key: DictKey| self.matcher.has(key)).collect();
        if self.by == BY_PAGE {
            return each_visit(block, rows, |row, views| {
                let Some(middle) = views.iter().position(|(_, code)| matched[*code]) else { return };
                let before = views[..middle].iter().rev().map(|(_, code)| *code);
                let after = views[middle + 1..].iter().map(|(_, code)| *code);
                let code = Some(views[middle].1);
                visit(row, PathSide::new(before, code), PathSide::new(after, code));
            });
        }
        let ColumnId::Repeated(bag) = column else { return };
        let moments = moments(block, bag, &matched, rows);
        let mut next = moments.iter().peekable();
        let none = PathSide::default();
        each_visit(block, rows, |row, views| {
            while let Some((alone, _)) = next.next_if(|(other, _)| *other < row) {
                visit(*alone, none, none);
            }
            let Some((_, at)) = next.next_if(|(other, _)| *other == row) else { return };
            let middle = views.partition_point(|(time, _)| time <= at);
            let before = views[..middle].iter().rev().map(|(_, code)| *code);
            let after = views[middle..].iter().map(|(_, code)| *code);
            visit(row, PathSide::new(before, None), PathSide::new(after, None));
        });
        next.for_each(|(alone, _)| visit(*alone, none, none));
    }
}

/// Returns the first moment of each selected visit with a matching row of a column, in ascending order of visits.
fn moments(block: &Block, bag: Repeated, matched: &[bool], rows: &Selection) -> Vec<(usize, u64)> {
    let (codes, times) = (block.codes(ColumnId::Repeated(bag)), block.numbers(ColumnPart::Time(bag)));
    let mut moments: Vec<(usize, u64)> = Vec::new();
    block.each_in(bag, rows, |visit, row| {
        if !matched[codes.place(row)] {
            return;
        }
        let at = times.get(row);
        match moments.last_mut() {
            Some((last, first)) if *last == visit => *first = at.min(*first),
            _ => moments.push((visit, at)),
        }
    });
    moments
}

/// Calls `visit` with each selected visit that has page views, in ascending order, and these in the order of time.
fn each_visit(block: &Block, rows: &Selection, mut visit: impl FnMut(usize, &[View])) {
    let codes: &PackedInts = block.codes(ColumnId::Repeated(VIEWS));
    let times = block.numbers(ColumnPart::Time(VIEWS));
    let (mut views, mut current): (Vec<View>, usize) = (Vec::new(), usize::MAX);
    let mut flush = |row: usize, views: &mut Vec<View>| {
        if !views.is_sorted_by_key(|(time, _)| *time) {
            views.sort_by_key(|(time, _)| *time);
        }
        if !views.is_empty() {
            visit(row, views);
        }
        views.clear();
    };
    block.each_in(VIEWS, rows, |row, place| {
        if row != current {
            flush(current, &mut views);
            current = row;
        }
        views.push((times.get(place), codes.place(place)));
    });
    flush(current, &mut views);
}
