//! The reader of the metrics of visits in a block: one by one, or all that are selected, column by column.

use super::goal_in_view::GoalInView;
use super::packed_ints::{PackedInts, of_any_width};
use super::selection::Selection;
use super::{NUMBERS, ROW_NUMBERS, VISIT_FLAGS, VISITOR_FLAGS, flags};
use crate::model::metrics::{Measure, Metrics};

/// Returns true for the numbers of visits that their conversions add up to.
pub fn is_of_conversions(measure: Measure) -> bool {
    matches!(measure, Measure::Conversions | Measure::Earned | Measure::Refunded)
}

/// A reader of the metrics of visits in a block.
#[derive(Clone, Copy)]
pub struct MetricsReader<'a> {
    pub(super) flags: &'a PackedInts,
    /// The flags that count.
    pub(super) counted: u64,
    /// The columns of [`NUMBERS`]; `None` for those that are zero throughout.
    pub(super) numbers: [Option<&'a PackedInts>; NUMBERS.len()],
    /// The conversions that count in place of those of all goals.
    pub(super) goal: Option<&'a GoalInView>,
    /// The first row, and from there the flags of each visitor's first visit of the day.
    pub(super) firsts: Option<(usize, &'a [bool])>,
}

/// Counts the flags that are set.
#[inline]
fn add_flags<const N: usize>(to: &mut Metrics, bits: u64, flags: [(Measure, u8); N]) {
    for (measure, flag) in flags {
        to[measure] += i64::from(bits & u64::from(flag) != 0);
    }
}

impl MetricsReader<'_> {
    /// Adds the metrics of a visit.
    pub fn add(self, to: &mut Metrics, row: usize) {
        let flags = self.flags.get(row) & self.counted;
        to[Measure::Visits] += 1;
        match self.firsts {
            None => add_flags(to, flags, VISITOR_FLAGS),
            // New visitors are not counted in a restricted population, since NEW tells of all visits.
            Some((start, firsts)) => to[Measure::Uniques] += i64::from(firsts[row - start]),
        }
        add_flags(to, flags, VISIT_FLAGS);
        // Few visits have conversions, of which nothing is read for the others.
        let count = if flags & u64::from(flags::CONVERTED) == 0 { ROW_NUMBERS.len() } else { NUMBERS.len() };
        for (measure, numbers) in NUMBERS.into_iter().zip(self.numbers).take(count) {
            if let Some(numbers) = numbers {
                to[measure] = to[measure].saturating_add(numbers.get(row).cast_signed());
            }
        }
        if let Some(goal) = self.goal {
            goal.add(to, row);
        }
    }

    /// Returns a reader of what visits have beside their conversions.
    #[must_use]
    pub fn without_conversions(self) -> Self {
        let mut numbers = self.numbers;
        for (measure, numbers) in NUMBERS.into_iter().zip(&mut numbers) {
            if is_of_conversions(measure) {
                *numbers = None;
            }
        }
        Self { counted: self.counted & !u64::from(flags::CONVERTED), numbers, goal: None, ..self }
    }

    /// Returns the metrics of all selected visits, computed column by column.
    pub fn sum(self, rows: &Selection) -> Metrics {
        let mut sum = Metrics::new([(Measure::Visits, i64::try_from(rows.count()).unwrap_or(0))]);
        of_any_width!(self.flags, |at| rows.each(|row| {
            let flags = at(row) & self.counted;
            add_flags(&mut sum, flags, VISITOR_FLAGS);
            add_flags(&mut sum, flags, VISIT_FLAGS);
        }));
        if let Some((start, firsts)) = self.firsts {
            (sum[Measure::Uniques], sum[Measure::New]) = (0, 0);
            rows.each(|row| sum[Measure::Uniques] += i64::from(firsts[row - start]));
        }
        for (measure, numbers) in NUMBERS.into_iter().zip(self.numbers) {
            let Some(numbers) = numbers else { continue };
            let mut all = 0_i64;
            of_any_width!(numbers, |at| rows.each(|row| all = all.saturating_add(at(row).cast_signed())));
            sum[measure] = all;
        }
        if let Some(goal) = self.goal {
            rows.each(|row| goal.add(&mut sum, row));
        }
        sum
    }
}
