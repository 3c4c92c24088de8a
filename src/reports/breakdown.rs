//! One report broken down by another: of how many visits both an item of the first and an item of the second tell. Only
//! the items that are shown are counted, so that it takes no more memory than its table.

use super::columns::stretch::{Counting, Rows, Stretch, Wants};
use super::columns::{self, Key, Of};
use super::dimension::{By, Dimension, bucket_of_actions, bucket_of_seconds};
use super::inquiry::{Compared, Inquiry};
use super::questions::{Items, Question, counted};
use super::ranking::Ranking;
use super::table::{Line, Part, Table};
use super::visits::Page;
use crate::error::Result;
use foldhash::HashMap;

/// In how many visits items of two dimensions occur together: a visit counts once for every two that it has.
#[derive(Debug)]
pub struct Pairs {
    first: Side,
    second: Side,
    /// Visits, row by row: an item of the first, and of it every item of the second.
    pub visits: Vec<i64>,
}

/// The items of one dimension that are counted.
#[derive(Clone, Debug)]
struct Side {
    by: By,
    group_of: HashMap<Key, u32>,
    groups: usize,
}

impl Side {
    fn of(by: By, groups: &[Vec<Key>]) -> Self {
        let group_of = (0..).zip(groups).flat_map(|(group, keys)| keys.iter().map(move |key| (*key, group)));
        Self { by, group_of: group_of.collect(), groups: groups.len() }
    }

    /// Every visit that counts with the items it has, in the order of visits, each once.
    fn found(&self, stretch: &Stretch, rows: &Rows) -> Vec<(usize, u32)> {
        let of = Of::from(self.by);
        let groups: Vec<Option<u32>> =
            stretch.head(of).keys.all().map(|key| self.group_of.get(&key).copied()).collect();
        let codes = stretch.codes(of);
        let mut found = Vec::new();
        let mut see = |visit: usize, group: Option<u32>| found.extend(group.map(|group| (visit, group)));
        let step = |part: columns::Part, bucket: fn(u32) -> u32, row: usize| {
            let value = u32::try_from(stretch.numbers(part).get(row)).unwrap_or(u32::MAX);
            self.group_of.get(&Key::from(bucket(value))).copied()
        };
        match of {
            Of::ActionCount => {
                rows.each(|row| see(row, step(columns::Part::Actions, bucket_of_actions, row)));
            }
            Of::TimeOnSite => rows.each(|row| see(row, step(columns::Part::Seconds, bucket_of_seconds, row))),
            Of::Property(_) => rows.each(|row| see(row, groups[codes.place(row)])),
            Of::Bag(bag) => {
                stretch.each_in(bag, rows, |visit, row| see(visit, groups[codes.place(row)]));
                found.sort_unstable();
                found.dedup();
            }
            Of::Visit => {}
        }
        found
    }
}

impl Pairs {
    /// Counts these groups of items.
    pub fn of((first, rows): (By, &[Vec<Key>]), (second, columns): (By, &[Vec<Key>])) -> Self {
        let visits = vec![0; rows.len() * columns.len()];
        Self { first: Side::of(first, rows), second: Side::of(second, columns), visits }
    }
}

impl Question for Pairs {
    fn needs(&self, wants: &mut Wants) {
        wants.rows_by(self.first.by);
        wants.rows_by(self.second.by);
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self {
            first: self.first.clone(),
            second: self.second.clone(),
            visits: vec![0; self.visits.len()],
        })
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        let theirs = counted::<Self>(fork).into_iter().flat_map(|fork| fork.visits);
        self.visits.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let (firsts, seconds) = (self.first.found(stretch, rows), self.second.found(stretch, rows));
        let mut rest = seconds.as_slice();
        for of_visit in firsts.chunk_by(|one, next| one.0 == next.0) {
            let visit = of_visit[0].0;
            rest = &rest[rest.partition_point(|(other, _)| *other < visit)..];
            let beside = rest.iter().take_while(|(other, _)| *other == visit);
            for (_, column) in beside {
                for (_, row) in of_visit {
                    self.visits[*row as usize * self.second.groups + *column as usize] += 1;
                }
            }
        }
    }
}

/// A report broken down by another.
#[derive(Debug)]
pub struct Breakdown {
    /// One page of the items of the first.
    pub rows: Table,
    /// The most frequent items of the second.
    pub columns: Vec<Line>,
    /// Of each row: the visits that also have the item of each column.
    pub cells: Compared<Vec<Vec<i64>>>,
}

/// The items of two dimensions: all of the first in order, and of the second those that are columns.
#[derive(Debug)]
pub struct RankedBoth {
    first: Ranking,
    columns: Vec<Line>,
}

impl Inquiry<'_> {
    /// The items of two dimensions, counted in one pass over the days where there is room for all. Of the first so many
    /// are wanted, of the second the most frequent ones.
    pub fn rank_both(
        &self,
        (first, part, wanted): (&'static Dimension, &Part, usize),
        (second, most): (&'static Dimension, u32),
    ) -> Result<RankedBoth> {
        self.demand(first)?;
        self.demand(second)?;
        let items = |by| Items::some(by, Counting::Measures, self.all_keys());
        let (mut now, mut before, mut columns) = (items(first.by), items(first.by), items(second.by));
        self.ask(&mut [&mut now, &mut columns])?;
        let is_compared = self.ask_before_by(first.by, &mut [&mut before])?;
        let counted = Compared { now, before: is_compared.then_some(before) };
        let first = self.rank(first, counted, &[(part, wanted)])?.pop().unwrap_or_default();
        // A column is told by its items alone: nothing of it is compared.
        let columns = Compared { now: columns, before: None };
        let columns = self.table_of(second, columns, &Part::top(second, most))?.lines;
        Ok(RankedBoth { first, columns })
    }

    /// One page of a report broken down by the most frequent items of another; one more pass over the days.
    pub fn breakdown(
        &self,
        (first, page): (&'static Dimension, Page),
        second: &Dimension,
        ranked: &RankedBoth,
    ) -> Result<Breakdown> {
        let rows = self.page(first, &ranked.first, page)?;
        let columns = ranked.columns.clone();
        let keys_of = |lines: &[Line]| lines.iter().map(|line| line.keys.clone()).collect::<Vec<_>>();
        let pairs = || Pairs::of((first.by, &keys_of(&rows.lines)), (second.by, &keys_of(&columns)));
        let (mut now, mut before) = (pairs(), pairs());
        self.ask(&mut [&mut now])?;
        let is_compared = self.ask_before(&mut [&mut before])?;
        let width = columns.len();
        let cells = |pairs: &Pairs| -> Vec<Vec<i64>> {
            (0..rows.lines.len()).map(|row| pairs.visits[row * width..(row + 1) * width].to_vec()).collect()
        };
        let cells = Compared { now: cells(&now), before: is_compared.then(|| cells(&before)) };
        Ok(Breakdown { rows, columns, cells })
    }
}
