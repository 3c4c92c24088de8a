//! The top items of a ranking: items too far down are dropped on the way, however many there are. Items with
//! equal counts are sorted by their texts; their names are looked up only where the order depends on them.

use super::{Order, Ranking};
use crate::error::Result;
use crate::id::VisitorId;
use crate::limits;
use crate::reports::columns::Key;
use crate::reports::dimension::Naming;
use crate::reports::inquiry::Compared;
use crate::reports::measures::Measures;
use crate::reports::naming::{Name, Namer};
use crate::reports::questions::Items;
use crate::reports::reading::{self, Reading};
use crate::reports::table::{Part, Sort, bar_value, is_ordered, sort_value};
use std::cmp::Ordering;
use std::num::NonZeroU64;
use std::sync::Arc;

/// So many items are collected before those that stand too far down are left out.
const ROOM: usize = if cfg!(test) { 2 } else { 1_024 };

/// Where an item stands among others of the same report.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// By a measure, then by hits. Items with equal numbers are sorted by their texts.
    Number(i64, i64),
    /// By its name.
    Name(Box<Reading>),
    /// As its keys are ordered.
    Own,
}

/// An item that may be among the top items.
struct Found {
    rank: Rank,
    key: Key,
    /// The hash of its text, once it was needed.
    hash: Option<NonZeroU64>,
}

/// The first items of a report, and what all of it adds up to.
pub(super) struct Best<'p> {
    part: &'p Part,
    most: usize,
    namer: &'p Namer<'p>,
    /// In small letters.
    search: String,
    found: Vec<Found>,
    /// The number of collected items at which those too far down are dropped.
    room: usize,
    /// The rank that too many items share, of which some were dropped by the hash of their texts.
    crowded: Option<Rank>,
    count: usize,
    sum: i64,
    highest: i64,
}

impl<'p> Best<'p> {
    /// None yet, of which as many are wanted.
    pub(super) fn of((part, most): (&'p Part, usize), namer: &'p Namer<'p>) -> Self {
        let search = part.search.to_lowercase();
        let (found, room) = (Vec::new(), most.saturating_mul(2).max(ROOM));
        Self { part, most, namer, search, found, room, crowded: None, count: 0, sum: 0, highest: 0 }
    }

    /// Looks at an item; its name is made only where that is asked for.
    pub(super) fn see(
        &mut self,
        (key, measures, before): (Key, &Measures, Option<&Measures>),
        name: &dyn Fn() -> Result<Name>,
    ) -> Result<()> {
        let dimension = self.namer.dimension;
        let bar = bar_value(dimension, measures);
        self.sum += bar;
        if !self.search.is_empty() && !name()?.contains(&self.search) {
            return Ok(());
        }
        (self.count, self.highest) = (self.count + 1, self.highest.max(bar));
        let rank = match self.part.sort {
            Sort::Title if is_ordered(dimension) => Rank::Own,
            Sort::Title => Rank::Name(Box::new(Reading::of_item(dimension.naming, &name()?))),
            sort => Rank::Number(-sort_value(dimension, sort, measures, before), -measures.hits),
        };
        self.found.push(Found { rank, key, hash: None });
        if self.found.len() >= self.room {
            self.cut()?;
            self.room = self.most.max(self.found.len()).saturating_mul(2).max(ROOM);
        }
        Ok(())
    }

    /// Drops the items too far down. Of items that share the numbers at the cut all stay, as long as they are
    /// few enough to be sorted by their texts.
    fn cut(&mut self) -> Result<()> {
        if self.most >= self.found.len() {
            return Ok(());
        }
        let Some(last) = self.most.checked_sub(1) else {
            self.found.clear();
            return Ok(());
        };
        let order = order(self.part);
        let (_, last, _) = self.found.select_nth_unstable_by(last, &order);
        let &mut Found { rank: Rank::Number(value, hits), .. } = last else {
            self.found.truncate(self.most);
            return Ok(());
        };
        let at_cut = Found { rank: Rank::Number(value, hits), key: 0, hash: None };
        self.found.retain(|one| order(one, &at_cut).is_le());
        let is_tied = |one: &Found| one.rank == at_cut.rank;
        let ties = self.found.iter().filter(|one| is_tied(one)).count();
        if ties > limits::TIES_SORTED_MAX || self.crowded.as_ref() == Some(&at_cut.rank) {
            self.found.iter_mut().filter(|one| is_tied(one)).try_for_each(|one| hash(self.namer, one))?;
            let by_hash = |one: &Found, other: &Found| {
                order(one, other).then((one.hash, one.key).cmp(&(other.hash, other.key)))
            };
            if self.most < self.found.len() {
                self.found.select_nth_unstable_by(self.most, by_hash);
                self.found.truncate(self.most);
            }
            self.crowded = Some(at_cut.rank);
        }
        Ok(())
    }

    /// Sorts items that share their numbers.
    fn settle(&self, ties: &mut [Found]) -> Result<()> {
        if ties.len() < 2 || !matches!(ties[0].rank, Rank::Number(..)) {
            return Ok(());
        }
        // Texts are read as they stand in the file.
        ties.sort_unstable_by_key(|one| one.key);
        if ties.len() > limits::TIES_SORTED_MAX || self.crowded.as_ref() == Some(&ties[0].rank) {
            ties.iter_mut().try_for_each(|one| hash(self.namer, one))?;
            ties.sort_by_key(|one| one.hash);
            return Ok(());
        }
        let naming = self.namer.dimension.naming;
        let read =
            ties.iter().map(|one| Ok((Reading::of_item(naming, &self.namer.name(one.key, None)?), one.key)));
        let mut read = read.collect::<Result<Vec<_>>>()?;
        read.sort_unstable();
        ties.iter_mut().zip(read).for_each(|(one, (_, key))| (one.key, one.hash) = (key, None));
        Ok(())
    }

    /// Those found, in order.
    pub(super) fn ranking(
        mut self,
        counted: Option<Arc<Compared<Items>>>,
        sum_before: Option<i64>,
    ) -> Result<Ranking> {
        self.cut()?;
        let mut found = std::mem::take(&mut self.found);
        found.sort_unstable_by(order(self.part));
        for ties in found.chunk_by_mut(|one, next| one.rank == next.rank) {
            self.settle(ties)?;
        }
        let keys = found.into_iter().take(self.most).map(|one| one.key).collect();
        Ok(Ranking {
            order: Order::Items(keys, counted),
            count: self.count,
            sum: self.sum,
            highest: self.highest,
            sum_before,
        })
    }
}

/// Returns the order of a part. Ties of numbers stay, whichever the direction, and are settled in the end.
fn order(part: &Part) -> impl Fn(&Found, &Found) -> Ordering + use<> {
    let is_reversed = part.is_reversed();
    move |one, other| {
        let order = one.rank.cmp(&other.rank);
        let order = match one.rank {
            Rank::Number(..) => order,
            Rank::Name(_) | Rank::Own => order.then(one.key.cmp(&other.key)),
        };
        if is_reversed { order.reverse() } else { order }
    }
}

/// Computes the hash of an item's text, unless it is there. A visitor's text is their number: nobody reads
/// the visits of millions for it.
fn hash(namer: &Namer<'_>, one: &mut Found) -> Result<()> {
    if one.hash.is_none() {
        let text = match namer.dimension.naming {
            Naming::Visitor => VisitorId(one.key.cast_signed()).0.to_string(),
            _ => namer.name(one.key, None)?.filter,
        };
        one.hash = Some(reading::hash(&text));
    }
    Ok(())
}
