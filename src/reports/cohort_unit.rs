//! The unit of cohorts that a report of retention has: weeks or months.

use super::date_range::Unit;
use crate::error::{Error, Result};

/// Reads the unit that a parameter names; weeks without one.
///
/// # Errors
/// Fails with [`Error::Invalid`] for another unit.
pub fn read(name: Option<&str>) -> Result<Unit> {
    match name {
        None | Some("" | "week") => Ok(Unit::Week),
        Some("month") => Ok(Unit::Month),
        Some(_) => Err(Error::invalid("by", "Write week or month.")),
    }
}

/// Returns the word for a unit.
pub fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Year => "year",
    }
}
