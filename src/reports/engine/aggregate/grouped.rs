//! Metrics of groups of items, when a visit may have several items of a group and still counts once.

use super::accumulator::{Accumulator, counted};
use crate::error::Result;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::of_any_width;
use crate::reports::columns::packed_ints::place;
use crate::reports::columns::{ColumnId, DictKey};
use crate::reports::dimension::Dimension;
use crate::reports::engine::rollups::Rollups;
use crate::reports::metrics::Metrics;
use foldhash::HashMap;
use std::sync::Arc;

/// An accumulator of the metrics of groups of items: a visit counts once for each group of which it has an item.
#[derive(Debug)]
pub struct GroupedItems {
    dimension: &'static Dimension,
    group_of: Arc<HashMap<DictKey, u32>>,
    /// The metrics, indexed by group.
    pub found: Vec<Metrics>,
}

impl GroupedItems {
    /// Counts `groups` groups of a dimension; `group_of` maps keys to group numbers.
    pub fn new(dimension: &'static Dimension, group_of: Arc<HashMap<DictKey, u32>>, groups: usize) -> Self {
        Self { dimension, group_of, found: vec![Metrics::default(); groups] }
    }
}

impl Accumulator for GroupedItems {
    fn needs(&self, wants: &mut Projection) {
        wants.rows_by(self.dimension.by);
        wants.measures();
    }

    fn update(&mut self, stretch: &Block, rows: &Selection) {
        let of = ColumnId::from(self.dimension.by);
        let ColumnId::Bag(bag) = of else { return };
        let group_of: Vec<Option<u32>> =
            stretch.head(of).keys.all().map(|key| self.group_of.get(&key).copied()).collect();
        let mut last_visit = vec![usize::MAX; self.found.len()];
        let scale = stretch.scale(rows);
        of_any_width!(stretch.codes(of), |code| {
            stretch.each_in(bag, rows, |visit, row| {
                let Some(group) = group_of[place(code(row))] else { return };
                let group = group as usize;
                self.found[group].hits += 1;
                if last_visit[group] != visit {
                    last_visit[group] = visit;
                    scale.add(&mut self.found[group], visit);
                }
            });
        });
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.dimension, Arc::clone(&self.group_of), self.found.len()))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let theirs = counted::<Self>(fork).into_iter().flat_map(|fork| fork.found);
        self.found.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        days.groups(self.dimension, |key, measures| {
            if let Some(group) = self.group_of.get(&key) {
                self.found[*group as usize] += measures;
            }
        })
    }
}
