//! Stored filters that name a goal: segments and guest links, which find no visits any more once the goal is removed.

use super::dimension::ValueKind;
use super::filter;
use super::filters_naming_visitor::{FilterReference, list_stored};
use crate::error::Result;
use crate::model::id::SiteId;
use crate::store::goals::{self, Goal};
use rusqlite::Connection;

/// Finds the stored filters of a site that name a goal by its code, its name or its id.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, goal: &Goal) -> Result<Vec<FilterReference>> {
    let id = goal.id.to_string();
    let is_named = |value: &String| [&goal.code, &goal.settings.name, &id].contains(&value);
    let stored = list_stored(connection, site)?.into_iter();
    let naming = stored.filter(|(_, text)| {
        let filters = filter::read(text).unwrap_or_default();
        filters
            .iter()
            .any(|one| one.dimension.value_kind == ValueKind::Goal && one.values.iter().any(is_named))
    });
    Ok(naming.map(|(reference, _)| reference).collect())
}

/// Returns stored filters with the code in the place of each goal's id: in another data file a goal has another id.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn with_codes(connection: &Connection, site: SiteId, text: &str) -> Result<String> {
    let mut filters = filter::read(text).unwrap_or_default();
    let mut has_changed = false;
    for one in filters.iter_mut().filter(|one| one.dimension.value_kind == ValueKind::Goal) {
        for value in &mut one.values {
            let named = goals::find_named(connection, site, value)?;
            if let Some(goal) = named.filter(|goal| *value == goal.id.to_string() && *value != goal.code) {
                *value = goal.code;
                has_changed = true;
            }
        }
    }
    Ok(if has_changed { filter::write(&filters) } else { text.to_owned() })
}
