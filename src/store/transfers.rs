//! Sites that are offered to another account. An offer to a name that nobody has looks the same to who made it.

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::{SiteId, UserId};
use crate::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// An offer, to the one who made it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The name, as it was typed.
    pub to: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An offer, to the one who may accept it.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The site.
    pub site: SiteId,
    /// What its people call it.
    pub name: String,
    /// Its domain.
    pub domain: String,
    /// Who offers it.
    pub owner: String,
}

/// Offers a site; an earlier offer of it ends.
pub fn create(
    transaction: &Transaction<'_>,
    site: SiteId,
    (name, user): (&str, Option<UserId>),
    at: Timestamp,
) -> Result<()> {
    transaction.execute(
        "insert into transfers (site_id, offered_to, user_id, created_at)
         values (:site, :name, :user, :at)
         on conflict do update set offered_to = excluded.offered_to, user_id = excluded.user_id,
           created_at = excluded.created_at",
        named_params! {":site": site.0, ":name": name, ":user": user.map(|user| user.0), ":at": at.0},
    )?;
    Ok(())
}

/// Notes that somebody gets a letter about an offer; false when they got one lately, whatever became of that offer.
pub fn note_letter(transaction: &Transaction<'_>, site: SiteId, user: UserId, at: Timestamp) -> Result<bool> {
    transaction
        .execute("delete from offer_letters where at <= :oldest", [at.before(limits::OFFER_LASTS).0])?;
    let noted = transaction.execute(
        "insert or ignore into offer_letters (site_id, user_id, at) values (:site, :user, :at)",
        named_params! {":site": site.0, ":user": user.0, ":at": at.0},
    )?;
    Ok(noted > 0)
}

/// Forgets who got letters about a site: it has changed hands.
pub fn delete_letters(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute("delete from offer_letters where site_id = :site", [site.0])?;
    Ok(())
}

/// The offer of a site that still stands.
pub fn find(connection: &Connection, site: SiteId, now: Timestamp) -> Result<Option<Offer>> {
    let mut question = connection.prepare_cached(
        "select offered_to, created_at from transfers where site_id = :site and created_at > :oldest",
    )?;
    let oldest = now.before(limits::OFFER_LASTS);
    let found = question.query_row(named_params! {":site": site.0, ":oldest": oldest.0}, |row| {
        Ok(Offer { to: row.get(0)?, created_at: Timestamp(row.get(1)?) })
    });
    Ok(found.optional()?)
}

/// What is offered to somebody, by domain.
pub fn list_to(connection: &Connection, user: UserId, now: Timestamp) -> Result<Vec<Offered>> {
    let mut question = connection.prepare_cached(
        "select sites.id, sites.name, sites.domain, users.username
         from transfers
         join sites on sites.id = transfers.site_id
         join users on users.id = sites.owner_id
         where transfers.user_id = :user and transfers.created_at > :oldest
         order by sites.domain, sites.id",
    )?;
    let bound = named_params! {":user": user.0, ":oldest": now.before(limits::OFFER_LASTS).0};
    let rows = question.query_map(bound, |row| {
        Ok(Offered { site: SiteId(row.get(0)?), name: row.get(1)?, domain: row.get(2)?, owner: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Ends the offer of a site to this person; missing when there is none that still stands.
pub fn take(transaction: &Transaction<'_>, site: SiteId, user: UserId, now: Timestamp) -> Result<()> {
    let taken = transaction.execute(
        "delete from transfers where site_id = :site and user_id = :user and created_at > :oldest",
        named_params! {
            ":site": site.0, ":user": user.0, ":oldest": now.before(limits::OFFER_LASTS).0,
        },
    )?;
    if taken == 0 { Err(Error::Missing("offer: it was withdrawn or is too old")) } else { Ok(()) }
}

/// Withdraws the offer of a site.
pub fn delete(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute("delete from transfers where site_id = :site", [site.0])?;
    Ok(())
}
