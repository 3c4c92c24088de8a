//! The visits that went from one node of a journey to another. Only nodes that are shown have one of their own, so that
//! memory is bounded by the picture.

use super::journey_counts::{COLUMNS, JourneyScan, column_after, column_before};
use super::visit_paths::BY_PAGE;
use crate::reports::columns::DictKey;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::engine::aggregate::accumulator::{Accumulator, counted};
use crate::reports::results::journey::JOURNEY_STEPS;
use foldhash::HashMap;
use std::sync::Arc;

/// The nodes of a column, by their places.
#[derive(Clone, Debug, Default)]
pub struct ColumnNodes {
    /// The places of pages, by their keys.
    pub pages: HashMap<DictKey, usize>,
    /// The place of all other pages.
    pub others: usize,
    /// The places of sources, by their keys, or of the end of the visit, by 0.
    pub ends: HashMap<DictKey, usize>,
    /// The number of nodes.
    pub count: usize,
}

/// An accumulator of the visits between the nodes of neighbouring columns.
#[derive(Debug)]
pub struct JourneyLinks {
    scan: JourneyScan,
    nodes: Arc<[ColumnNodes; COLUMNS]>,
    /// The visits from each node of a column to each of the next one, row by row, for each column but the last.
    pub visits: Vec<Vec<i64>>,
}

impl JourneyLinks {
    /// Counts the links between these nodes.
    pub fn new(scan: JourneyScan, nodes: Arc<[ColumnNodes; COLUMNS]>) -> Self {
        let visits = nodes.windows(2).map(|pair| vec![0; pair[0].count * pair[1].count]).collect();
        Self { scan, nodes, visits }
    }
}

impl JourneyLinks {
    /// Returns the visits of a node before or after the middle: each goes on towards it, or came from it.
    pub fn visits_of(&self, column: usize, place: usize) -> i64 {
        if column < MIDDLE {
            let width = self.nodes[column + 1].count;
            return self.visits[column][place * width..(place + 1) * width].iter().sum();
        }
        let width = self.nodes[column].count;
        self.visits[column - 1].iter().skip(place).step_by(width).sum()
    }
}

/// The nodes of a column by the codes of pages in one block, looked up when they first occur.
struct CodeNodes<'a> {
    nodes: &'a ColumnNodes,
    /// The place plus 1; 0 for a code that did not occur.
    places: Vec<u32>,
}

impl CodeNodes<'_> {
    fn place(&mut self, code: usize, key: impl Fn(usize) -> DictKey) -> usize {
        if self.places[code] == 0 {
            let place = self.nodes.pages.get(&key(code)).copied().unwrap_or(self.nodes.others);
            self.places[code] = u32::try_from(place + 1).unwrap_or(u32::MAX);
        }
        self.places[code] as usize - 1
    }
}

impl Accumulator for JourneyLinks {
    fn needs(&self, projection: &mut Projection) {
        self.scan.needs(projection);
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.scan.clone(), Arc::clone(&self.nodes)))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let theirs = counted::<Self>(fork).into_iter().flat_map(|fork| fork.visits);
        for (mine, theirs) in self.visits.iter_mut().zip(theirs) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let Self { scan, nodes, visits } = self;
        let keys = &block.dictionary(BY_PAGE.into()).keys;
        let mut places: Vec<CodeNodes<'_>> =
            nodes.iter().map(|nodes| CodeNodes { nodes, places: vec![0; keys.len()] }).collect();
        let key = |code: usize| keys.get(code);
        let mut link = |column: usize, from: usize, to: usize| {
            visits[column][from * nodes[column + 1].count + to] += 1;
        };
        scan.each(block, rows, |before, after, source| {
            let mut later = 0;
            for (step, code) in before.codes().iter().enumerate() {
                let column = column_before(step);
                let place = places[column].place(*code, key);
                link(column, place, later);
                later = place;
            }
            if before.is_whole() {
                let column = column_before(before.codes().len());
                if let Some(place) = nodes[column].ends.get(&source) {
                    link(column, *place, later);
                }
            }
            let mut earlier = 0;
            for (step, code) in after.codes().iter().enumerate() {
                let column = column_after(step);
                let place = places[column].place(*code, key);
                link(column - 1, earlier, place);
                earlier = place;
            }
            if after.is_whole() {
                let column = column_after(after.codes().len());
                if let Some(place) = nodes[column].ends.get(&0) {
                    link(column - 1, earlier, *place);
                }
            }
        });
    }
}

/// The column of the middle.
pub const MIDDLE: usize = JOURNEY_STEPS;
