//! What people do with segments: their own are nobody else's business; what is done to one of everybody has its line in
//! the audit log.

use super::audit::{Act, Hand};
use crate::error::{Error, Result};
use crate::id::{SegmentId, SiteId, UserId};
use crate::limits;
use crate::reports::wanted;
use crate::store::segments;
use rusqlite::Transaction;

/// Whose segments are meant on a site; none: everybody's.
pub type Whose = (SiteId, Option<UserId>);

/// Refuses what is no name for a segment.
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

fn note(transaction: &Transaction<'_>, hand: &Hand, whose: Whose, (act, name): (Act, &str)) -> Result<()> {
    match whose {
        (site, None) => hand.note(transaction, site, (act, name)),
        (_, Some(_)) => Ok(()),
    }
}

/// Refuses conditions that are none, or that no address could ask for.
fn check_conditions(conditions: &str) -> Result<()> {
    let wanted = wanted::read(conditions)?;
    if wanted.is_empty() {
        return Err(Error::invalid("conditions", "There is no filter to save. Add one first."));
    }
    wanted::check(&wanted)
}

/// Keeps conditions under a new name.
pub fn make(
    transaction: &Transaction<'_>,
    (hand, whose): (&Hand, Whose),
    (name, conditions): (&str, &str),
) -> Result<()> {
    check_conditions(conditions)?;
    check_free(transaction, whose, (name, None))?;
    segments::create(transaction, whose, (name, conditions), hand.at)?;
    note(transaction, hand, whose, (Act::SaveSegment, name))
}

/// Gives a segment a name, and other conditions where some are given.
pub fn change(
    transaction: &Transaction<'_>,
    (hand, whose): (&Hand, Whose),
    id: SegmentId,
    (name, conditions): (&str, Option<&str>),
) -> Result<()> {
    let before = segments::get(transaction, whose, id)?.name;
    conditions.map_or(Ok(()), check_conditions)?;
    check_free(transaction, whose, (name, Some(id)))?;
    segments::update(transaction, whose, id, (name, conditions))?;
    let renamed = if before == name { String::new() } else { format!(", before {before}") };
    let replaced = if conditions.is_some() { ", with other filters" } else { "" };
    note(transaction, hand, whose, (Act::ChangeSegment, &format!("{name}{renamed}{replaced}")))
}

/// Removes a segment.
pub fn remove(transaction: &Transaction<'_>, (hand, whose): (&Hand, Whose), id: SegmentId) -> Result<()> {
    let name = segments::get(transaction, whose, id)?.name;
    segments::delete(transaction, whose, id)?;
    note(transaction, hand, whose, (Act::RemoveSegment, &name))
}
