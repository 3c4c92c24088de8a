//! What questions need of a stretch, told before it is loaded, so that no part is read in vain.

use super::{Bag, Of, Part};
use crate::reports::dimension::By;

/// How much is counted of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// All measures.
    Measures,
    /// How often it occurs, and no more.
    Hits,
}

/// What questions need of a stretch.
#[derive(Debug, Default)]
pub struct Wants {
    /// No visit is left out.
    pub is_plain: bool,
    /// By what visits are counted: the sums of all visits do, where they are kept.
    pub items: Vec<(By, Counting)>,
    /// By what single rows are counted, and whether the sums of a day would do.
    pub rows_of: Vec<(By, bool)>,
    /// Parts.
    pub parts: Vec<Part>,
}

impl Wants {
    /// What visits add up to.
    pub fn measures(&mut self) {
        self.parts.extend([Part::Facts, Part::Actions, Part::Seconds]);
    }

    /// Whose the rows of these bags are.
    pub fn owners(&mut self, bags: impl IntoIterator<Item = Bag>) {
        self.parts.extend(bags.into_iter().map(Part::Owners));
    }

    /// Each visit's or row's key.
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
