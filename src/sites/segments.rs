//! Changes to saved segments. Segments of a single user leave no trace; changes to a site-wide segment are
//! recorded in the audit log.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::id::SegmentId;
use crate::reports::filter;
use crate::store::segments::{self, SegmentScope};
use rusqlite::Transaction;

/// Checks the name of a segment.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the name is empty, too long, or has control characters.
pub fn check_name(name: &str) -> Result<()> {
    let is_long = !(1..=limits::SEGMENT_NAME_CHARS_MAX).contains(&name.chars().count());
    if is_long || name.chars().any(char::is_control) {
        let sentence =
            format!("Give the segment a name of 1 to {} characters.", limits::SEGMENT_NAME_CHARS_MAX);
        return Err(Error::invalid("name", sentence));
    }
    Ok(())
}

fn check_free(tx: &Transaction<'_>, scope: SegmentScope, name: &str, id: Option<SegmentId>) -> Result<()> {
    check_name(name)?;
    if segments::has_name(tx, scope, name, id)? {
        let sentence = "There is a segment of that name. Choose another name, or replace the filters of that one in the list.";
        return Err(Error::invalid("name", sentence));
    }
    Ok(())
}

fn note(
    tx: &Transaction<'_>,
    actor: &Actor,
    scope: SegmentScope,
    act: AuditAction,
    name: &str,
) -> Result<()> {
    if scope.owner.is_some() {
        return Ok(());
    }
    actor.record(tx, scope.site, act, name)
}

/// Checks the filters of a segment.
///
/// # Errors
///
/// Fails with `Error::Invalid` when there are none, or when they cannot be parsed from an address.
fn check_conditions(conditions: &str) -> Result<()> {
    let wanted = filter::read(conditions)?;
    if wanted.is_empty() {
        return Err(Error::invalid("conditions", "There is no filter to save. Add one first."));
    }
    filter::check(&wanted)
}

/// Saves filters under a new name.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the name or the filters are not valid, the name is taken, or there are too
/// many segments already, and when the data file cannot be written.
pub fn make(
    tx: &Transaction<'_>,
    actor: &Actor,
    scope: SegmentScope,
    name: &str,
    conditions: &str,
) -> Result<()> {
    check_conditions(conditions)?;
    check_free(tx, scope, name, None)?;
    segments::create(tx, scope, name, conditions, actor.at)?;
    note(tx, actor, scope, AuditAction::SaveSegment, name)
}

/// Renames a segment, and replaces its filters if new ones are given.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such segment, with `Error::Invalid` when the name or the
/// filters are not valid or the name is taken, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    actor: &Actor,
    scope: SegmentScope,
    id: SegmentId,
    name: &str,
    conditions: Option<&str>,
) -> Result<()> {
    let before = segments::get(tx, scope, id)?.name;
    conditions.map_or(Ok(()), check_conditions)?;
    check_free(tx, scope, name, Some(id))?;
    segments::update(tx, scope, id, name, conditions)?;
    let renamed = if before == name { String::new() } else { format!(", before {before}") };
    let replaced = if conditions.is_some() { ", with other filters" } else { "" };
    note(tx, actor, scope, AuditAction::ChangeSegment, &format!("{name}{renamed}{replaced}"))
}

/// Removes a segment.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such segment, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, scope: SegmentScope, id: SegmentId) -> Result<()> {
    let name = segments::get(tx, scope, id)?.name;
    segments::delete(tx, scope, id)?;
    note(tx, actor, scope, AuditAction::RemoveSegment, &name)
}
