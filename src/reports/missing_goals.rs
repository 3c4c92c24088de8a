//! Goals that filters name and that a site does not have: they were removed, or never were there.

use super::dimension::ValueKind;
use super::filter::Filter;
use super::results::item_name::REMOVED_GOALS;
use crate::error::Result;
use crate::model::id::SiteId;
use crate::store::goals;
use rusqlite::Connection;

/// The value of a filter that stands for any goal.
pub const ANY_GOAL: &str = "*";

/// Returns the values of filters that name no goal of a site, since it was removed or never was.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, filters: &[Filter]) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for filter in filters.iter().filter(|filter| filter.dimension.value_kind == ValueKind::Goal) {
        for value in &filter.values {
            let is_any = value == ANY_GOAL || value == REMOVED_GOALS;
            if !is_any && goals::find_present(connection, site, value)?.is_none() {
                missing.push(value.clone());
            }
        }
    }
    Ok(missing)
}

/// Returns a sentence on goals that filters name and that are not there.
pub fn describe(missing: &[String]) -> String {
    let names = missing.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>();
    match names.as_slice() {
        [one] => format!("There's no goal {one} on this site. It may have been removed."),
        names => format!("There are no goals {} on this site. They may have been removed.", names.join(", ")),
    }
}
