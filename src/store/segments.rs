//! Segments: named filters on the visits of a site, for one user or shared with all users of the site. A query for one
//! names its owner (or that it is shared) besides its id.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SegmentId, SiteId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The segment's id.
    pub id: SegmentId,
    /// The segment's name.
    pub name: String,
    /// The filters, as in a URL.
    pub conditions: String,
    /// True if all users of the site have it.
    pub is_shared: bool,
}

/// The owner of segments on a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentScope {
    /// The site whose visits are filtered.
    pub site: SiteId,
    /// The user who has the segments; `None` for those that all users of the site share.
    pub owner: Option<UserId>,
}

impl SegmentScope {
    fn user_id(self) -> Option<i64> {
        self.owner.map(|owner| owner.0)
    }
}

const COLUMNS: &str = "id, name, conditions, user_id is null";

fn read(row: &Row<'_>) -> rusqlite::Result<Segment> {
    Ok(Segment {
        id: SegmentId(row.get(0)?),
        name: row.get(1)?,
        conditions: row.get(2)?,
        is_shared: row.get(3)?,
    })
}

/// Lists the shared segments and then those of one user, by name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, user: UserId) -> Result<Vec<Segment>> {
    let sql = format!(
        "select {COLUMNS} from segments
         where site_id = :site and (user_id is null or user_id = :user)
         order by user_id is not null, name, id"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map(named_params! {":site": site.0, ":user": user.0}, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists all segments of a site, each with its owner's user name; `None` for a shared one.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_of_all(connection: &Connection, site: SiteId) -> Result<Vec<(Segment, Option<String>)>> {
    let mut question = connection.prepare_cached(
        "select segments.id, segments.name, conditions, user_id is null, users.username
         from segments
         left join users on users.id = segments.user_id
         where site_id = :site
         order by user_id is not null, segments.name, segments.id",
    )?;
    let rows = question.query_map([site.0], |row| Ok((read(row)?, row.get(4)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns a segment of a scope.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, scope: SegmentScope, id: SegmentId) -> Result<Segment> {
    let sql =
        format!("select {COLUMNS} from segments where site_id = :site and user_id is :owner and id = :id");
    let bound = named_params! {":site": scope.site.0, ":owner": scope.user_id(), ":id": id.0};
    let found = connection.prepare_cached(&sql)?.query_row(bound, read).optional()?;
    found.ok_or(Error::Missing("segment"))
}

/// Returns true if a scope has another segment of this name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has_name(
    connection: &Connection,
    scope: SegmentScope,
    name: &str,
    other_than: Option<SegmentId>,
) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select 1 from segments
         where site_id = :site and user_id is :owner and name = :name and id is not :other_than",
    )?;
    Ok(question.exists(named_params! {
        ":site": scope.site.0, ":owner": scope.user_id(), ":name": name,
        ":other_than": other_than.map(|id| id.0),
    })?)
}

/// Creates a segment in a scope.
///
/// # Errors
/// Fails with [`Error::Invalid`] when there are [`limits::SEGMENTS_PER_USER_MAX`] or [`limits::SEGMENTS_PER_SITE_MAX`]
/// already.
pub fn create(
    transaction: &Transaction<'_>,
    scope: SegmentScope,
    name: &str,
    conditions: &str,
    at: Timestamp,
) -> Result<SegmentId> {
    let count: i64 = transaction.query_row(
        "select count(*) from segments where site_id = :site and user_id is :owner",
        named_params! {":site": scope.site.0, ":owner": scope.user_id()},
        |row| row.get(0),
    )?;
    let most =
        if scope.owner.is_some() { limits::SEGMENTS_PER_USER_MAX } else { limits::SEGMENTS_PER_SITE_MAX };
    if count >= most {
        return Err(Error::invalid("name", format!("There are {most} segments already. Remove one first.")));
    }
    transaction.execute(
        "insert into segments (site_id, user_id, name, conditions, created_at)
         values (:site, :owner, :name, :conditions, :at)",
        named_params! {
            ":site": scope.site.0, ":owner": scope.user_id(), ":name": name,
            ":conditions": conditions, ":at": at.0,
        },
    )?;
    Ok(SegmentId(transaction.last_insert_rowid()))
}

/// Updates the name of a segment, and its filters if given.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn update(
    transaction: &Transaction<'_>,
    scope: SegmentScope,
    id: SegmentId,
    name: &str,
    conditions: Option<&str>,
) -> Result<()> {
    let changed = transaction.execute(
        "update segments set name = :name, conditions = coalesce(:conditions, conditions)
         where site_id = :site and user_id is :owner and id = :id",
        named_params! {
            ":site": scope.site.0, ":owner": scope.user_id(), ":id": id.0, ":name": name,
            ":conditions": conditions,
        },
    )?;
    if changed == 0 { Err(Error::Missing("segment")) } else { Ok(()) }
}

/// Deletes a segment.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete(transaction: &Transaction<'_>, scope: SegmentScope, id: SegmentId) -> Result<()> {
    let deleted = transaction.execute(
        "delete from segments where site_id = :site and user_id is :owner and id = :id",
        named_params! {":site": scope.site.0, ":owner": scope.user_id(), ":id": id.0},
    )?;
    if deleted == 0 { Err(Error::Missing("segment")) } else { Ok(()) }
}
