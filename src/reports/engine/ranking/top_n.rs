//! The top items of a ranking: items too far down are dropped on the way, however many there are.

use super::ranked_item::{Rank, RankedItem, hash, settle};
use crate::error::Result;
use crate::reports::engine::name_resolver::NameResolver;

/// A collector of the top items of a report.
pub(super) struct TopN<'p> {
    most: usize,
    namer: &'p NameResolver<'p>,
    found: Vec<RankedItem>,
    /// The number of collected items at which those too far down are dropped.
    room: usize,
    /// The rank shared by too many items, of which some were dropped by the hash of their texts.
    crowded: Option<Rank>,
}

impl<'p> TopN<'p> {
    /// Creates a collector of the top `most` items.
    pub(super) fn new(most: usize, namer: &'p NameResolver<'p>) -> Self {
        let (found, room) = (Vec::new(), most.saturating_mul(2).max(namer.limits.top_items_min));
        Self { most, namer, found, room, crowded: None }
    }

    /// Adds an item that may be among the top.
    pub(super) fn push(&mut self, found: RankedItem) -> Result<()> {
        self.found.push(found);
        if self.found.len() >= self.room {
            self.cut()?;
            let room_min = self.namer.limits.top_items_min;
            self.room = self.most.max(self.found.len()).saturating_mul(2).max(room_min);
        }
        Ok(())
    }

    /// Drops the items too far down. Items that share the numbers at the cut all stay, as long as they are few enough
    /// to be sorted by their texts.
    fn cut(&mut self) -> Result<()> {
        if self.most >= self.found.len() {
            return Ok(());
        }
        let Some(last) = self.most.checked_sub(1) else {
            self.found.clear();
            return Ok(());
        };
        let (_, last, _) = self.found.select_nth_unstable(last);
        let &mut RankedItem { rank: Rank::Number(value, hits), is_reversed, .. } = last else {
            self.found.truncate(self.most);
            return Ok(());
        };
        let at_cut = RankedItem { rank: Rank::Number(value, hits), is_reversed, ..RankedItem::default() };
        self.found.retain(|one| one.cmp_rank(&at_cut).is_le());
        let is_tied = |one: &RankedItem| one.rank == at_cut.rank;
        let ties = self.found.iter().filter(|one| is_tied(one)).count();
        if ties > self.namer.limits.ties_sorted_max || self.crowded.as_ref() == Some(&at_cut.rank) {
            self.found.iter_mut().filter(|one| is_tied(one)).try_for_each(|one| hash(self.namer, one))?;
            if self.most < self.found.len() {
                self.found.select_nth_unstable(self.most);
                self.found.truncate(self.most);
            }
            self.crowded = Some(at_cut.rank);
        }
        Ok(())
    }

    /// Returns the top items in order.
    pub(super) fn finish(mut self) -> Result<Vec<RankedItem>> {
        self.cut()?;
        self.found.sort_unstable();
        for ties in self.found.chunk_by_mut(|one, next| one.rank == next.rank) {
            let is_crowded = self.crowded.as_ref() == Some(&ties[0].rank);
            settle(self.namer, ties, is_crowded)?;
        }
        self.found.truncate(self.most);
        Ok(self.found)
    }
}
