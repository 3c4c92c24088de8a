//! Any number of items of a report in order: sorted externally, and read one after the other.

use super::ranked_item::{Rank, RankedItem, hash, settle};
use crate::error::Result;
use crate::reports::engine::aggregate::external_sort::{ExternalSort, Sorted};
use crate::reports::engine::aggregate::spill_folder::SpillFolder;
use crate::reports::engine::name_resolver::NameResolver;
use std::vec;

/// The number of items between two checks for cancellation.
const ITEMS_PER_LOOK: usize = 1_024;

/// A cursor over items in order.
#[derive(Debug)]
pub(super) struct Sequence {
    aside: SpillFolder,
    rest: Sorted<RankedItem>,
    /// The first item after the ties.
    ahead: Option<RankedItem>,
    /// Items with equal numbers, in order.
    ties: Ties<vec::IntoIter<RankedItem>>,
}

/// Items with equal numbers: few enough to be sorted by their texts, or sorted by the hashes of these.
#[derive(Debug)]
enum Ties<F> {
    Few(F),
    Many(Box<Sorted<RankedItem>>),
}

impl Sequence {
    /// Creates a cursor over the items that a sort has collected.
    ///
    /// # Errors
    /// Fails when the spill file cannot be written or read.
    pub fn new(aside: SpillFolder, sort: ExternalSort<RankedItem>) -> Result<Self> {
        let ties = Ties::Few(Vec::new().into_iter());
        Ok(Self { aside, rest: sort.finish()?, ahead: None, ties })
    }

    /// Returns the next item.
    ///
    /// # Errors
    /// Fails when the query is cancelled, or the data or the spill file cannot be read.
    pub fn next(&mut self, namer: &NameResolver<'_>) -> Result<Option<RankedItem>> {
        loop {
            let next = self.next_tied()?;
            if next.is_some() {
                return Ok(next);
            }
            let Some(ties) = self.find_ties(namer)? else { return Ok(None) };
            self.settle(namer, ties)?;
        }
    }

    fn next_tied(&mut self) -> Result<Option<RankedItem>> {
        match &mut self.ties {
            Ties::Few(ties) => Ok(ties.next()),
            Ties::Many(ties) => ties.next().transpose(),
        }
    }

    fn settle(&mut self, namer: &NameResolver<'_>, ties: Ties<Vec<RankedItem>>) -> Result<()> {
        self.ties = match ties {
            Ties::Few(mut few) => {
                settle(namer, &mut few, false)?;
                Ties::Few(few.into_iter())
            }
            Ties::Many(many) => Ties::Many(many),
        };
        Ok(())
    }

    /// Finds the next items with equal numbers; few of them are in no particular order.
    fn find_ties(&mut self, namer: &NameResolver<'_>) -> Result<Option<Ties<Vec<RankedItem>>>> {
        namer.cancellation.check()?;
        let first =
            self.ahead.take().map_or_else(|| self.rest.next().transpose(), |first| Ok(Some(first)))?;
        let Some(first) = first else { return Ok(None) };
        let Rank::Number(value, hits) = first.rank else { return Ok(Some(Ties::Few(vec![first]))) };
        let tied = RankedItem {
            rank: Rank::Number(value, hits),
            is_reversed: first.is_reversed,
            ..RankedItem::default()
        };
        let mut few = vec![first];
        while few.len() <= namer.limits.ties_sorted_max {
            let Some(next) = self.next_like(&tied)? else { return Ok(Some(Ties::Few(few))) };
            few.push(next);
        }
        // The folder's token is that of the first slice; each slice of an export is a query of its own.
        let cancellation = namer.cancellation.clone();
        let mut many = ExternalSort::new(self.aside.clone().until(cancellation));
        for mut one in few {
            hash(namer, &mut one)?;
            many.push(one)?;
        }
        let mut items = 0_usize;
        while let Some(mut next) = self.next_like(&tied)? {
            items += 1;
            if items.is_multiple_of(ITEMS_PER_LOOK) {
                namer.cancellation.check()?;
            }
            hash(namer, &mut next)?;
            many.push(next)?;
        }
        Ok(Some(Ties::Many(Box::new(many.finish()?))))
    }

    /// Returns the next item if it has the same numbers as `tied`.
    fn next_like(&mut self, tied: &RankedItem) -> Result<Option<RankedItem>> {
        let Some(next) = self.rest.next().transpose()? else { return Ok(None) };
        if next.cmp_rank(tied).is_eq() {
            return Ok(Some(next));
        }
        self.ahead = Some(next);
        Ok(None)
    }

    /// Skips items. Ties are not sorted when all of them are skipped.
    ///
    /// # Errors
    /// Fails when the query is cancelled, or the data or the spill file cannot be read.
    pub fn skip(&mut self, namer: &NameResolver<'_>, mut items: usize) -> Result<()> {
        while items > 0 {
            if self.next_tied()?.is_some() {
                items -= 1;
                if items.is_multiple_of(ITEMS_PER_LOOK) {
                    namer.cancellation.check()?;
                }
                continue;
            }
            match self.find_ties(namer)? {
                None => return Ok(()),
                Some(Ties::Few(few)) if few.len() <= items => items -= few.len(),
                Some(ties) => self.settle(namer, ties)?,
            }
        }
        Ok(())
    }

    /// Returns at most the next `items` items.
    ///
    /// # Errors
    /// Fails when the query is cancelled, or the data or the spill file cannot be read.
    pub fn take(&mut self, namer: &NameResolver<'_>, items: usize) -> Result<Vec<RankedItem>> {
        let mut taken = Vec::new();
        while taken.len() < items {
            match self.next(namer)? {
                Some(one) => taken.push(one),
                None => break,
            }
        }
        Ok(taken)
    }
}
