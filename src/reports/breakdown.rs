//! One report broken down by another: of how many visits both an item of the first and an item of the second tell. Only
//! the items that are shown are counted, so that it takes no more memory than its table.

use super::columns::stretch::Counting;
use super::dimension::Dimension;
use super::inquiry::{Compared, Inquiry};
use super::questions::{Items, Pairs, Side};
use super::ranking::{AllItems, LineWithCells, Ranking};
use super::table::{Line, Part, Table};
use super::visits::Page;
use crate::error::Result;

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

/// The items of two dimensions: those of the first in order, as far as a page, and of the second those that are columns.
#[derive(Debug)]
pub struct RankedBoth {
    first: Ranking,
    columns: Vec<Line>,
}

/// All items of a dimension in order, each with the visits in which it occurs together with the most frequent items of
/// another.
#[derive(Debug)]
pub struct AllPairs {
    first: &'static Dimension,
    items: AllItems,
    /// The most frequent items of the other.
    pub columns: Vec<Line>,
}

impl Inquiry<'_> {
    /// Counts the items of two dimensions in one pass over the days. Of the second the most frequent ones are told.
    fn count_both(
        &self,
        first: &'static Dimension,
        second: &'static Dimension,
        most: u32,
    ) -> Result<(Compared<Items>, Vec<Line>)> {
        self.demand(first)?;
        self.demand(second)?;
        let items = |by| Items::some(by, Counting::Measures, self.all_keys());
        let (mut now, mut before, mut columns) = (items(first.by), items(first.by), items(second.by));
        self.ask(&mut [&mut now, &mut columns])?;
        let is_compared = self.ask_before_by(first.by, &mut [&mut before])?;
        // A column is told by its items alone: nothing of it is compared.
        let columns = Compared { now: columns, before: None };
        let columns = self.table_of(second, columns, &Part::top(second, most))?.lines;
        Ok((Compared { now, before: is_compared.then_some(before) }, columns))
    }

    /// The items of two dimensions: of the first as far as the page that is wanted, of the second the most frequent ones.
    pub fn rank_both(
        &self,
        (first, part): (&'static Dimension, &Part),
        (second, most): (&'static Dimension, u32),
    ) -> Result<RankedBoth> {
        let (counted, columns) = self.count_both(first, second, most)?;
        let first = self.rank(first, counted, &[part])?.pop().unwrap_or_default();
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

    /// All items of the first, broken down by the most frequent items of the second: two passes over the days, however many
    /// there are.
    pub fn all_pairs(
        &self,
        first: &'static Dimension,
        part: &Part,
        second: &'static Dimension,
        most: u32,
    ) -> Result<AllPairs> {
        let (counted, columns) = self.count_both(first, second, most)?;
        let side = Side::of_groups(second.by, columns.iter().map(|column| column.keys.as_slice()));
        let items = self.all_items_with_cells(first, part, counted, side)?;
        Ok(AllPairs { first, items, columns })
    }

    /// The next lines, so many at most, with the cells that are not empty; none after the last.
    pub fn next_pairs(&self, pairs: &mut AllPairs, lines: u32) -> Result<Vec<LineWithCells>> {
        self.next_lines(pairs.first, &mut pairs.items, lines)
    }
}
