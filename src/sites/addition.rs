//! The addition of a site.

use crate::access::audit::{Actor, AuditAction};
use crate::error::Result;
use crate::model::id::{SiteId, UserId};
use crate::store::site_plan;
use crate::store::sites::{self, Keys, NewSite};
use rusqlite::Transaction;

/// Adds a site, whatever the plan of its owner allows.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn create(
    tx: &Transaction<'_>,
    actor: &Actor,
    owner: UserId,
    site: &NewSite,
    keys: &Keys,
) -> Result<SiteId> {
    let id = sites::create(tx, owner, site, keys, actor.at)?;
    actor.record(tx, id, AuditAction::AddSite, &site.domain)?;
    Ok(id)
}

/// Adds a site if the plan of its owner has room for it.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the plan is full, and when the data file cannot be written.
pub fn create_within_plan(
    tx: &Transaction<'_>,
    actor: &Actor,
    owner: UserId,
    site: &NewSite,
    keys: &Keys,
) -> Result<SiteId> {
    site_plan::check_plan(tx, owner)?;
    create(tx, actor, owner, site, keys)
}
