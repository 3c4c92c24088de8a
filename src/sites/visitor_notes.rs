//! Annotations of visitors: a name, tags and a note. They are data of the visitor, so the audit log does not repeat them.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::ingest::clean_text;
use crate::limits;
use crate::model::id::VisitorId;
use crate::reports::visits::visitor_data;
use crate::store::annotations::{self, VisitorNote};
use crate::store::sites::Site;
use rusqlite::Transaction;

/// The annotation of a visitor, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitorNoteForm {
    /// The name; may be empty.
    pub name: String,
    /// The tags, separated by commas or line ends.
    pub tags: String,
    /// The note; may be empty.
    pub note: String,
}

/// Sets the annotation of a visitor; an empty one is deleted.
///
/// # Errors
///
/// Fails with `Error::Missing` when the visitor has no visit, with `Error::Invalid` when a part is too long or there are
/// too many tags, and when the data file cannot be written.
pub fn set(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    visitor: VisitorId,
    form: &VisitorNoteForm,
) -> Result<()> {
    if visitor_data::slice_of(tx, site.id, visitor)?.is_empty() {
        return Err(Error::Missing("visitor"));
    }
    let after = checked(actor, form)?;
    let parts = |note: &VisitorNote| (note.name.clone(), note.tags.clone(), note.note.clone());
    let before = annotations::find_of_visitor(tx, site.id, visitor)?.as_ref().map(parts).unwrap_or_default();
    if before == parts(&after) {
        return Ok(());
    }
    annotations::set_of_visitor(tx, site.id, visitor, &after)?;
    let is_empty = parts(&after) == Default::default();
    let act = if is_empty { AuditAction::RemoveVisitorNote } else { AuditAction::SetVisitorNote };
    actor.record(tx, site.id, act, &describe(&after))
}

fn checked(actor: &Actor, form: &VisitorNoteForm) -> Result<VisitorNote> {
    let name = form.name.trim().to_owned();
    let is_short = |text: &str| text.chars().count() <= limits::VISITOR_NAME_CHARS_MAX;
    let is_plain =
        |text: &str| !text.chars().any(|letter| letter.is_control() || clean_text::is_invisible(letter));
    let most = limits::VISITOR_NAME_CHARS_MAX;
    if !is_short(&name) || !is_plain(&name) {
        return Err(Error::invalid("name", format!("Use {most} plain characters at most.")));
    }
    let mut tags: Vec<String> = Vec::new();
    for tag in form.tags.split([',', '\n']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !is_short(tag) || !is_plain(tag) {
            return Err(Error::invalid("tags", format!("Use {most} plain characters at most for each tag.")));
        }
        if !tags.iter().any(|other| other.to_lowercase() == tag.to_lowercase()) {
            tags.push(tag.to_owned());
        }
    }
    if tags.len() > limits::VISITOR_TAGS_MAX {
        return Err(Error::invalid("tags", format!("Use {} tags at most.", limits::VISITOR_TAGS_MAX)));
    }
    let note = form.note.replace("\r\n", "\n").trim().to_owned();
    let is_wrong = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    if note.chars().count() > limits::VISITOR_NOTE_CHARS_MAX || note.contains(is_wrong) {
        let most = limits::VISITOR_NOTE_CHARS_MAX;
        return Err(Error::invalid("note", format!("Use {most} plain characters at most.")));
    }
    Ok(VisitorNote { name, tags, note, author: actor.user.clone(), changed_at: actor.at })
}

/// Returns which parts an annotation has, without their texts.
fn describe(note: &VisitorNote) -> String {
    let parts =
        [(!note.name.is_empty(), "name"), (!note.tags.is_empty(), "tags"), (!note.note.is_empty(), "note")];
    let present = parts.into_iter().filter(|(is_there, _)| *is_there).map(|(_, part)| part);
    present.collect::<Vec<_>>().join(", ")
}
