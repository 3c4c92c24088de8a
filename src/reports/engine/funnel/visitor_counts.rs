//! The counts of a funnel whose steps a visitor takes in several visits. What visits did is sorted by their visitors, on the
//! disk beyond the memory of a sort, and read visitor by visitor.

use super::chain::{Chain, ChainEvent, ChainSearch};
use super::funnel_counts::FunnelCounts;
use super::visit_events::{EventReader, VisitEvent};
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::codec::{Decoder, Encoder};
use crate::reports::columns::{ColumnId, DictKey};
use crate::reports::dimension::GroupKey;
use crate::reports::engine::aggregate::accumulator::{Accumulator, counted};
use crate::reports::engine::aggregate::external_sort::{ExternalSort, Sortable, Sorted};
use crate::reports::engine::aggregate::pairs::Axis;
use crate::store::visit_attribute::VisitAttribute;

/// The grouping of visits by their visitor.
const BY_VISITOR: GroupKey = GroupKey::Property(VisitAttribute::Visitor);
/// The first id that no cookie has: those above are of visitors who are known within a day.
const RECOGNIZED_END: DictKey = 1 << 53;

/// An accumulator of the visitors that take the steps of the funnel in view.
#[derive(Debug)]
pub struct FunnelVisitors {
    counts: FunnelCounts,
    by: Option<Axis>,
    counts_next: bool,
    /// The last day on which a visitor enters.
    last: Day,
    trails: ExternalSort<Trail>,
    others: Vec<ExternalSort<Trail>>,
    outcome: Result<()>,
}

/// The events of a visit that the funnel needs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Trail {
    visitor: DictKey,
    visit: i64,
    /// True if a chain may begin in the visit.
    may_begin: bool,
    /// The groups of the breakdown.
    groups: Vec<u32>,
    events: Vec<TrailEvent>,
}

/// An event of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TrailEvent {
    at: u64,
    steps: u64,
    /// 1 for a page view, 2 for a conversion.
    kind: u64,
    /// The key of the page that was viewed next, plus 1; 0 for none.
    next: DictKey,
}

impl Sortable for Trail {
    fn write(&self, pen: &mut Encoder) {
        for number in [
            self.visitor,
            self.visit.cast_unsigned(),
            self.may_begin.into(),
            self.groups.len() as u64,
            self.events.len() as u64,
        ] {
            pen.number(number);
        }
        for group in &self.groups {
            pen.number((*group).into());
        }
        for event in &self.events {
            for number in [event.at, event.steps, event.kind, event.next] {
                pen.number(number);
            }
        }
    }

    fn read(eye: &mut Decoder<'_>) -> Option<Self> {
        let (visitor, visit, may_begin) = (eye.number()?, eye.number()?.cast_signed(), eye.number()? != 0);
        let (groups, events) = (eye.number()?, eye.number()?);
        let groups = (0..groups).map(|_| u32::try_from(eye.number()?).ok()).collect::<Option<_>>()?;
        let event = |_| {
            let (at, steps, kind) = (eye.number()?, eye.number()?, eye.number()?);
            Some(TrailEvent { at, steps, kind, next: eye.number()? })
        };
        let events = (0..events).map(event).collect::<Option<_>>()?;
        Some(Self { visitor, visit, may_begin, groups, events })
    }

    fn bytes(&self) -> usize {
        self.groups.len() * size_of::<u32>() + self.events.len() * size_of::<TrailEvent>()
    }
}

impl TrailEvent {
    fn new(event: &VisitEvent, next: DictKey) -> Self {
        let seen = event.in_chain(0, 0);
        let kind = u64::from(seen.is_page) + 2 * u64::from(seen.is_conversion);
        Self { at: event.at, steps: event.steps.into(), kind, next }
    }

    fn in_chain(&self, began: i64, place: u32) -> ChainEvent {
        ChainEvent {
            at: began + self.at.cast_signed(),
            steps: u16::try_from(self.steps).unwrap_or(0),
            is_page: self.kind == 1,
            is_conversion: self.kind == 2,
            place,
        }
    }
}

impl FunnelVisitors {
    /// Counts visitors who enter until a day, also by a dimension, and with the next pages of those lost if `counts_next`.
    pub fn new(counts: FunnelCounts, by: Option<Axis>, counts_next: bool, last: Day) -> Self {
        let trails = ExternalSort::new(counts.aside());
        Self { counts, by, counts_next, last, trails, others: Vec::new(), outcome: Ok(()) }
    }

