//! A filter by steps of funnels: the visits that took a step, or took it and not the next one. Where steps are taken in several
//! visits, the visits with the step, whatever was taken before.

use super::chain::ChainSearch;
use super::steps::FunnelSteps;
use super::visit_events::EventReader;
use crate::error::Result;
use crate::reports::columns::ColumnPart;
use crate::reports::columns::block::{Block, Selection};
use crate::reports::columns::step_codes::{StepCodes, StepSet};
use crate::reports::filter::Filter;
use crate::reports::funnel_filter::{self, FilterFunnel};
use crate::store::sites::Site;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::Arc;

/// The steps of funnels that a filter names.
#[derive(Clone, Debug)]
pub struct FunnelMatch(Vec<WantedStep>);

/// A step of a funnel.
#[derive(Clone, Debug)]
struct WantedStep {
    steps: Arc<FunnelSteps>,
    /// The number of the step, from 1.
    step: usize,
    /// True if the next step is not taken.
    is_lost: bool,
    /// True if steps are taken in several visits: one with the step is meant, whatever came before.
    is_alone: bool,
}

impl FunnelMatch {
    /// Returns a match of the visits that took a step, from 1.
    pub fn of_step(steps: Arc<FunnelSteps>, step: usize) -> Self {
        Self(vec![WantedStep { steps, step, is_lost: false, is_alone: false }])
    }

    /// Compiles a filter. A funnel that is not there matches nothing.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` for values that name no step, and when the data file cannot be read.
    pub fn compile(connection: &Connection, site: &Site, filter: &Filter) -> Result<Self> {
        let (mut wanted, mut compiled) = (Vec::new(), BTreeMap::new());
        for value in &filter.values {
            let FilterFunnel::Found { funnel, step } = funnel_filter::find(connection, site.id, value)?
            else {
                continue;
            };
            let steps = match compiled.entry(funnel.id.0) {
                Entry::Occupied(known) => Arc::clone(known.get()),
                Entry::Vacant(free) => {
                    Arc::clone(free.insert(Arc::new(FunnelSteps::compile(&site.domain, &funnel.settings)?)))
                }
            };
            let is_alone = funnel.settings.window_days.is_some();
            wanted.push(WantedStep { steps, step: step.number, is_lost: step.is_lost, is_alone });
        }
        Ok(Self(wanted))
    }

    /// Iterates over the dictionaries in which the steps are looked up.
    pub fn dictionaries(&self) -> impl Iterator<Item = ColumnPart> + '_ {
        self.0.iter().flat_map(|wanted| wanted.steps.dictionaries())
    }

    /// Returns the steps that each item of a block takes, of each funnel.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn resolve(&self, connection: &Connection, block: &Block) -> Result<Vec<StepCodes>> {
        self.0.iter().map(|wanted| wanted.steps.resolve(connection, block)).collect()
    }

    /// Returns true if some visit of a block may match.
    pub fn is_possible(&self, codes: &[StepCodes]) -> bool {
        self.0.iter().zip(codes).any(|(wanted, codes)| wanted.is_possible(codes))
    }

    /// Clears the flags of visits of a range that match, or of those that do not if a match `is_required`.
    pub fn narrow(
        &self,
        holds: &mut [bool],
        block: &Block,
        range: &Range<usize>,
        codes: &[StepCodes],
        is_required: bool,
    ) {
        let rows = Selection::picked(range.clone(), holds.to_vec());
        let mut matches = vec![false; holds.len()];
        for (wanted, codes) in self.0.iter().zip(codes).filter(|(wanted, codes)| wanted.is_possible(codes)) {
            let reader = EventReader::new(block, &rows, codes);
            let (mut events, mut search) = (Vec::new(), ChainSearch::new(wanted.steps.rules));
            rows.each(|visit| {
                let may = wanted.needed() & reader.steps(visit) == wanted.needed();
                if matches[visit - range.start] || !may {
                    return;
                }
                if wanted.is_alone {
                    matches[visit - range.start] = true;
                    return;
                }
                reader.read(visit, wanted.steps.rules.has_direct(), &mut events);
                search.clear();
                for (place, event) in (0..).zip(&events) {
                    search.add(&event.in_chain(event.at.cast_signed(), place), true);
                }
                let furthest = search.best().map_or(0, |best| best.steps);
                matches[visit - range.start] =
                    if wanted.is_lost { furthest == wanted.step } else { furthest >= wanted.step };
            });
        }
        holds.iter_mut().zip(matches).for_each(|(holds, matches)| *holds &= matches == is_required);
    }
}

impl WantedStep {
    /// Returns the steps that a visit must take.
    fn needed(&self) -> StepSet {
        if self.is_alone {
            1 << (self.step - 1)
        } else {
            StepSet::MAX >> (StepSet::BITS as usize - self.step)
        }
    }

    fn is_possible(&self, codes: &StepCodes) -> bool {
        codes.all() & self.needed() == self.needed()
    }
}
