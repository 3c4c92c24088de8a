//! Shares: the access of other users to a site, each with its level.

use super::view_only::{self, StoredView};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, UserId};
use crate::model::level::Level;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A share, as the people who manage it see it.
#[derive(Clone, Debug)]
pub struct Share {
    /// The user with whom the site is shared.
    pub user: UserId,
    /// The user's name.
    pub username: String,
    /// The level of access.
    pub level: Level,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The name of the user who gave it; `None` for the command line, or when that user is gone.
    pub given_by: Option<String>,
    /// The name that the giver typed, if it was not the user name.
    pub given_as: Option<String>,
    /// True if the user accepted an invitation.
    pub is_invited: bool,
    /// The time at which the user last opened the site, approximately.
    pub seen_at: Option<Timestamp>,
    /// True if the user has View Only settings of their own.
    pub has_own_view: bool,
    /// True for an Administrator who may see the account's billing.
    pub sees_billing: bool,
}

impl Share {
    /// Returns the name to show to those who manage the share: the name that the giver typed, unless the user accepted
    /// an invitation.
    pub fn called(&self) -> &str {
        self.given_as.as_deref().filter(|_| !self.is_invited).unwrap_or(&self.username)
    }
}

/// The access of a user to a site, for decisions on rights.
#[derive(Clone, Debug)]
pub struct Access {
    /// The level of access.
    pub level: Level,
    /// The View Only settings: the user's own, else the site's; `None` without either.
    pub view: Option<StoredView>,
    /// The time at which the user last opened the site, approximately.
    pub seen_at: Option<Timestamp>,
    /// True if the owner lets the user see the account's billing, as far as the level allows it.
    pub sees_billing: bool,
}

/// The data of a share to be created.
pub struct NewShare<'a> {
    /// The level of access.
    pub level: Level,
    /// The user who gives it; `None` for the command line.
    pub given_by: Option<UserId>,
    /// The name that the giver typed.
    pub given_as: &'a str,
    /// True if the user accepted an invitation.
    pub is_invited: bool,
    /// The time of creation.
    pub at: Timestamp,
}

/// Finds a user's access to a site. A level that this version does not know gives none.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, user: UserId) -> Result<Option<Access>> {
    let mut question = connection.prepare_cached(
        "select shares.level, shares.seen_at,
           coalesce(shares.view_only_reports, sites.view_only_reports),
           iif(shares.view_only_reports is null, sites.view_only_data, shares.view_only_data),
           shares.sees_billing
         from shares
         join sites on sites.id = shares.site_id
         where shares.site_id = :site and shares.user_id = :user",
    )?;
    let bound = named_params! {":site": site.0, ":user": user.0};
    let found = question.query_row(bound, |row| {
        let level: String = row.get(0)?;
        let seen_at = row.get::<_, Option<i64>>(1)?.map(Timestamp);
        let (view, sees_billing) = (view_only::read(row, 2)?, row.get(4)?);
        Ok(Level::parse(&level).map(|level| Access { level, view, seen_at, sees_billing }))
    });
    Ok(found.optional()?.flatten())
}

const COLUMNS: &str = "shares.user_id, users.username, shares.level, shares.created_at, giver.username,
  shares.given_as, shares.is_invited, shares.seen_at, shares.view_only_reports is not null, shares.sees_billing";
const JOINS: &str = "join users on users.id = shares.user_id
  left join users as giver on giver.id = shares.given_by";

fn read(row: &Row<'_>) -> rusqlite::Result<Option<Share>> {
    let (username, level, given_as): (String, String, Option<String>) =
        (row.get(1)?, row.get(2)?, row.get(5)?);
    let Some(level) = Level::parse(&level) else { return Ok(None) };
    Ok(Some(Share {
        user: UserId(row.get(0)?),
        given_as: given_as.filter(|typed| !typed.eq_ignore_ascii_case(&username)),
        username,
        level,
        created_at: Timestamp(row.get(3)?),
        given_by: row.get(4)?,
        is_invited: row.get(6)?,
        seen_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        has_own_view: row.get(8)?,
        sees_billing: row.get(9)?,
    }))
}

