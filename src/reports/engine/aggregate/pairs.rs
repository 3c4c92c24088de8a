//! Counts of visits for each pair of items of two dimensions. Only the items shown are counted, so that memory is
//! bounded by the table.

use super::accumulator::{Accumulator, counted};
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::{self, ColumnId, DictKey};
use crate::reports::dimension::{GroupKey, bucket_of_actions, bucket_of_seconds};
use foldhash::HashMap;
use std::sync::Arc;

/// A dimension of a cross-tabulation: the items that are counted, each with a number.
#[derive(Clone, Debug)]
pub enum Axis {
    /// Items in groups; the number is that of the group.
    Groups(GroupKey, Arc<HashMap<DictKey, u32>>),
    /// All items; the number is the dictionary code in a block.
    Each(GroupKey),
}

impl Axis {
    /// Creates a side from groups of keys, which are numbered from 0.
    pub fn of_groups<'g>(by: GroupKey, groups: impl IntoIterator<Item = &'g [DictKey]>) -> Self {
        let group_of = (0..).zip(groups).flat_map(|(group, keys)| keys.iter().map(move |key| (*key, group)));
        Self::Groups(by, Arc::new(group_of.collect()))
    }

    /// Returns the grouping of the dimension.
    pub fn by(&self) -> GroupKey {
        match self {
            Self::Groups(by, _) | Self::Each(by) => *by,
        }
    }

    fn number(&self, key: DictKey, place: usize) -> Option<u32> {
        match self {
            Self::Groups(_, group_of) => group_of.get(&key).copied(),
            Self::Each(_) => u32::try_from(place).ok(),
        }
    }

    /// Returns the key for a number in a block: the group's number, or the item's key.
    pub fn key(&self, block: &Block, number: u32) -> DictKey {
        match (self, ColumnId::from(self.by())) {
            (Self::Groups(..), _) | (_, ColumnId::ActionCount | ColumnId::TimeOnSite) => {
                DictKey::from(number)
            }
            (Self::Each(_), column) => block.dictionary(column).keys.get(number as usize),
        }
    }

    /// Lists the selected visits with the number of each of their items, in the order of visits, each pair once.
    pub fn found(&self, block: &Block, rows: &Selection) -> Vec<(usize, u32)> {
        let column = ColumnId::from(self.by());
        let keys = block.dictionary(column).keys.all().enumerate();
        let numbers: Vec<Option<u32>> = keys.map(|(place, key)| self.number(key, place)).collect();
        let codes = block.codes(column);
        let mut found = Vec::new();
        let mut push = |visit: usize, number: Option<u32>| found.extend(number.map(|number| (visit, number)));
        let step = |part: columns::ColumnPart, bucket: fn(u32) -> u32, row: usize| {
            let value = u32::try_from(block.numbers(part).get(row)).unwrap_or(u32::MAX);
            let place = bucket(value);
            self.number(DictKey::from(place), place as usize)
        };
        match column {
            ColumnId::ActionCount => {
                rows.each(|row| push(row, step(columns::ColumnPart::ACTIONS, bucket_of_actions, row)));
            }
            ColumnId::TimeOnSite => {
                rows.each(|row| push(row, step(columns::ColumnPart::SECONDS, bucket_of_seconds, row)));
            }
            ColumnId::Property(_) => rows.each(|row| push(row, numbers[codes.place(row)])),
            ColumnId::Repeated(bag) => {
                block.each_in(bag, rows, |visit, row| push(visit, numbers[codes.place(row)]));
                found.sort_unstable();
                found.dedup();
            }
            ColumnId::Visit => {}
        }
        found
    }
}

/// Calls `count` once for each visit and pair of its items.
pub fn each_pair(
    first: &Axis,
    second: &Axis,
    block: &Block,
    rows: &Selection,
    mut count: impl FnMut(u32, u32),
) {
    let (firsts, seconds) = (first.found(block, rows), second.found(block, rows));
    let mut rest = seconds.as_slice();
    for of_visit in firsts.chunk_by(|one, next| one.0 == next.0) {
        let visit = of_visit[0].0;
        rest = &rest[rest.partition_point(|(other, _)| *other < visit)..];
        let beside = rest.iter().take_while(|(other, _)| *other == visit);
        for (_, column) in beside {
            for (_, row) in of_visit {
                count(*row, *column);
            }
        }
    }
}

/// An accumulator of visits by pairs of items of two dimensions; a visit counts once for each pair that it has.
#[derive(Debug)]
pub struct PairCounts {
    first: Axis,
    second: Axis,
    columns: usize,
    /// The visits of each pair, row by row: one row for each group of the first dimension.
    pub visits: Vec<i64>,
}

impl PairCounts {
    /// Counts pairs of these groups of keys.
    pub fn new(first: GroupKey, rows: &[Vec<DictKey>], second: GroupKey, columns: &[Vec<DictKey>]) -> Self {
        let side = |by, groups: &[Vec<DictKey>]| Axis::of_groups(by, groups.iter().map(Vec::as_slice));
        let visits = vec![0; rows.len() * columns.len()];
        Self { first: side(first, rows), second: side(second, columns), columns: columns.len(), visits }
    }
}

impl Accumulator for PairCounts {
    fn needs(&self, projection: &mut Projection) {
        projection.rows_by(self.first.by());
        projection.rows_by(self.second.by());
    }

    fn split(&self) -> Box<dyn Accumulator> {
        let (first, second) = (self.first.clone(), self.second.clone());
        Box::new(Self { first, second, columns: self.columns, visits: vec![0; self.visits.len()] })
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let theirs = counted::<Self>(fork).into_iter().flat_map(|fork| fork.visits);
        self.visits.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let Self { first, second, columns, visits } = self;
        each_pair(first, second, block, rows, |row, column| {
            visits[row as usize * *columns + column as usize] += 1;
        });
    }
}
