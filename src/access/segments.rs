//! Changes to saved segments. Segments of a single user leave no trace; changes to a site-wide segment are
//! recorded in the audit log.

use super::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::id::{SegmentId, SiteId, UserId};
use crate::reports::filter;
use crate::store::segments;
use rusqlite::Transaction;

/// The scope of a segment: a site and its user, or `None` for a site-wide segment.
pub type Whose = (SiteId, Option<UserId>);

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

fn check_free(
    transaction: &Transaction<'_>,
    whose: Whose,
    (name, id): (&str, Option<SegmentId>),
) -> Result<()> {
    check_name(name)?;
    if segments::has_name(transaction, whose, (name, id))? {
        let sentence = "There is a segment of that name. Choose another name, or replace the filters of that one in the list.";
        return Err(Error::invalid("name", sentence));
    }
    Ok(())
}

fn note(
    transaction: &Transaction<'_>,
    hand: &Actor,
    whose: Whose,
    (act, name): (AuditAction, &str),
) -> Result<()> {
    match whose {
        (site, None) => hand.note(transaction, site, act, name),
        (_, Some(_)) => Ok(()),
    }
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
    transaction: &Transaction<'_>,
    (hand, whose): (&Actor, Whose),
    (name, conditions): (&str, &str),
) -> Result<()> {
    check_conditions(conditions)?;
    check_free(transaction, whose, (name, None))?;
    segments::create(transaction, whose, (name, conditions), hand.at)?;
    note(transaction, hand, whose, (AuditAction::SaveSegment, name))
}

/// Renames a segment, and replaces its filters if new ones are given.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such segment, with `Error::Invalid` when the name or the
/// filters are not valid or the name is taken, and when the data file cannot be written.
pub fn change(
    transaction: &Transaction<'_>,
    (hand, whose): (&Actor, Whose),
    id: SegmentId,
    (name, conditions): (&str, Option<&str>),
) -> Result<()> {
    let before = segments::get(transaction, whose, id)?.name;
    conditions.map_or(Ok(()), check_conditions)?;
    check_free(transaction, whose, (name, Some(id)))?;
    segments::update(transaction, whose, id, (name, conditions))?;
    let renamed = if before == name { String::new() } else { format!(", before {before}") };
    let replaced = if conditions.is_some() { ", with other filters" } else { "" };
    note(transaction, hand, whose, (AuditAction::ChangeSegment, &format!("{name}{renamed}{replaced}")))
}

/// Removes a segment.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such segment, and when the data file cannot be written.
pub fn remove(transaction: &Transaction<'_>, (hand, whose): (&Actor, Whose), id: SegmentId) -> Result<()> {
    let name = segments::get(transaction, whose, id)?.name;
    segments::delete(transaction, whose, id)?;
    note(transaction, hand, whose, (AuditAction::RemoveSegment, &name))
}
