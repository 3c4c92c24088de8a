//! Annotations of a site's dates.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Day;
use crate::model::id::AnnotationId;
use crate::store::annotations::{self, Annotation, AnnotationKind};
use crate::store::sites::Site;
use rusqlite::{Connection, Transaction};

/// Adds an annotation to a day.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the text or the day is not valid, or the day has too many annotations, and when the
/// data file cannot be written.
pub fn add(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    day: Day,
    kind: AnnotationKind,
    text: &str,
) -> Result<AnnotationId> {
    let annotation = Annotation {
        id: AnnotationId(0),
        day: checked_day(actor, site, day)?,
        kind,
        text: checked_text(text)?,
        author: actor.user.clone(),
        created_at: actor.at,
    };
    check_room(tx, site, day)?;
    let id = annotations::create(tx, site.id, &annotation)?;
    actor.record(tx, site.id, AuditAction::AddAnnotation, &describe(&annotation))?;
    Ok(id)
}

/// Changes the day and the text of an annotation.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such annotation, with `Error::Invalid` when the text or the day is not
/// valid, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    id: AnnotationId,
    day: Day,
    text: &str,
) -> Result<()> {
    let before = annotations::get(tx, site.id, id)?;
    let after =
        Annotation { day: checked_day(actor, site, day)?, text: checked_text(text)?, ..before.clone() };
    if after == before {
        return Ok(());
    }
    if after.day != before.day {
        check_room(tx, site, after.day)?;
    }
    annotations::update(tx, site.id, id, after.day, &after.text)?;
    actor.record(tx, site.id, AuditAction::ChangeAnnotation, &describe(&after))
}

/// Removes an annotation.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such annotation, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, site: &Site, id: AnnotationId) -> Result<()> {
    let before = annotations::get(tx, site.id, id)?;
    annotations::delete(tx, site.id, id)?;
    actor.record(tx, site.id, AuditAction::RemoveAnnotation, &describe(&before))
}

/// Returns a day from 2000 to a year ahead.
fn checked_day(actor: &Actor, site: &Site, day: Day) -> Result<Day> {
    let today = site.zone.day(actor.at);
    if (limits::ANNOTATION_FIRST_DAY..=today.0 + limits::ANNOTATION_DAYS_AHEAD_MAX).contains(&day.0) {
        return Ok(day);
    }
    Err(Error::invalid("day", "Choose a day from the year 2000 to a year from now."))
}

fn checked_text(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    let is_wrong = |letter: char| letter.is_control() && letter != '\n';
    if (1..=limits::ANNOTATION_CHARS_MAX).contains(&length) && !text.contains(is_wrong) {
        return Ok(text.to_owned());
    }
    let most = limits::ANNOTATION_CHARS_MAX;
    Err(Error::invalid("text", format!("Write 1 to {most} characters.")))
}

fn check_room(connection: &Connection, site: &Site, day: Day) -> Result<()> {
    if annotations::list(connection, site.id, day, day)?.len() < limits::ANNOTATIONS_PER_DAY_MAX {
        return Ok(());
    }
    let most = limits::ANNOTATIONS_PER_DAY_MAX;
    Err(Error::invalid("day", format!("A day has room for {most} annotations. Remove one first.")))
}

fn describe(annotation: &Annotation) -> String {
    let kind = if annotation.kind == AnnotationKind::Deploy { "deploy, " } else { "" };
    format!("{kind}{}: {}", annotation.day, annotation.text)
}
