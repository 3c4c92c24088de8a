//! The periods in which recognized visitors came, and the one in which each came first.

use super::accumulator::{Accumulator, counted, each_day};
use crate::model::clock::Day;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::{ColumnId, ColumnPart, flags};
use crate::reports::dimension::GroupKey;
use crate::store::visit_attribute::VisitAttribute;
use std::sync::Arc;

/// The end of the ids of visitors who are recognized for longer than a day: those above are hashes of one day.
const RECOGNIZED_END: u64 = 1 << 53;
const BY_VISITOR: GroupKey = GroupKey::Property(VisitAttribute::Visitor);
const PERIOD_BITS: u32 = 6;
/// The most periods that are told apart.
pub const PERIODS_MAX: usize = 1 << PERIOD_BITS;

/// The periods of cohorts, and the visitors whose visits are collected.
#[derive(Clone, Debug)]
pub struct CohortScan {
    /// The first day of each period.
    pub starts: Arc<[Day]>,
    /// The part of the visitors that is collected, of so many parts.
    pub part: (u64, u64),
    /// True if only the first visits of visitors are collected.
    pub is_of_new: bool,
    /// The entries beyond which nothing is collected any more.
    pub entries_max: usize,
}

/// An accumulator of the visits of recognized visitors.
#[derive(Debug)]
pub struct CohortVisits {
    scan: CohortScan,
    /// An entry for each visitor and period, in no order and perhaps several times: the visitor, the period, and a bit that is set
    /// for the first visit ever.
    entries: Vec<u64>,
    /// True if there were more entries than are collected.
    pub is_over: bool,
    /// The first visits of visitors who are recognized for one day only.
    pub unrecognized: i64,
}

impl CohortVisits {
    /// Collects visits.
    pub fn new(scan: CohortScan) -> Self {
        Self { scan, entries: Vec::new(), is_over: false, unrecognized: 0 }
    }

    /// Adds the visitors of each cohort by period to `cohorts`: those whose first visit lies in the cohort's period.
    pub fn count(mut self, cohorts: &mut [Vec<i64>]) {
        self.entries.sort_unstable();
        self.entries.dedup();
        let visitor = |entry: u64| entry >> (PERIOD_BITS + 1);
        let period = |entry: u64| (entry >> 1) as usize % PERIODS_MAX;
        for of_visitor in self.entries.chunk_by(|one, next| visitor(*one) == visitor(*next)) {
            let Some(first) = of_visitor.iter().find(|entry| **entry & 1 != 0) else { continue };
            let first = period(*first);
            let mut last = None;
            for entry in of_visitor {
                let period = period(*entry);
                if period >= first && last.replace(period) != Some(period) {
                    cohorts[first][period - first] += 1;
                }
            }
        }
    }

    /// Returns the same visits, none of which is known as a first one.
    #[must_use]
    pub fn without_first_visits(mut self) -> Self {
        self.entries.iter_mut().for_each(|entry| *entry &= !1);
        self
    }

    /// Takes the entries of another one.
    pub fn append(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.is_over |= other.is_over || self.entries.len() > self.scan.entries_max;
    }
}

/// Returns the part of so many to which a visitor belongs, however numbers were chosen.
fn part_of(visitor: u64, parts: u64) -> u64 {
    (visitor.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % parts
}

impl Accumulator for CohortVisits {
    fn needs(&self, projection: &mut Projection) {
        projection.rows_by(BY_VISITOR);
        projection.parts.push(ColumnPart::Flags);
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.scan.clone()))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        if let Some(fork) = counted::<Self>(fork) {
            self.unrecognized += fork.unrecognized;
            self.append(fork);
        }
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        if self.is_over {
            return;
        }
        let column = ColumnId::from(BY_VISITOR);
        let (keys, codes) = (&block.dictionary(column).keys, block.codes(column));
        let all_flags = block.numbers(ColumnPart::Flags);
        // The last period of each visitor in this block, plus 1: further visits in it say nothing new.
        let mut seen = vec![0_u8; keys.len()];
        let (part, parts) = self.scan.part;
        each_day(block, rows, |day, of_day| {
            let period = self.scan.starts.partition_point(|start| *start <= day.day);
            let Some(period) = period.checked_sub(1) else { return };
            let mark = u8::try_from(period + 1).unwrap_or(u8::MAX);
            for row in of_day.filter(|row| rows.has(*row)) {
                let code = codes.place(row);
                let is_new = all_flags.get(row) & u64::from(flags::NEW) != 0;
                if !is_new && (self.scan.is_of_new || seen[code] == mark) {
                    continue;
                }
                let visitor = keys.get(code);
                if visitor >= RECOGNIZED_END || visitor == 0 {
                    self.unrecognized += i64::from(is_new);
                } else if part_of(visitor, parts) == part {
                    self.entries.push((visitor << PERIOD_BITS | period as u64) << 1 | u64::from(is_new));
                }
                seen[code] = mark;
            }
        });
        self.is_over = self.entries.len() > self.scan.entries_max;
    }
}