/// Lists the shares of a site, by user name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Share>> {
    let sql =
        format!("select {COLUMNS} from shares {JOINS} where shares.site_id = :site order by users.username");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([site.0], read)?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Returns one share, as the people who manage it see it.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, site: SiteId, user: UserId) -> Result<Share> {
    let sql = format!(
        "select {COLUMNS} from shares {JOINS} where shares.site_id = :site and shares.user_id = :user"
    );
    let bound = named_params! {":site": site.0, ":user": user.0};
    let found = connection.prepare_cached(&sql)?.query_row(bound, read).optional()?;
    found.flatten().ok_or(Error::Missing("share"))
}

/// Creates a share.
///
/// # Errors
/// Fails with [`Error::Invalid`] when the user has one already or the site has [`limits::SHARES_PER_SITE_MAX`].
pub fn create(transaction: &Transaction<'_>, site: SiteId, user: UserId, share: &NewShare<'_>) -> Result<()> {
    if find(transaction, site, user)?.is_some() {
        return Err(Error::invalid("user", "The site is shared with them already."));
    }
    let count: i64 =
        transaction
            .query_row("select count(*) from shares where site_id = :site", [site.0], |row| row.get(0))?;
    if count >= limits::SHARES_PER_SITE_MAX {
        let sentence = format!(
            "A site is shared with {} people at most. Remove somebody first.",
            limits::SHARES_PER_SITE_MAX
        );
        return Err(Error::invalid("user", sentence));
    }
    transaction.execute(
        "insert into shares (site_id, user_id, level, created_at, given_by, given_as, is_invited)
         values (:site, :user, :level, :at, :by, :typed, :is_invited)",
        named_params! {
            ":site": site.0, ":user": user.0, ":level": share.level.name(), ":at": share.at.0,
            ":by": share.given_by.map(|by| by.0), ":typed": share.given_as, ":is_invited": share.is_invited,
        },
    )?;
    Ok(())
}

/// Updates the level of a share. A user who is no longer an Administrator no longer sees the billing.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such share.
pub fn update(transaction: &Transaction<'_>, site: SiteId, user: UserId, level: Level) -> Result<()> {
    let changed = transaction.execute(
        "update shares
         set level = :level, sees_billing = sees_billing and :level = :administrator
         where site_id = :site and user_id = :user",
        named_params! {
            ":level": level.name(), ":administrator": Level::Administrator.name(),
            ":site": site.0, ":user": user.0,
        },
    )?;
    if changed == 0 { Err(Error::Missing("share")) } else { Ok(()) }
}

/// Sets whether an Administrator may see the account's billing.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such share, and with [`Error::Invalid`] for another level.
pub fn update_billing(
    transaction: &Transaction<'_>,
    site: SiteId,
    user: UserId,
    sees_billing: bool,
) -> Result<()> {
    if sees_billing && get(transaction, site, user)?.level != Level::Administrator {
        return Err(Error::invalid("billing", "Only an Administrator can be shown the billing."));
    }
    let changed = transaction.execute(
        "update shares set sees_billing = :sees where site_id = :site and user_id = :user",
        named_params! {":sees": sees_billing, ":site": site.0, ":user": user.0},
    )?;
    if changed == 0 { Err(Error::Missing("share")) } else { Ok(()) }
}

/// Records that a user opened the site.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn touch(transaction: &Transaction<'_>, site: SiteId, user: UserId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update shares set seen_at = max(coalesce(seen_at, 0), :at) where site_id = :site and user_id = :user",
        named_params! {":at": at.0, ":site": site.0, ":user": user.0},
    )?;
    Ok(())
}

/// Deletes a share.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, user: UserId) -> Result<()> {
    let deleted = transaction.execute(
        "delete from shares where site_id = :site and user_id = :user",
        named_params! {":site": site.0, ":user": user.0},
    )?;
    if deleted == 0 { Err(Error::Missing("share")) } else { Ok(()) }
}
