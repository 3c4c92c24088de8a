//! The number of each visit's visitor within its day, from 1 in the order of arrival.

use super::snapshot::Snapshot;
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::reports::columns::block::Block;
use crate::reports::columns::{ColumnId, ColumnPart};
use crate::store::sites::Site;
use crate::store::visit_attribute::VisitAttribute;
use std::sync::Arc;

/// The visits of a day, each with the number of its visitor.
pub struct VisitorNumbers {
    /// The day.
    pub day: Day,
    block: Arc<Block>,
    rows: std::ops::Range<usize>,
    numbers: Vec<u32>,
}

impl VisitorNumbers {
    /// Numbers the visitors of a day.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn load(snapshot: &Snapshot<'_>, site: &Site, day: Day) -> Result<Self> {
        let visitors = ColumnId::Property(VisitAttribute::Visitor);
        let parts = [ColumnPart::Ids, ColumnPart::Dictionary(visitors), ColumnPart::Codes(visitors)];
        let (block, rows) = snapshot.day(site, day, &parts)?;
        let mut known = vec![0_u32; block.dictionary(visitors).keys.len()];
        let mut last = 0;
        let numbers = rows.clone().map(|row| {
            let number = &mut known[block.codes(visitors).place(row)];
            if *number == 0 {
                last += 1;
                *number = last;
            }
            *number
        });
        let numbers = numbers.collect();
        Ok(Self { day, block, rows, numbers })
    }

    /// Returns the number of a visit's visitor; `None` for a visit of another day.
    pub fn get(&self, visit: VisitId) -> Option<u32> {
        let ids = self.block.ids();
        let row = ids.place(visit);
        let is_known = self.rows.contains(&row) && ids.get(row) == visit;
        is_known.then(|| self.numbers[row - self.rows.start])
    }
}
