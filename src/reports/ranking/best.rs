//! The first of many items: however many there are, those that stand too far down are left out on the way.

use super::{Order, Ranking};
use crate::error::Result;
use crate::reports::columns::Key;
use crate::reports::dimension::Dimension;
use crate::reports::inquiry::Compared;
use crate::reports::measures::Measures;
use crate::reports::naming::Name;
use crate::reports::questions::Items;
use crate::reports::table::{Part, Sort, bar_value, is_ordered, sort_value};
use std::cmp::Ordering;
use std::sync::Arc;

/// So many items are collected before those that stand too far down are left out.
const ROOM: usize = 1_024;

/// Where an item stands among others of the same report.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// By a measure, then by how often it occurs.
    Number(i64, i64),
    /// By its name.
    Name(Box<str>),
    /// As its keys are ordered.
    Own,
}

/// The first items of a report, and what all of it adds up to.
pub(super) struct Best<'p> {
    part: &'p Part,
    most: usize,
    /// In small letters.
    search: String,
    found: Vec<(Rank, Key)>,
    count: usize,
    sum: i64,
    highest: i64,
}

impl<'p> Best<'p> {
    /// None yet, of which as many are wanted.
    pub(super) fn of(part: &'p Part, most: usize) -> Self {
        let search = part.search.to_lowercase();
        Self { part, most, search, found: Vec::new(), count: 0, sum: 0, highest: 0 }
    }

    /// Looks at an item; its name is made only where that is asked for.
    pub(super) fn see(
        &mut self,
        dimension: &Dimension,
        (key, measures, before): (Key, &Measures, Option<&Measures>),
        name: &dyn Fn() -> Result<Name>,
    ) -> Result<()> {
        let bar = bar_value(dimension, measures);
        self.sum += bar;
        if !self.search.is_empty() && !name()?.contains(&self.search) {
            return Ok(());
        }
        (self.count, self.highest) = (self.count + 1, self.highest.max(bar));
        let rank = match self.part.sort {
            Sort::Title if is_ordered(dimension) => Rank::Own,
            Sort::Title => Rank::Name(name()?.title.to_lowercase().into()),
            // Ties stand in the order in which the items were first seen.
            sort => Rank::Number(-sort_value(dimension, sort, measures, before), -measures.hits),
        };
        self.found.push((rank, key));
        if self.found.len() >= self.most.saturating_mul(2).max(ROOM) {
            self.cut();
        }
        Ok(())
    }

    fn compare(is_reversed: bool) -> impl Fn(&(Rank, Key), &(Rank, Key)) -> Ordering {
        move |one, other| if is_reversed { other.cmp(one) } else { one.cmp(other) }
    }

    fn cut(&mut self) {
        if self.most < self.found.len() {
            self.found.select_nth_unstable_by(self.most, Self::compare(self.part.is_reversed()));
            self.found.truncate(self.most);
        }
    }

    /// Those found, in order.
    pub(super) fn ranking(
        mut self,
        counted: Option<Arc<Compared<Items>>>,
        sum_before: Option<i64>,
    ) -> Ranking {
        self.cut();
        self.found.sort_unstable_by(Self::compare(self.part.is_reversed()));
        let keys = self.found.into_iter().map(|(_, key)| key).collect();
        Ranking {
            order: Order::Items(keys, counted),
            count: self.count,
            sum: self.sum,
            highest: self.highest,
            sum_before,
        }
    }
}
