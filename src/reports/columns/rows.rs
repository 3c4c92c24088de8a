//! Which visits of a stretch count for a question.

use std::ops::Range;

/// Which visits of a stretch count.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Those of the days that were asked for.
    pub range: Range<usize>,
    /// Of these, the ones for which all conditions hold; none: there are no conditions.
    picked: Option<Picked>,
    /// Where some visits are not there at all, which are a visitor's first of the day, from the beginning of the range.
    pub(super) firsts: Option<Vec<bool>>,
}

#[derive(Clone, Debug)]
struct Picked {
    list: Vec<u32>,
    /// Whether a row is on the list, from the beginning of the range.
    holds: Vec<bool>,
}

impl Rows {
    /// All visits of a range.
    pub fn all(range: Range<usize>) -> Self {
        Self { range, picked: None, firsts: None }
    }

    /// Those of a range that hold.
    pub fn picked(range: Range<usize>, holds: Vec<bool>) -> Self {
        let count = holds.iter().filter(|holds| **holds).count();
        // Each row is written, and stays if it holds: which do is told by nothing, and guessing wrong costs more than
        // writing. One place more for those after the last.
        let mut list = vec![0; count + 1];
        let mut end = 0;
        let start = u32::try_from(range.start).unwrap_or(u32::MAX);
        for (row, holds) in (start..).zip(&holds) {
            list[end] = row;
            end += usize::from(*holds);
        }
        list.truncate(count);
        Self { range, picked: Some(Picked { list, holds }), firsts: None }
    }

    /// The same, where these rows, from the beginning of the range, are a visitor's first of the day.
    #[must_use]
    pub fn with_firsts(self, firsts: Vec<bool>) -> Self {
        Self { firsts: Some(firsts), ..self }
    }

    /// Whether none is left out for a condition.
    pub fn is_plain(&self) -> bool {
        self.picked.is_none()
    }

    /// Whether a row of the range counts.
    pub fn has(&self, row: usize) -> bool {
        self.picked.as_ref().is_none_or(|picked| picked.holds[row - self.range.start])
    }

    /// How many count.
    pub fn count(&self) -> usize {
        self.picked.as_ref().map_or(self.range.len(), |picked| picked.list.len())
    }

    /// Calls with each row that counts, in order.
    pub fn each(&self, mut see: impl FnMut(usize)) {
        match &self.picked {
            None => self.range.clone().for_each(see),
            Some(picked) => picked.list.iter().for_each(|row| see(*row as usize)),
        }
    }

    /// Calls with the last rows that count, so many at most, in order.
    pub fn each_of_last(&self, most: usize, see: impl FnMut(usize)) {
        match &self.picked {
            None => self.range.clone().skip(self.range.len().saturating_sub(most)).for_each(see),
            Some(picked) => {
                let first = picked.list.len().saturating_sub(most);
                picked.list[first..].iter().map(|row| *row as usize).for_each(see);
            }
        }
    }
}
