//! The attributes of touches, whose columns are the same as those of the visits' own sources wherever no earlier visit is
//! credited.

use super::{ColumnId, ColumnPart};
use crate::store::visit_attribute::{DAY_COLUMNS, VisitAttribute};
use std::sync::LazyLock;

/// The number of the attribute of the visit's own source that each attribute stands for; that of itself where it is none of a
/// touch.
pub static UNTOUCHED: LazyLock<[usize; DAY_COLUMNS]> = LazyLock::new(|| {
    let mut own = [0; DAY_COLUMNS];
    VisitAttribute::day_columns().for_each(|one| own[one as usize] = one.untouched() as usize);
    own
});

/// Iterates over the parts of the attributes of touches without a column of their own, each with that which it is equal to.
/// `is_touched` is true for each attribute that has one.
pub fn untouched_parts(is_touched: [bool; DAY_COLUMNS]) -> impl Iterator<Item = (ColumnPart, ColumnPart)> {
    let touches = VisitAttribute::day_columns()
        .filter(move |one| one.touch().is_some() && !is_touched[*one as usize])
        .map(ColumnId::Property);
    let parts = touches.flat_map(|id| [ColumnPart::Dictionary(id), ColumnPart::Codes(id)]);
    parts.filter_map(|part| Some((part, part.untouched()?)))
}
