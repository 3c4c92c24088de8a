//! The counts of a funnel whose steps are taken within a visit.

use super::chain::ChainSearch;
use super::funnel_counts::FunnelCounts;
use super::visit_events::EventReader;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::engine::aggregate::accumulator::{Accumulator, counted};
use crate::reports::engine::aggregate::pairs::Axis;

/// An accumulator of the visits that take the steps of the funnel in view.
#[derive(Debug)]
pub struct FunnelVisits {
    /// The counts.
    pub counts: FunnelCounts,
    /// The dimension of the breakdown.
    by: Option<Axis>,
    counts_next: bool,
}

impl FunnelVisits {
    /// Counts visits, also by a dimension, and with the next pages of those lost if `counts_next`.
    pub fn new(counts: FunnelCounts, by: Option<Axis>, counts_next: bool) -> Self {
        Self { counts, by, counts_next }
    }
}

impl Accumulator for FunnelVisits {
    fn needs(&self, projection: &mut Projection) {
        self.by.iter().for_each(|axis| projection.rows_by(axis.by()));
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.counts.empty(), self.by.clone(), self.counts_next))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        if let Some(fork) = counted::<Self>(fork) {
            self.counts.merge(fork.counts);
        }
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        self.counts.visits += i64::try_from(rows.count()).unwrap_or(i64::MAX);
        let Some(codes) = rows.steps().filter(|codes| codes.may_begin()) else { return };
        let reader = EventReader::new(block, rows, codes);
        let groups = self.by.as_ref().map(|axis| axis.found(block, rows)).unwrap_or_default();
        let mut groups = groups.as_slice();
        let mut next = NextCodes::new(self.counts.rules.steps);
        let (mut events, mut search) = (Vec::new(), ChainSearch::new(self.counts.rules));
        let has_direct = self.counts.rules.has_direct();
        rows.each(|visit| {
            let steps = reader.steps(visit);
            if steps & 1 == 0 {
                return;
            }
            // Without the second step it doesn't matter which pages lie between steps.
            reader.read(visit, has_direct && steps & 2 != 0, &mut events);
            search.clear();
            for (place, event) in (0..).zip(&events) {
                search.add(&event.in_chain(event.at.cast_signed(), place), true);
                if search.is_complete() {
                    break;
                }
            }
            let Some(chain) = search.best() else { return };
            groups = &groups[groups.partition_point(|(other, _)| *other < visit)..];
            let of_visit = groups.iter().take_while(|(other, _)| *other == visit);
            self.counts.count(&search, chain, of_visit.map(|(_, group)| *group));
            let last = search.backwards(chain).next().filter(|_| self.counts_next && !search.is_complete());
            if let Some(last) = last {
                match reader.next_page(visit, &events[last.place as usize]) {
                    Some(code) => next.add(chain.steps - 1, code),
                    None => self.counts.next.leave(chain.steps - 1, 1),
                }
            }
        });
        for (step, codes) in next.0.into_iter().enumerate() {
            for (code, count) in codes.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                self.counts.next.add(step, reader.page(code), count.into());
            }
        }
    }
}

/// The next pages in one block, by the step and the code of the page.
struct NextCodes(Vec<Vec<u32>>);

impl NextCodes {
    fn new(steps: usize) -> Self {
        Self(vec![Vec::new(); steps])
    }

    fn add(&mut self, step: usize, code: usize) {
        let counts = &mut self.0[step];
        if counts.len() <= code {
            counts.resize(code + 1, 0);
        }
        counts[code] += 1;
    }
}
