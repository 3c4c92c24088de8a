//! A split test: its versions with the metrics of the visits that saw each, day by day.

use super::table::TableRow;
use crate::model::clock::Day;
use crate::reports::comparison::Compared;
use std::collections::BTreeMap;

/// A split test. A visit counts for the first version that it saw.
#[derive(Clone, Debug, Default)]
pub struct SplitTest {
    /// The names of all tests of the range, those with most visits first.
    pub tests: Vec<String>,
    /// The name of the test that was asked for, or of the one with most visits, in the comparison period if the range has none;
    /// `None` if that has none either.
    pub name: Option<String>,
    /// The versions with most visits, the highest first.
    pub versions: Vec<SplitVersion>,
    /// The number of all versions.
    pub count: usize,
    /// The visits of all versions.
    pub visits: Compared<i64>,
    /// The goal that the page code named last for the test.
    pub goal: Option<String>,
}

/// A version of a split test.
#[derive(Clone, Debug)]
pub struct SplitVersion {
    /// Its name, the value for a filter, and the metrics of its visits.
    pub row: TableRow,
    /// The visits of each day that has any.
    pub days: BTreeMap<Day, i64>,
}

impl SplitVersion {
    /// Returns the first and the last day with visits.
    pub fn first_and_last(&self) -> Option<(Day, Day)> {
        let (first, last) = (self.days.keys().next()?, self.days.keys().next_back()?);
        Some((*first, *last))
    }
}
