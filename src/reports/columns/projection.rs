//! The projection: the parts of a block that a query needs, declared before loading so that no part is read in vain.

use super::{AMOUNTS, ColumnId, ColumnPart, NUMBERS, Repeated};
use crate::reports::dimension::GroupKey;

/// The metrics counted for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricSet {
    /// All metrics.
    All,
    /// Occurrences alone.
    Hits,
}

/// The parts of a block that a query needs.
#[derive(Debug, Default)]
pub struct Projection {
    /// True without filters: every visit counts.
    pub is_plain: bool,
    /// The groupings of visits; for them the stored metrics by key are enough where a block has them.
    pub items: Vec<(GroupKey, MetricSet)>,
    /// The groupings of single rows, each with true if the sums of a whole day would do.
    pub rows_of: Vec<(GroupKey, bool)>,
    /// Further parts.
    pub parts: Vec<ColumnPart>,
}

impl Projection {
    /// Adds the parts for the metrics of visits.
    pub fn metrics(&mut self) {
        self.parts.push(ColumnPart::Flags);
        self.parts.extend(NUMBERS.map(ColumnPart::Number));
    }

    /// Adds the owners of the rows of these repeated columns.
    pub fn offsets(&mut self, bags: impl IntoIterator<Item = Repeated>) {
        self.parts.extend(bags.into_iter().map(ColumnPart::Offsets));
    }

    /// Adds the key of each visit or row of a grouping.
    pub fn rows_by(&mut self, by: GroupKey) {
        match ColumnId::from(by) {
            ColumnId::ActionCount => self.parts.push(ColumnPart::ACTIONS),
            ColumnId::TimeOnSite => self.parts.push(ColumnPart::SECONDS),
            ColumnId::Visit => self.parts.push(ColumnPart::Ids),
            column => self.parts.extend([ColumnPart::Dictionary(column), ColumnPart::Codes(column)]),
        }
        if let ColumnId::Repeated(bag) = ColumnId::from(by) {
            self.parts.push(ColumnPart::Offsets(bag));
        }
    }

    /// Adds the parts for the metrics of a grouping; conversions have amounts of their own.
    pub fn metrics_by(&mut self, by: GroupKey) {
        self.metrics();
        if by == GroupKey::Goal {
            self.conversions();
        }
    }

    /// Adds the goal and the amounts of each conversion.
    pub fn conversions(&mut self) {
        self.rows_by(GroupKey::Goal);
        self.parts.extend(AMOUNTS.map(ColumnPart::Amount));
    }
}
