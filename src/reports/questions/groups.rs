//! Metrics of groups of items, when a visit may have several items of a group and still counts once.

use super::{Question, counted, place};
use crate::error::Result;
use crate::reports::columns::numbers::of_any_width;
use crate::reports::columns::stretch::{Rows, Stretch, Wants};
use crate::reports::columns::{Key, Of};
use crate::reports::dimension::Dimension;
use crate::reports::measures::Measures;
use crate::reports::totals::PastDays;
use foldhash::HashMap;
use std::sync::Arc;

/// An accumulator of the metrics of groups of items: a visit counts once for each group of which it has an item.
#[derive(Debug)]
pub struct Groups {
    dimension: &'static Dimension,
    group_of: Arc<HashMap<Key, u32>>,
    /// The metrics, indexed by group.
    pub found: Vec<Measures>,
}

impl Groups {
    /// Counts `groups` groups of a dimension; `group_of` maps keys to group numbers.
    pub fn of(dimension: &'static Dimension, group_of: Arc<HashMap<Key, u32>>, groups: usize) -> Self {
        Self { dimension, group_of, found: vec![Measures::default(); groups] }
    }
}

impl Question for Groups {
    fn needs(&self, wants: &mut Wants) {
        wants.rows_by(self.dimension.by);
        wants.measures();
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let of = Of::from(self.dimension.by);
        let Of::Bag(bag) = of else { return };
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

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self::of(self.dimension, Arc::clone(&self.group_of), self.found.len()))
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        let theirs = counted::<Self>(fork).into_iter().flat_map(|fork| fork.found);
        self.found.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
    }

    fn add_totals(&mut self, days: &PastDays<'_>) -> Result<()> {
        days.groups(self.dimension, |key, measures| {
            if let Some(group) = self.group_of.get(&key) {
                self.found[*group as usize] += measures;
            }
        })
    }
}
