//! Counts of visits for each pair of items of two dimensions. Only the items shown are counted, so that memory is
//! bounded by the table.

use super::{Question, counted};
use crate::reports::columns::stretch::{Rows, Stretch, Wants};
use crate::reports::columns::{self, Key, Of};
use crate::reports::dimension::{By, bucket_of_actions, bucket_of_seconds};
use foldhash::HashMap;
use std::sync::Arc;

/// A dimension of a cross-tabulation: the items that are counted, each with a number.
#[derive(Clone, Debug)]
pub enum Side {
    /// Items in groups; the number is that of the group.
    Groups(By, Arc<HashMap<Key, u32>>),
    /// All items; the number is the dictionary code in a block.
    Each(By),
}

impl Side {
    /// Creates a side from groups of keys, which are numbered from 0.
    pub fn of_groups<'g>(by: By, groups: impl IntoIterator<Item = &'g [Key]>) -> Self {
        let group_of = (0..).zip(groups).flat_map(|(group, keys)| keys.iter().map(move |key| (*key, group)));
        Self::Groups(by, Arc::new(group_of.collect()))
    }

    /// Returns the grouping of the dimension.
    pub fn by(&self) -> By {
        match self {
            Self::Groups(by, _) | Self::Each(by) => *by,
        }
    }

    fn number(&self, key: Key, place: usize) -> Option<u32> {
        match self {
            Self::Groups(_, group_of) => group_of.get(&key).copied(),
            Self::Each(_) => u32::try_from(place).ok(),
        }
    }

    /// Returns the key for a number in a block: the group's number, or the item's key.
    pub fn key(&self, stretch: &Stretch, number: u32) -> Key {
        match (self, Of::from(self.by())) {
            (Self::Groups(..), _) | (_, Of::ActionCount | Of::TimeOnSite) => Key::from(number),
            (Self::Each(_), of) => stretch.head(of).keys.get(number as usize),
        }
    }

    /// Lists the selected visits with the number of each of their items, in the order of visits, each pair once.
    fn found(&self, stretch: &Stretch, rows: &Rows) -> Vec<(usize, u32)> {
        let of = Of::from(self.by());
        let keys = stretch.head(of).keys.all().enumerate();
        let numbers: Vec<Option<u32>> = keys.map(|(place, key)| self.number(key, place)).collect();
        let codes = stretch.codes(of);
        let mut found = Vec::new();
        let mut see = |visit: usize, number: Option<u32>| found.extend(number.map(|number| (visit, number)));
        let step = |part: columns::Part, bucket: fn(u32) -> u32, row: usize| {
            let value = u32::try_from(stretch.numbers(part).get(row)).unwrap_or(u32::MAX);
            let place = bucket(value);
            self.number(Key::from(place), place as usize)
        };
        match of {
            Of::ActionCount => {
                rows.each(|row| see(row, step(columns::Part::Actions, bucket_of_actions, row)));
            }
            Of::TimeOnSite => rows.each(|row| see(row, step(columns::Part::Seconds, bucket_of_seconds, row))),
            Of::Property(_) => rows.each(|row| see(row, numbers[codes.place(row)])),
            Of::Bag(bag) => {
                stretch.each_in(bag, rows, |visit, row| see(visit, numbers[codes.place(row)]));
                found.sort_unstable();
                found.dedup();
            }
            Of::Visit => {}
        }
        found
    }
}

/// Calls `see` once for each visit and pair of its items.
pub fn each_pair(first: &Side, second: &Side, stretch: &Stretch, rows: &Rows, mut see: impl FnMut(u32, u32)) {
    let (firsts, seconds) = (first.found(stretch, rows), second.found(stretch, rows));
    let mut rest = seconds.as_slice();
    for of_visit in firsts.chunk_by(|one, next| one.0 == next.0) {
        let visit = of_visit[0].0;
        rest = &rest[rest.partition_point(|(other, _)| *other < visit)..];
        let beside = rest.iter().take_while(|(other, _)| *other == visit);
        for (_, column) in beside {
            for (_, row) in of_visit {
                see(*row, *column);
            }
        }
    }
}

/// An accumulator of visits by pairs of items of two dimensions; a visit counts once for each pair that it has.
#[derive(Debug)]
pub struct Pairs {
    first: Side,
    second: Side,
    columns: usize,
    /// The visits of each pair, row by row: one row for each group of the first dimension.
    pub visits: Vec<i64>,
}

impl Pairs {
    /// Counts pairs of these groups of keys.
    pub fn of((first, rows): (By, &[Vec<Key>]), (second, columns): (By, &[Vec<Key>])) -> Self {
        let side = |by, groups: &[Vec<Key>]| Side::of_groups(by, groups.iter().map(Vec::as_slice));
        let visits = vec![0; rows.len() * columns.len()];
        Self { first: side(first, rows), second: side(second, columns), columns: columns.len(), visits }
    }
}

impl Question for Pairs {
    fn needs(&self, wants: &mut Wants) {
        wants.rows_by(self.first.by());
        wants.rows_by(self.second.by());
    }

    fn fork(&self) -> Box<dyn Question> {
        let (first, second) = (self.first.clone(), self.second.clone());
        Box::new(Self { first, second, columns: self.columns, visits: vec![0; self.visits.len()] })
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        let theirs = counted::<Self>(fork).into_iter().flat_map(|fork| fork.visits);
        self.visits.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let Self { first, second, columns, visits } = self;
        each_pair(first, second, stretch, rows, |row, column| {
            visits[row as usize * *columns + column as usize] += 1;
        });
    }
}
