//! The projection: the parts of a block that a query needs, declared before loading so that no part is read in vain.

use super::{Bag, Of, Part};
use crate::reports::dimension::By;

/// The metrics counted for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// All metrics.
    Measures,
    /// Occurrences alone.
    Hits,
}

/// The parts of a block that a query needs.
#[derive(Debug, Default)]
pub struct Wants {
    /// True without filters: every visit counts.
    pub is_plain: bool,
    /// The groupings of visits; for them the stored metrics by key are enough where a block has them.
    pub items: Vec<(By, Counting)>,
    /// The groupings of single rows, each with true if the sums of a whole day would do.
    pub rows_of: Vec<(By, bool)>,
    /// Further parts.
    pub parts: Vec<Part>,
}

impl Wants {
    /// Adds the parts for the metrics of visits.
    pub fn measures(&mut self) {
        self.parts.extend([Part::Facts, Part::Actions, Part::Seconds]);
    }

    /// Adds the owners of the rows of these repeated columns.
    pub fn owners(&mut self, bags: impl IntoIterator<Item = Bag>) {
        self.parts.extend(bags.into_iter().map(Part::Owners));
    }

    /// Adds the key of each visit or row of a grouping.
    pub fn rows_by(&mut self, by: By) {
        match Of::from(by) {
            Of::ActionCount => self.parts.push(Part::Actions),
            Of::TimeOnSite => self.parts.push(Part::Seconds),
            Of::Visit => self.parts.push(Part::Ids),
            of => self.parts.extend([Part::Head(of), Part::Codes(of)]),
        }
        if let Of::Bag(bag) = Of::from(by) {
            self.parts.push(Part::Owners(bag));
        }
    }
}
