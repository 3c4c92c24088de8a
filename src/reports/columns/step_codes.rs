//! The steps of a funnel that each item of a block takes, by the codes of the items.

use super::projection::Projection;
use super::{ColumnId, ColumnPart, KINDS, Repeated};

/// A set of steps of a funnel, the first one as the lowest bit.
pub type StepSet = u16;

/// The columns whose rows may be steps, in the order of what happens at the same moment: actions, then conversions.
pub const STEP_COLUMNS: [Repeated; KINDS.len() + 1] = [
    Repeated::Actions(KINDS[0]),
    Repeated::Actions(KINDS[1]),
    Repeated::Actions(KINDS[2]),
    Repeated::Actions(KINDS[3]),
    Repeated::Actions(KINDS[4]),
    Repeated::Goals,
];

/// The place of page views among [`STEP_COLUMNS`].
pub const PAGE_COLUMN: usize = 0;
/// The place of conversions among [`STEP_COLUMNS`].
pub const GOAL_COLUMN: usize = KINDS.len();

/// The steps that each item of a block takes.
#[derive(Clone, Debug, Default)]
pub struct StepCodes {
    /// For each of [`STEP_COLUMNS`] the steps that the item with a code takes; empty if none takes any.
    pub steps: [Vec<StepSet>; STEP_COLUMNS.len()],
    /// True if page views are read even if they take no step.
    pub reads_pages: bool,
}

impl StepCodes {
    /// Returns the steps that some item takes.
    pub fn all(&self) -> StepSet {
        self.steps.iter().flatten().fold(0, |all, steps| all | steps)
    }

    /// Returns true if some visit may take the first step.
    pub fn may_begin(&self) -> bool {
        self.all() & 1 != 0
    }

    /// Iterates over the places of the columns that are read.
    pub fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        (0..STEP_COLUMNS.len())
            .filter(|place| !self.steps[*place].is_empty() || self.reads_pages && *place == PAGE_COLUMN)
    }

    /// Adds the parts from which events are read.
    pub fn needs(&self, projection: &mut Projection) {
        if self.all() == 0 && !self.reads_pages {
            return;
        }
        for column in self.columns().map(|place| STEP_COLUMNS[place]) {
            projection.parts.extend([
                ColumnPart::Dictionary(ColumnId::Repeated(column)),
                ColumnPart::Codes(ColumnId::Repeated(column)),
                ColumnPart::Offsets(column),
                ColumnPart::Time(column),
            ]);
        }
    }
}
