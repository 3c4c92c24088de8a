//! The visits that match, and their number.

use super::accumulator::{Accumulator, DayOfRow, counted, each_day};
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::reports::columns::ColumnPart;
use crate::reports::columns::block::{Block, Projection, Selection};
use std::collections::BTreeMap;

/// An accumulator of the number of matching visits on each day.
#[derive(Debug, Default)]
pub struct VisitCounts(pub BTreeMap<Day, usize>);

impl Accumulator for VisitCounts {
    fn needs(&self, _: &mut Projection) {}

    fn update(&mut self, block: &Block, rows: &Selection) {
        let mut ends = Vec::new();
        each_day(block, rows, |sums, of_day| {
            ends.push((of_day.end, sums.day, if rows.is_unfiltered() { of_day.len() } else { 0 }));
        });
        if !rows.is_unfiltered() {
            let mut days = DayOfRow::default();
            rows.each(|row| {
                let day = days.find(row, |day| ends[day].0);
                ends[day].2 += 1;
            });
        }
        for (_, day, count) in ends.into_iter().filter(|(_, _, count)| *count > 0) {
            *self.0.entry(day).or_default() += count;
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        for (day, count) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.0) {
            *self.0.entry(day).or_default() += count;
        }
    }
}

/// An accumulator of the ids of all matching visits, oldest first.
#[derive(Debug, Default)]
pub struct VisitIds(pub Vec<VisitId>);

impl Accumulator for VisitIds {
    fn needs(&self, projection: &mut Projection) {
        projection.parts.push(ColumnPart::Ids);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let ids = block.ids();
        rows.each(|row| self.0.push(ids.get(row)));
        self.0.sort_unstable();
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        self.0.extend(counted::<Self>(fork).into_iter().flat_map(|fork| fork.0));
        self.0.sort_unstable();
    }
}

/// An accumulator of the ids of the latest matching visits, oldest first.
#[derive(Debug)]
pub struct Latest {
    most: usize,
    /// The ids, at most `most` of them.
    pub visits: Vec<VisitId>,
}

impl Latest {
    /// Collects at most `most` visits.
    pub fn new(most: usize) -> Self {
        Self { most, visits: Vec::new() }
    }

    fn cut(&mut self) {
        self.visits.sort_unstable();
        self.visits.drain(..self.visits.len().saturating_sub(self.most));
    }
}

impl Accumulator for Latest {
    fn needs(&self, projection: &mut Projection) {
        projection.parts.push(ColumnPart::Ids);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let ids = block.ids();
        rows.each_of_last(self.most, |row| self.visits.push(ids.get(row)));
        self.cut();
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.most))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        self.visits.extend(counted::<Self>(fork).into_iter().flat_map(|fork| fork.visits));
        self.cut();
    }
}

/// An accumulator of the ids of the earliest matching visits after one, oldest first.
#[derive(Debug)]
pub struct Earliest {
    after: Option<VisitId>,
    most: usize,
    /// The ids, at most `most` of them.
    pub visits: Vec<VisitId>,
}

impl Earliest {
    /// Collects at most `most` visits after one.
    pub fn after(after: Option<VisitId>, most: usize) -> Self {
        Self { after, most, visits: Vec::new() }
    }

    /// Returns true if there are as many visits as are collected at most.
    pub fn is_full(&self) -> bool {
        self.visits.len() >= self.most
    }

    fn cut(&mut self) {
        self.visits.sort_unstable();
        self.visits.truncate(self.most);
    }
}

impl Accumulator for Earliest {
    fn needs(&self, projection: &mut Projection) {
        projection.parts.push(ColumnPart::Ids);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let (ids, after) = (block.ids(), self.after);
        rows.each(|row| {
            self.visits.extend(Some(ids.get(row)).filter(|id| after.is_none_or(|after| *id > after)));
        });
        self.cut();
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::after(self.after, self.most))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        self.visits.extend(counted::<Self>(fork).into_iter().flat_map(|fork| fork.visits));
        self.cut();
    }
}
