//! Who else may see a site, and at which level.

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::{SiteId, UserId};
use crate::level::Level;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Somebody's access to a site.
#[derive(Clone, Debug)]
pub struct Share {
    /// Their name.
    pub username: String,
    /// What they may do.
    pub level: Level,
    /// Since when.
    pub created_at: Timestamp,
}

/// At which level a site is shared with somebody. A level that this version does not know gives nothing.
pub fn find(connection: &Connection, site: SiteId, user: UserId) -> Result<Option<Level>> {
    let mut question =
        connection.prepare_cached("select level from shares where site_id = :site and user_id = :user")?;
    let bound = named_params! {":site": site.0, ":user": user.0};
    let name: Option<String> = question.query_row(bound, |row| row.get(0)).optional()?;
    Ok(name.and_then(|name| Level::parse(&name)))
}

/// Everybody with whom a site is shared, by name.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Share>> {
    let mut question = connection.prepare_cached(
        "select users.username, shares.level, shares.created_at
         from shares
         join users on users.id = shares.user_id
         where shares.site_id = :site
         order by users.username",
    )?;
    let rows = question.query_map([site.0], |row| {
        let (username, level, at): (_, String, _) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Level::parse(&level).map(|level| Share { username, level, created_at: Timestamp(at) }))
    })?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Shares a site with somebody.
pub fn create(
    transaction: &Transaction<'_>,
    (site, user): (SiteId, UserId),
    level: Level,
    at: Timestamp,
) -> Result<()> {
    if find(transaction, site, user)?.is_some() {
        return Err(Error::invalid("user", "The site is shared with them already."));
    }
    transaction.execute(
        "insert into shares (site_id, user_id, level, created_at) values (:site, :user, :level, :at)",
        named_params! {":site": site.0, ":user": user.0, ":level": level.name(), ":at": at.0},
    )?;
    Ok(())
}

/// Changes the level of a share.
pub fn update(transaction: &Transaction<'_>, (site, user): (SiteId, UserId), level: Level) -> Result<()> {
    let changed = transaction.execute(
        "update shares set level = :level where site_id = :site and user_id = :user",
        named_params! {":level": level.name(), ":site": site.0, ":user": user.0},
    )?;
    if changed == 0 { Err(Error::Missing("share")) } else { Ok(()) }
}

/// Ends a share.
pub fn delete(transaction: &Transaction<'_>, (site, user): (SiteId, UserId)) -> Result<()> {
    let deleted = transaction.execute(
        "delete from shares where site_id = :site and user_id = :user",
        named_params! {":site": site.0, ":user": user.0},
    )?;
    if deleted == 0 { Err(Error::Missing("share")) } else { Ok(()) }
}
