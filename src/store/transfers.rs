//! Transfers: offers of sites to other accounts. The person who offers cannot tell whether the name typed exists.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, UserId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// An offer, as the person who made it sees it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The recipient's name as typed.
    pub to: String,
    /// The time of the offer.
    pub created_at: Timestamp,
}

/// An offer, as the person who may accept it sees it.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The site.
    pub site: SiteId,
    /// The site's name.
    pub name: String,
    /// The site's domain.
    pub domain: String,
    /// The user name of the owner.
    pub owner: String,
}

/// Offers a site in place of an earlier offer.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    site: SiteId,
    name: &str,
    user: Option<UserId>,
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

/// Records that a user is sent a letter about an offer; returns false when one was sent within [`limits::OFFER_LASTS`],
/// even for an offer that has ended.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn note_letter(transaction: &Transaction<'_>, site: SiteId, user: UserId, at: Timestamp) -> Result<bool> {
    transaction
        .execute("delete from offer_letters where at <= :oldest", [at.before(limits::OFFER_LASTS).0])?;
    let noted = transaction.execute(
        "insert or ignore into offer_letters (site_id, user_id, at) values (:site, :user, :at)",
        named_params! {":site": site.0, ":user": user.0, ":at": at.0},
    )?;
    Ok(noted > 0)
}

/// Deletes the record of letters about a site, which has a new owner.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_letters(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute("delete from offer_letters where site_id = :site", [site.0])?;
    Ok(())
}

/// Finds the valid offer of a site.
///
/// # Errors
/// Fails when the data file cannot be read.
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

/// Lists the sites offered to a user, by domain.
///
/// # Errors
/// Fails when the data file cannot be read.
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

/// Takes the offer of a site to this user, which ends it.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no valid offer.
pub fn accept(transaction: &Transaction<'_>, site: SiteId, user: UserId, now: Timestamp) -> Result<()> {
    let taken = transaction.execute(
        "delete from transfers where site_id = :site and user_id = :user and created_at > :oldest",
        named_params! {
            ":site": site.0, ":user": user.0, ":oldest": now.before(limits::OFFER_LASTS).0,
        },
    )?;
    if taken == 0 { Err(Error::Missing("offer: it was withdrawn or is too old")) } else { Ok(()) }
}

/// Deletes the offer of a site.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute("delete from transfers where site_id = :site", [site.0])?;
    Ok(())
}