    /// Returns the counts, visitor by visitor.
    ///
    /// # Errors
    /// Fails when the query is cancelled or what was sorted cannot be read.
    pub fn finish(self) -> Result<FunnelCounts> {
        let Self { mut counts, counts_next, trails, others, outcome, .. } = self;
        outcome?;
        let sorts = std::iter::once(trails).chain(others).map(ExternalSort::finish);
        let mut visitor = Visitor::new(ChainSearch::new(counts.rules));
        for trail in Sorted::join(sorts.collect::<Result<_>>()?) {
            let trail = trail?;
            if trail.visitor != visitor.key {
                visitor.settle(&mut counts, counts_next);
                visitor.key = trail.visitor;
            }
            visitor.add(trail);
        }
        visitor.settle(&mut counts, counts_next);
        Ok(counts)
    }
}

/// The visitor whose visits are read.
struct Visitor {
    key: DictKey,
    search: ChainSearch,
    /// The groups of each visit in which a chain may begin.
    groups: Vec<Vec<u32>>,
    /// For each event that may be a step the visit in which it is, and what was viewed next.
    events: Vec<(u32, DictKey)>,
}

impl Visitor {
    fn new(search: ChainSearch) -> Self {
        Self { key: 0, search, groups: Vec::new(), events: Vec::new() }
    }

    /// Adds the next visit.
    fn add(&mut self, trail: Trail) {
        if self.search.is_complete() {
            return;
        }
        let began = VisitId(trail.visit).began().0;
        let visit = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.push(trail.groups);
        for event in trail.events {
            let place = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
            self.search.add(&event.in_chain(began, place), trail.may_begin);
            if event.steps != 0 {
                self.events.push((visit, event.next));
            }
        }
    }

    /// Counts the best chain, and forgets the visits.
    fn settle(&mut self, counts: &mut FunnelCounts, counts_next: bool) {
        if let Some(chain) = self.search.best() {
            let first = self.search.backwards(chain).last().map_or(0, |link| link.place);
            let (visit, _) = self.events[first as usize];
            counts.count(&self.search, chain, self.groups[visit as usize].iter().copied());
            if counts_next && !self.search.is_complete() {
                self.count_next(chain, counts);
            }
        }
        self.search.clear();
        self.groups.clear();
        self.events.clear();
    }

    fn count_next(&self, chain: &Chain, counts: &mut FunnelCounts) {
        let last = self.search.backwards(chain).next().map_or(0, |link| link.place);
        match self.events[last as usize].1 {
            0 => counts.next.leave(chain.steps - 1, 1),
            page => counts.next.add(chain.steps - 1, page - 1, 1),
        }
    }
}

impl Accumulator for FunnelVisitors {
    fn needs(&self, projection: &mut Projection) {
        projection.rows_by(BY_VISITOR);
        projection.rows_by(GroupKey::Visit);
        self.by.iter().for_each(|axis| projection.rows_by(axis.by()));
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.counts.empty(), self.by.clone(), self.counts_next, self.last))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let Some(fork) = counted::<Self>(fork) else { return };
        self.outcome = std::mem::replace(&mut self.outcome, Ok(())).and(fork.outcome);
        self.counts.merge(fork.counts);
        self.others.push(fork.trails);
        self.others.extend(fork.others);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let column = ColumnId::from(BY_VISITOR);
        let (codes, keys) = (block.codes(column), &block.dictionary(column).keys);
        let end = block.days.first().map_or(0, |first| block.rows_of(first.day, self.last).end);
        let counts = &mut self.counts;
        rows.each(|visit| {
            if visit < end {
                counts.visits += 1;
                counts.recognized += i64::from(keys.get(codes.place(visit)) < RECOGNIZED_END);
            }
        });
        // A visit without a step may part two that follow directly.
        let has_direct = counts.rules.has_direct();
        let Some(step_codes) = rows.steps().filter(|codes| has_direct || codes.all() != 0) else { return };
        let reader = EventReader::new(block, rows, step_codes);
        let groups = self.by.as_ref().map(|axis| axis.found(block, rows)).unwrap_or_default();
        let mut groups = groups.as_slice();
        let mut events = Vec::new();
        rows.each(|visit| {
            if !has_direct && reader.steps(visit) == 0 {
                return;
            }
            reader.read(visit, has_direct, &mut events);
            if events.is_empty() {
                return;
            }
            groups = &groups[groups.partition_point(|(other, _)| *other < visit)..];
            let of_visit = groups.iter().take_while(|(other, _)| *other == visit);
            let next = |event: &VisitEvent| {
                let asks = self.counts_next && event.steps != 0;
                let page = asks.then(|| reader.next_page(visit, event)).flatten();
                page.map_or(0, |code| reader.page(code) + 1)
            };
            let trail = Trail {
                visitor: keys.get(codes.place(visit)),
                visit: block.ids().get(visit).0,
                may_begin: visit < end,
                groups: of_visit.map(|(_, group)| *group).collect(),
                events: events.iter().map(|event| TrailEvent::new(event, next(event))).collect(),
            };
            if self.outcome.is_ok() {
                self.outcome = self.trails.push(trail);
            }
        });
    }
}
