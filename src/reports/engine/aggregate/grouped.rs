//! Metrics of groups of items, when a visit may have several items of a group and still counts once.

use super::accumulator::{Accumulator, counted};
use crate::error::Result;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::of_any_width;
use crate::reports::columns::packed_ints::place;
use crate::reports::columns::{ColumnId, DictKey};
use crate::reports::dimension::Dimension;
use crate::reports::engine::rollups::Rollups;
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
    fn needs(&self, projection: &mut Projection) {
        projection.rows_by(self.dimension.group_key);
        projection.metrics();
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let column = ColumnId::from(self.dimension.group_key);
        let ColumnId::Repeated(bag) = column else { return };
        let group_of: Vec<Option<u32>> =
            block.dictionary(column).keys.all().map(|key| self.group_of.get(&key).copied()).collect();
        let mut last_visit = vec![usize::MAX; self.found.len()];
        let scale = block.scale(rows);
        of_any_width!(block.codes(column), |code| {
            block.each_in(bag, rows, |visit, row| {
                let Some(group) = group_of[place(code(row))] else { return };
                let group = group as usize;
                self.found[group][Measure::Hits] += 1;
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
        days.groups(self.dimension, |key, metrics| {
            if let Some(group) = self.group_of.get(&key) {
                self.found[*group as usize] += metrics;
            }
        })
    }
}
