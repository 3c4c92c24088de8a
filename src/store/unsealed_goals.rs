//! Sealed days with conversions of one goal.

use super::blocks;
use crate::error::Result;
use crate::model::id::{GoalId, SiteId};
use rusqlite::{Transaction, named_params};

/// Unseals the days that hold conversions of a goal, and begins a new generation of its site. The blocks of these days
/// belong to no range any more and are deleted later, see [`blocks::list_strays`].
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn unseal(transaction: &Transaction<'_>, site: SiteId, goal: GoalId) -> Result<()> {
    blocks::begin_generation(transaction, site)?;
    transaction.execute(
        "delete from block_ranges
         where site_id = :site and exists (
           select 1 from conversions
           where conversions.site_id = :site and visit_id >= begins and visit_id < ends and goal = :goal)",
        named_params! {":site": site.0, ":goal": goal.0},
    )?;
    Ok(())
}
