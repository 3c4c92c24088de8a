//! Goals and funnels that filters name and that a site does not have: they were removed, or never were there.

use super::dimension::ValueKind;
use super::filter::Filter;
use super::funnel_filter::{self, FilterFunnel};
use super::results::item_name::REMOVED_GOALS;
use crate::error::Result;
use crate::model::id::SiteId;
use crate::store::goals;
use rusqlite::Connection;

/// The value of a filter that stands for any goal.
pub const ANY_GOAL: &str = "*";

/// The goals that filters name and that are not there, and sentences on funnels by which visits cannot be found.
#[derive(Debug, Default)]
pub struct MissingNames {
    goals: Vec<String>,
    funnels: Vec<String>,
}

impl MissingNames {
    /// Returns true if nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.goals.is_empty() && self.funnels.is_empty()
    }

    /// Returns true if a goal is missing.
    pub fn has_goals(&self) -> bool {
        !self.goals.is_empty()
    }
}

/// Returns what filters name and a site does not have, since it was removed or never was.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, filters: &[Filter]) -> Result<MissingNames> {
    let mut missing = MissingNames::default();
    for filter in filters {
        for value in &filter.values {
            match filter.dimension.value_kind {
                ValueKind::Goal => {
                    let is_any = value == ANY_GOAL || value == REMOVED_GOALS;
                    if !is_any && goals::find_present(connection, site, value)?.is_none() {
                        missing.goals.push(value.clone());
                    }
                }
                ValueKind::FunnelStep => {
                    if let FilterFunnel::Missing(sentence) = funnel_filter::find(connection, site, value)? {
                        missing.funnels.push(sentence);
                    }
                }
                _ => {}
            }
        }
    }
    Ok(missing)
}

/// Returns sentences on goals and funnels that filters name and that are not there.
pub fn describe(missing: &MissingNames) -> String {
    let names = missing.goals.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>();
    let goals = match names.as_slice() {
        [] => None,
        [one] => Some(format!("There's no goal {one} on this site. It may have been removed.")),
        names => {
            Some(format!("There are no goals {} on this site. They may have been removed.", names.join(", ")))
        }
    };
    goals.into_iter().chain(missing.funnels.iter().cloned()).collect::<Vec<_>>().join(" ")
}
