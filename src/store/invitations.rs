//! Invitations to see a site. A link itself is never stored, only its hash; it holds for a week and once, and for
//! whoever has it.

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::{SiteId, Token, UserId};
use crate::level::Level;
use crate::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// An invitation that nobody has taken yet, to those who manage it.
#[derive(Clone, Debug)]
pub struct Pending {
    /// To whom it went.
    pub email: String,
    /// What it gives.
    pub level: Level,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it; none: somebody who is gone.
    pub given_by: Option<String>,
    /// The account of whoever made it.
    pub giver: Option<UserId>,
}

/// An invitation, to the one who holds its link.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The site.
    pub site: SiteId,
    /// To whom it went.
    pub email: String,
    /// What it gives.
    pub level: Level,
    /// Who made it; none: somebody who is gone.
    pub given_by: Option<UserId>,
}

/// Keeps an invitation; an earlier one to the same address ends.
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

/// What a link gives, as long as it holds.
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

/// The invitations to a site that nobody has taken yet, by address.
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

/// Ends the invitation to an address.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, email: &str) -> Result<()> {
    let deleted = transaction.execute(
        "delete from invitations where site_id = :site and email = :email collate nocase",
        named_params! {":site": site.0, ":email": email},
    )?;
    if deleted == 0 { Err(Error::Missing("invitation")) } else { Ok(()) }
}

/// Ends the invitation of a link.
pub fn take(transaction: &Transaction<'_>, token: &Token) -> Result<()> {
    transaction.execute("delete from invitations where token_hash = :hash", [token.hash()])?;
    Ok(())
}

/// Drops invitations that ran out.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let oldest = now.before(limits::INVITATION_LASTS);
    transaction.execute("delete from invitations where created_at <= :oldest", [oldest.0])?;
    Ok(())
}
