//! Annotations of a site's dates and visitors.

use crate::error::{Error, Result};
use crate::model::clock::{Day, Timestamp};
use crate::model::id::{AnnotationId, SiteId, VisitorId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The kind of an annotation of a date, by its stored name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum AnnotationKind {
    /// A note of a person.
    Note,
    /// A deployment of the site, which a program reports.
    Deploy,
}

/// An annotation of a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The id; of no meaning for a new one.
    pub id: AnnotationId,
    /// The day, in the site's zone.
    pub day: Day,
    /// The kind.
    pub kind: AnnotationKind,
    /// The text.
    pub text: String,
    /// The user who wrote it; `None` for a program with the site key, and the command line.
    pub author: Option<String>,
    /// The time at which it was written.
    pub created_at: Timestamp,
}

/// An annotation of a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorNote {
    /// The name, shown wherever the visitor is; may be empty.
    pub name: String,
    /// The tags.
    pub tags: Vec<String>,
    /// The note; may be empty.
    pub note: String,
    /// The user who changed it last; `None` for a program with the site key, and the command line.
    pub author: Option<String>,
    /// The time of the last change.
    pub changed_at: Timestamp,
}

const COLUMNS: &str = "id, day, kind, text, author, created_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Annotation> {
    let kind: String = row.get(2)?;
    Ok(Annotation {
        id: AnnotationId(row.get(0)?),
        day: Day(row.get(1)?),
        kind: kind.parse().unwrap_or(AnnotationKind::Note),
        text: row.get(3)?,
        author: row.get(4)?,
        created_at: Timestamp(row.get(5)?),
    })
}

/// Lists the annotations of a site between two days, inclusive, by day and time of writing.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, first: Day, last: Day) -> Result<Vec<Annotation>> {
    let sql = format!(
        "select {COLUMNS} from annotations where site_id = :site and day between :first and :last order by day, id"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let rows =
        question.query_map(named_params! {":site": site.0, ":first": first.0, ":last": last.0}, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns an annotation of a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, site: SiteId, id: AnnotationId) -> Result<Annotation> {
    let sql = format!("select {COLUMNS} from annotations where site_id = :site and id = :id");
    let bound = named_params! {":site": site.0, ":id": id.0};
    connection.prepare_cached(&sql)?.query_row(bound, read).optional()?.ok_or(Error::Missing("annotation"))
}

/// Creates an annotation.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, site: SiteId, annotation: &Annotation) -> Result<AnnotationId> {
    let kind: &str = annotation.kind.into();
    transaction.execute(
        "insert into annotations (site_id, day, kind, text, author, created_at)
         values (:site, :day, :kind, :text, :author, :at)",
        named_params! {
            ":site": site.0, ":day": annotation.day.0, ":kind": kind, ":text": annotation.text,
            ":author": annotation.author, ":at": annotation.created_at.0,
        },
    )?;
    Ok(AnnotationId(transaction.last_insert_rowid()))
}

/// Updates the day and the text of an annotation.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn update(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: AnnotationId,
    day: Day,
    text: &str,
) -> Result<()> {
    let changed = transaction.execute(
        "update annotations set day = :day, text = :text where site_id = :site and id = :id",
        named_params! {":site": site.0, ":id": id.0, ":day": day.0, ":text": text},
    )?;
    if changed == 0 { Err(Error::Missing("annotation")) } else { Ok(()) }
}

/// Deletes an annotation.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, id: AnnotationId) -> Result<()> {
    let bound = named_params! {":site": site.0, ":id": id.0};
    let deleted = transaction.execute("delete from annotations where site_id = :site and id = :id", bound)?;
    if deleted == 0 { Err(Error::Missing("annotation")) } else { Ok(()) }
}

/// Finds the annotation of a visitor.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_of_visitor(
    connection: &Connection,
    site: SiteId,
    visitor: VisitorId,
) -> Result<Option<VisitorNote>> {
    let mut question = connection.prepare_cached(
        "select name, tags, note, author, changed_at
         from visitor_notes
         where site_id = :site and visitor_id = :visitor",
    )?;
    let found = question.query_row(named_params! {":site": site.0, ":visitor": visitor.0}, |row| {
        let tags: String = row.get(1)?;
        Ok(VisitorNote {
            name: row.get(0)?,
            tags: tags.lines().map(str::to_owned).collect(),
            note: row.get(2)?,
            author: row.get(3)?,
            changed_at: Timestamp(row.get(4)?),
        })
    });
    Ok(found.optional()?)
}

/// Deletes the annotations of visitors without visits, whose data was erased or deleted by age.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_of_absent_visitors(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    let mut deletion = transaction.prepare_cached(
        "delete from visitor_notes
         where site_id = :site and not exists (
           select 1 from visits indexed by visits_by_visitor
           where visits.site_id = :site and visits.visitor_id = visitor_notes.visitor_id)",
    )?;
    deletion.execute([site.0])?;
    Ok(())
}

/// Sets the annotation of a visitor; an empty one is deleted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_of_visitor(
    transaction: &Transaction<'_>,
    site: SiteId,
    visitor: VisitorId,
    note: &VisitorNote,
) -> Result<()> {
    if note.name.is_empty() && note.tags.is_empty() && note.note.is_empty() {
        let bound = named_params! {":site": site.0, ":visitor": visitor.0};
        let sql = "delete from visitor_notes where site_id = :site and visitor_id = :visitor";
        transaction.execute(sql, bound)?;
        return Ok(());
    }
    transaction.execute(
        "insert into visitor_notes (site_id, visitor_id, name, tags, note, author, changed_at)
         values (:site, :visitor, :name, :tags, :note, :author, :at)
         on conflict do update set name = excluded.name, tags = excluded.tags, note = excluded.note,
           author = excluded.author, changed_at = excluded.changed_at",
        named_params! {
            ":site": site.0, ":visitor": visitor.0, ":name": note.name, ":tags": note.tags.join("\n"),
            ":note": note.note, ":author": note.author, ":at": note.changed_at.0,
        },
    )?;
    Ok(())
}
