//! The conversions of one goal, which a query has in view, and the conversions of each goal by itself.

use super::packed_ints::PackedInts;
use super::{AMOUNTS, DictKey};
use crate::model::metrics::{Measure, Metrics};
use std::ops::Range;

/// The conversions of one goal in a range of rows, by visit.
#[derive(Clone, Debug)]
pub struct GoalInView {
    /// The key of the goal.
    pub key: DictKey,
    start: usize,
    /// A bit for each row of the range, set for visits that reached the goal.
    reached: Vec<u64>,
    /// These visits, in ascending order, each with its conversions.
    found: Vec<(usize, Metrics)>,
}

impl GoalInView {
    /// Creates the view of a goal without any conversion.
    pub fn new(key: DictKey, range: &Range<usize>) -> Self {
        Self { key, start: range.start, reached: vec![0; range.len().div_ceil(64)], found: Vec::new() }
    }

    /// Adds a conversion of the last visit with conversions, or of a later one.
    pub fn push(&mut self, visit: usize, amounts: [&PackedInts; AMOUNTS.len()], row: usize) {
        if self.found.last().is_none_or(|(last, _)| *last != visit) {
            let place = visit - self.start;
            self.reached[place / 64] |= 1 << (place % 64);
            self.found.push((visit, Metrics::new([(Measure::Converted, 1)])));
        }
        if let Some((_, metrics)) = self.found.last_mut() {
            add_row(metrics, amounts, row);
        }
    }

    /// Adds the conversions of a visit to metrics.
    #[inline]
    pub fn add(&self, to: &mut Metrics, visit: usize) {
        let place = visit - self.start;
        if self.reached[place / 64] >> (place % 64) & 1 != 0
            && let Ok(found) = self.found.binary_search_by_key(&visit, |(visit, _)| *visit)
        {
            *to += self.found[found].1;
        }
    }

    /// Lists the visits in a range of rows that reached the goal, in ascending order, each with its conversions.
    pub fn found(&self, range: &Range<usize>) -> &[(usize, Metrics)] {
        let place = |row: usize| self.found.partition_point(|(visit, _)| *visit < row);
        &self.found[place(range.start)..place(range.end)]
    }
}

/// A reader of conversions, each of which counts for its own goal.
#[derive(Clone, Copy, Debug)]
pub struct ConversionReader<'a> {
    /// The numbers of [`AMOUNTS`].
    pub amounts: [&'a PackedInts; AMOUNTS.len()],
    /// The code of the goal in view, beside which no goal has conversions, higher than all others where the block has none
    /// of it; `None` without one.
    pub only: Option<usize>,
}

impl ConversionReader<'_> {
    /// Adds the conversion in a row to the metrics of its goal; `is_first` tells that it is the first of its visit.
    pub fn add(&self, to: &mut Metrics, goal: usize, row: usize, is_first: bool) {
        if self.only.is_none_or(|only| only == goal) {
            add_row(to, self.amounts, row);
            to[Measure::Converted] += i64::from(is_first);
        }
    }
}

fn add_row(to: &mut Metrics, amounts: [&PackedInts; AMOUNTS.len()], row: usize) {
    to[Measure::Conversions] += 1;
    for (measure, numbers) in AMOUNTS.into_iter().zip(amounts) {
        to[measure] = to[measure].saturating_add(numbers.get(row).cast_signed());
    }
}
