//! Stored filters that name a goal: segments and guest links, which find no visits any more once the goal is removed.

use super::dimension::ValueKind;
use super::filter;
use super::filters_naming_visitor::{FilterReference, list_stored};
use super::funnel_filter;
use crate::error::Result;
use crate::model::id::SiteId;
use crate::store::goals::{self, Goal};
use rusqlite::Connection;

/// Finds the stored filters of a site that name a goal by its code, its name or its id, or a step of a funnel that depends on it.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, goal: &Goal) -> Result<Vec<FilterReference>> {
    let id = goal.id.to_string();
    let is_named = |value: &String| [&goal.code, &goal.settings.name, &id].contains(&value);
    let mut naming = Vec::new();
    for (reference, text) in list_stored(connection, site)? {
        let filters = filter::read(&text).unwrap_or_default();
        for one in filters {
            let is_of_goal = match one.dimension.value_kind {
                ValueKind::Goal => one.values.iter().any(is_named),
                ValueKind::FunnelStep => {
                    let depends =
                        |value: &String| funnel_filter::depends_on_goal(connection, site, value, goal.id);
                    one.values.iter().map(depends).collect::<Result<Vec<_>>>()?.contains(&true)
                }
                _ => false,
            };
            if is_of_goal {
                naming.push(reference);
                break;
            }
        }
    }
    Ok(naming)
}

/// Returns stored filters with the code in the place of each goal's id, and the name in that of each funnel's: in another data
/// file they have other ids.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn with_codes(connection: &Connection, site: SiteId, text: &str) -> Result<String> {
    let read = filter::read(text).unwrap_or_default();
    let mut filters = funnel_filter::named(connection, site, &read)?;
    let mut has_changed = filters != read;
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
