//! The times between the steps of a funnel, for exact medians. Beyond the memory of a sort they are sorted on the disk.

use crate::error::Result;
use crate::reports::columns::codec::{Decoder, Encoder};
use crate::reports::engine::aggregate::external_sort::{ExternalSort, Sortable, Sorted};
use crate::reports::engine::aggregate::spill_folder::SpillFolder;

/// The times between each step and the one before it, in milliseconds.
#[derive(Debug)]
pub struct StepTimes {
    aside: SpillFolder,
    /// For each step but the first one.
    times: Vec<Vec<u64>>,
    held: usize,
    counts: Vec<usize>,
    sorts: Vec<ExternalSort<StepTime>>,
    outcome: Result<()>,
}

/// A step, counted from 0 for the second one, and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct StepTime(u64, u64);

impl Sortable for StepTime {
    fn write(&self, pen: &mut Encoder) {
        pen.number(self.0);
        pen.number(self.1);
    }

    fn read(eye: &mut Decoder<'_>) -> Option<Self> {
        Some(Self(eye.number()?, eye.number()?))
    }

    fn bytes(&self) -> usize {
        0
    }
}

impl StepTimes {
    /// Returns no times for so many steps.
    pub fn new(steps: usize, aside: SpillFolder) -> Self {
        let steps = steps.saturating_sub(1);
        Self {
            aside,
            times: vec![Vec::new(); steps],
            held: 0,
            counts: vec![0; steps],
            sorts: Vec::new(),
            outcome: Ok(()),
        }
    }

    /// Adds the time to a step, counted from 0 for the second one.
    pub fn push(&mut self, step: usize, time: u64) {
        self.times[step].push(time);
        self.counts[step] += 1;
        self.held += 1;
        if self.held * size_of::<u64>() >= self.aside.limits.sort_bytes_max {
            self.put_aside();
        }
    }

    fn put_aside(&mut self) {
        if self.sorts.is_empty() {
            self.sorts.push(ExternalSort::new(self.aside.clone()));
        }
        let Some(sort) = self.sorts.first_mut() else { return };
        self.held = 0;
        for (step, times) in (0..).zip(&mut self.times) {
            for time in times.drain(..) {
                if self.outcome.is_ok() {
                    self.outcome = sort.push(StepTime(step, time));
                }
            }
        }
    }

    /// Adds the times that another thread collected.
    pub fn merge(&mut self, other: Self) {
        self.outcome = std::mem::replace(&mut self.outcome, Ok(())).and(other.outcome);
        self.sorts.extend(other.sorts);
        self.held += other.held;
        for (mine, theirs) in self.times.iter_mut().zip(other.times) {
            mine.extend(theirs);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine += theirs;
        }
    }

    /// Returns the median of each step: the time in the middle, or the mean of the two that are there.
    ///
    /// # Errors
    /// Fails when the times cannot be written to the disk or read from there.
    pub fn medians(mut self) -> Result<Vec<Option<i64>>> {
        if self.sorts.is_empty() {
            return Ok(self.times.iter_mut().map(|times| median(times)).collect());
        }
        self.put_aside();
        self.outcome?;
        let sorted = self.sorts.into_iter().map(ExternalSort::finish).collect::<Result<Vec<_>>>()?;
        let mut sums: Vec<(usize, u64)> = vec![(0, 0); self.counts.len()];
        for row in Sorted::join(sorted) {
            let StepTime(step, time) = row?;
            let step = usize::try_from(step).unwrap_or(0);
            let (seen, sum) = &mut sums[step];
            for middle in middles(self.counts[step]) {
                if middle == *seen {
                    *sum += time;
                }
            }
            *seen += 1;
        }
        Ok(sums.into_iter().map(|(count, sum)| (count > 0).then(|| (sum / 2).cast_signed())).collect())
    }
}

/// Returns the two places in the middle, which are one for an odd number.
fn middles(count: usize) -> [usize; 2] {
    [count.saturating_sub(1) / 2, count / 2]
}

fn median(times: &mut [u64]) -> Option<i64> {
    let [low, high] = middles(times.len());
    let (below, high, _) = (!times.is_empty()).then(|| times.select_nth_unstable(high))?;
    let low = if low == below.len() { *high } else { below.iter().max().copied().unwrap_or(*high) };
    Some(u64::midpoint(low, *high).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::EngineLimits;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn medians_are_those_of_a_sorted_list_in_memory_and_on_the_disk(
            mine in prop::collection::vec((0_usize..3, 0_u64..5_000), 0..150),
            theirs in prop::collection::vec((0_usize..3, 0_u64..5_000), 0..150),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let aside = SpillFolder::new(folder.path().to_owned(), EngineLimits::small());
            let (mut times, mut others) = (StepTimes::new(4, aside.clone()), StepTimes::new(4, aside));
            for (step, time) in &mine {
                times.push(*step, *time);
            }
            for (step, time) in &theirs {
                others.push(*step, *time);
            }
            times.merge(others);
            let all = [mine, theirs].concat();
            let median = |wanted: usize| {
                let of_step = all.iter().filter(|(step, _)| *step == wanted);
                let mut sorted: Vec<i64> = of_step.map(|(_, time)| time.cast_signed()).collect();
                sorted.sort_unstable();
                let count = sorted.len();
                (count > 0).then(|| i64::midpoint(sorted[(count - 1) / 2], sorted[count / 2]))
            };
            prop_assert_eq!(times.medians().unwrap(), (0..3).map(median).collect::<Vec<_>>());
        }
    }
}
