//! The counts of a funnel while they are collected: how far those who entered came, how long it took, and where those who were
//! lost went.

use super::chain::{Chain, ChainRules, ChainSearch};
use super::next_pages::NextPages;
use super::step_times::StepTimes;
use crate::reports::engine::aggregate::spill_folder::SpillFolder;

/// The counts of a funnel.
#[derive(Debug)]
pub struct FunnelCounts {
    /// The rules of the chain.
    pub rules: ChainRules,
    groups: usize,
    aside: SpillFolder,
    /// All visits of the range.
    pub visits: i64,
    /// Those of visitors who are recognized for longer than a day.
    pub recognized: i64,
    /// Those whose furthest step is each one.
    furthest: Vec<i64>,
    /// Those of each group of the breakdown, by their furthest step.
    by_group: Vec<i64>,
    /// The times to each step but the first one.
    pub times: StepTimes,
    /// The pages after each step.
    pub next: NextPages,
}

impl FunnelCounts {
    /// Returns zero counts, broken down by so many groups.
    pub fn new(rules: ChainRules, groups: usize, aside: SpillFolder) -> Self {
        Self {
            rules,
            groups,
            visits: 0,
            recognized: 0,
            furthest: vec![0; rules.steps],
            by_group: vec![0; rules.steps * groups],
            times: StepTimes::new(rules.steps, aside.clone()),
            next: NextPages::new(rules.steps, aside.clone()),
            aside,
        }
    }

    /// Returns zero counts of the same funnel.
    pub fn empty(&self) -> Self {
        Self::new(self.rules, self.groups, self.aside.clone())
    }

    /// Returns the folder for spill files.
    pub fn aside(&self) -> SpillFolder {
        self.aside.clone()
    }

    /// Counts the best chain of somebody.
    pub fn count(&mut self, search: &ChainSearch, chain: &Chain, groups: impl IntoIterator<Item = u32>) {
        let furthest = chain.steps - 1;
        self.furthest[furthest] += 1;
        for group in groups {
            self.by_group[group as usize * self.rules.steps + furthest] += 1;
        }
        let mut later: Option<i64> = None;
        for (step, link) in (0..chain.steps).rev().zip(search.backwards(chain)) {
            if let Some(later) = later {
                self.times.push(step, u64::try_from(later - link.at).unwrap_or(0));
            }
            later = Some(link.at);
        }
    }

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: Self) {
        self.visits += other.visits;
        self.recognized += other.recognized;
        for (mine, theirs) in [(&mut self.furthest, other.furthest), (&mut self.by_group, other.by_group)] {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.times.merge(other.times);
        self.next.merge(other.next);
    }

    /// Returns those who took each step.
    pub fn reached(&self) -> Vec<i64> {
        reached(&self.furthest)
    }

    /// Returns those of a group who took each step.
    pub fn reached_of(&self, group: usize) -> Vec<i64> {
        let first = group * self.rules.steps;
        reached(&self.by_group[first..first + self.rules.steps])
    }
}

/// Returns those who came at least as far as each step.
fn reached(furthest: &[i64]) -> Vec<i64> {
    let mut sum = 0;
    let mut reached: Vec<i64> = furthest
        .iter()
        .rev()
        .map(|count| {
            sum += count;
            sum
        })
        .collect();
    reached.reverse();
    reached
}
