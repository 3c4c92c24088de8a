//! The visits of each step of a journey: by column and page, by the source with which they began, and those that left.

use super::visit_paths::{BY_PAGE, PathMiddle, PathSide};
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::{ColumnId, DictKey};
use crate::reports::dimension::GroupKey;
use crate::reports::engine::aggregate::accumulator::{Accumulator, counted};
use crate::reports::results::journey::JOURNEY_STEPS;
use crate::store::visit_attribute::VisitAttribute;
use foldhash::HashMap;
use std::sync::Arc;

/// The grouping of visits by their source.
const BY_SOURCE: GroupKey = GroupKey::Property(VisitAttribute::Channel);
/// The columns of a journey.
pub const COLUMNS: usize = 2 * JOURNEY_STEPS + 1;

/// The visits of a column.
#[derive(Clone, Debug, Default)]
pub struct ColumnCounts {
    /// The visits by the key of the page; of pages beyond the limit none.
    pub pages: HashMap<DictKey, i64>,
    /// The visits to all pages.
    pub all: i64,
    /// The visits that began with the next step, by the key of their source; after the middle those that left, by 0.
    pub ends: HashMap<DictKey, i64>,
}

/// The paths around the middle, with the columns in which their pages and ends lie.
#[derive(Clone, Debug)]
pub struct JourneyScan {
    /// The middle.
    pub middle: Arc<PathMiddle>,
    /// True if sources may be told apart.
    pub shows_sources: bool,
    /// The pages of a column that are counted by themselves.
    pub pages_max: usize,
}

impl JourneyScan {
    /// Adds the parts from which the paths are read.
    pub fn needs(&self, projection: &mut Projection) {
        self.middle.needs(projection);
        if self.shows_sources {
            projection.rows_by(BY_SOURCE);
        }
    }

    /// Calls `visit` with the path of each selected visit that has the middle: before it, after it, and the key of its source.
    pub fn each(&self, block: &Block, rows: &Selection, mut visit: impl FnMut(PathSide, PathSide, DictKey)) {
        let column = ColumnId::from(BY_SOURCE);
        let (codes, keys) = (block.codes(column), &block.dictionary(column).keys);
        self.middle.each(block, rows, |row, before, after| {
            let source = if self.shows_sources { keys.get(codes.place(row)) } else { 0 };
            visit(before, after, source);
        });
    }
}

/// Returns the column of a step before the middle, 0 for the nearest.
pub fn column_before(step: usize) -> usize {
    JOURNEY_STEPS - 1 - step
}

/// Returns the column of a step after the middle, 0 for the nearest.
pub fn column_after(step: usize) -> usize {
    JOURNEY_STEPS + 1 + step
}

/// An accumulator of the visits of each step.
#[derive(Debug)]
pub struct JourneyCounts {
    scan: JourneyScan,
    /// The visits with the middle.
    pub visits: i64,
    /// The columns.
    pub columns: [ColumnCounts; COLUMNS],
}

impl JourneyCounts {
    /// Counts the steps of these paths.
    pub fn new(scan: JourneyScan) -> Self {
        Self { scan, visits: 0, columns: Default::default() }
    }
}

impl ColumnCounts {
    fn add(&mut self, page: DictKey, visits: i64, pages_max: usize) {
        self.all += visits;
        let is_full = self.pages.len() >= pages_max;
        if let Some(known) = self.pages.get_mut(&page) {
            *known += visits;
        } else if !is_full {
            self.pages.insert(page, visits);
        }
    }

    fn merge(&mut self, other: Self, pages_max: usize) {
        let counted: i64 = other.pages.values().sum();
        other.pages.into_iter().for_each(|(page, visits)| self.add(page, visits, pages_max));
        self.all += other.all - counted;
        for (end, visits) in other.ends {
            *self.ends.entry(end).or_default() += visits;
        }
    }
}

/// The visits of a column in one block, by the code of the page.
#[derive(Default)]
struct CodeCounts {
    visits: Vec<u32>,
    /// The codes that occur, so that the others are not looked at.
    found: Vec<usize>,
}

impl CodeCounts {
    fn add(&mut self, code: usize) {
        if self.visits[code] == 0 {
            self.found.push(code);
        }
        self.visits[code] += 1;
    }
}

impl Accumulator for JourneyCounts {
    fn needs(&self, projection: &mut Projection) {
        self.scan.needs(projection);
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.scan.clone()))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let Some(fork) = counted::<Self>(fork) else { return };
        self.visits += fork.visits;
        let pages_max = self.scan.pages_max;
        self.columns.iter_mut().zip(fork.columns).for_each(|(mine, theirs)| mine.merge(theirs, pages_max));
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let keys = &block.dictionary(BY_PAGE.into()).keys;
        let column = || CodeCounts { visits: vec![0; keys.len()], found: Vec::new() };
        let mut found: [CodeCounts; COLUMNS] = std::array::from_fn(|_| column());
        let Self { scan, visits, columns } = self;
        scan.each(block, rows, |before, after, source| {
            *visits += 1;
            for (step, code) in before.codes().iter().enumerate() {
                found[column_before(step)].add(*code);
            }
            for (step, code) in after.codes().iter().enumerate() {
                found[column_after(step)].add(*code);
            }
            if before.is_whole() {
                *columns[column_before(before.codes().len())].ends.entry(source).or_default() += 1;
            }
            if after.is_whole() {
                *columns[column_after(after.codes().len())].ends.entry(0).or_default() += 1;
            }
        });
        for (column, found) in columns.iter_mut().zip(found) {
            for code in found.found {
                column.add(keys.get(code), found.visits[code].into(), scan.pages_max);
            }
        }
    }
}
