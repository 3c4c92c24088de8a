//! Invitations to see a site. Of a link only the hash is stored; it works once within a week, for anyone who has it.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, Token, UserId};
use crate::model::level::Level;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// An open invitation, as the people who manage it see it.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The e-mail address invited.
    pub email: String,
    /// The level of access that it gives.
    pub level: Level,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The name of the user who created it; `None` when that user is gone.
    pub given_by: Option<String>,
    /// The id of the user who created it.
    pub giver: Option<UserId>,
}

/// An invitation, as the person with its link sees it.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The site.
    pub site: SiteId,
    /// The e-mail address invited.
    pub email: String,
    /// The level of access that it gives.
    pub level: Level,
    /// The user who created it; `None` when that user is gone.
    pub given_by: Option<UserId>,
}

/// Creates an invitation; an earlier one to the same address ends.
///
/// # Errors
/// Fails with [`Error::Invalid`] when the site has [`limits::INVITATIONS_PER_SITE_MAX`] open invitations, and when the
/// data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    invitation: &Invitation,
    token: &Token,
    at: Timestamp,
) -> Result<()> {
    delete_old(transaction, at)?;
    let Invitation { site, email, level, given_by } = invitation;
    transaction.execute(
        "delete from invitations where site_id = :site and email = :email collate nocase",
        named_params! {":site": site.0, ":email": email},
    )?;
    let count: i64 =
        transaction.query_row("select count(*) from invitations where site_id = :site", [site.0], |row| {
            row.get(0)
        })?;
    if count >= limits::INVITATIONS_PER_SITE_MAX {
        let sentence =
            format!("{} invitations are open already. Withdraw one first.", limits::INVITATIONS_PER_SITE_MAX);
        return Err(Error::invalid("user", sentence));
    }
    transaction.execute(
        "insert into invitations (token_hash, site_id, email, level, given_by, created_at)
         values (:hash, :site, :email, :level, :by, :at)",
        named_params! {
            ":hash": token.hash(), ":site": site.0, ":email": email, ":level": level.name(),
            ":by": given_by.map(|by| by.0), ":at": at.0,
        },
    )?;
    Ok(())
}

/// Finds the invitation of a link that is still valid.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<Invitation>> {
    let mut question = connection.prepare_cached(
        "select site_id, email, level, given_by
         from invitations
         where token_hash = :hash and created_at > :oldest",
    )?;
    let bound = named_params! {":hash": token.hash(), ":oldest": now.before(limits::INVITATION_LASTS).0};
    let found = question.query_row(bound, |row| {
        let level: String = row.get(2)?;
        let (site, email, given_by) = (SiteId(row.get(0)?), row.get(1)?, row.get::<_, Option<i64>>(3)?);
        Ok(Level::parse(&level).map(|level| Invitation {
            site,
            email,
            level,
            given_by: given_by.map(UserId),
        }))
    });
    Ok(found.optional()?.flatten())
}

/// Lists the open invitations to a site, by address.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, now: Timestamp) -> Result<Vec<Pending>> {
    let mut question = connection.prepare_cached(
        "select invitations.email, invitations.level, invitations.created_at, users.username, users.id
         from invitations
         left join users on users.id = invitations.given_by
         where invitations.site_id = :site and invitations.created_at > :oldest
         order by invitations.email",
    )?;
    let bound = named_params! {":site": site.0, ":oldest": now.before(limits::INVITATION_LASTS).0};
    let rows = question.query_map(bound, |row| {
        let (email, level, at, given_by): (_, String, _, _) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let giver = row.get::<_, Option<i64>>(4)?.map(UserId);
        let created_at = Timestamp(at);
        Ok(Level::parse(&level).map(|level| Pending { email, level, created_at, given_by, giver }))
    })?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Deletes the invitation to an address.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, email: &str) -> Result<()> {
    let deleted = transaction.execute(
        "delete from invitations where site_id = :site and email = :email collate nocase",
        named_params! {":site": site.0, ":email": email},
    )?;
    if deleted == 0 { Err(Error::Missing("invitation")) } else { Ok(()) }
}

/// Deletes the invitation of a link.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn consume(transaction: &Transaction<'_>, token: &Token) -> Result<()> {
    transaction.execute("delete from invitations where token_hash = :hash", [token.hash()])?;
    Ok(())
}

/// Deletes expired invitations.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let oldest = now.before(limits::INVITATION_LASTS);
    transaction.execute("delete from invitations where created_at <= :oldest", [oldest.0])?;
    Ok(())
}
