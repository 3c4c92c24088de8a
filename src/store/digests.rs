//! E-mail reports: of a person about sites, or of one site to an address outside by a guest link.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{DigestId, LinkId, SiteId, Token, UserId};
use crate::model::rhythm::Rhythm;
use rusqlite::{Connection, Row, Transaction, named_params};
use strum::{EnumString, IntoStaticStr};

/// An e-mail report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// The id.
    pub id: DigestId,
    /// The audience.
    pub audience: Audience,
    /// The rhythm.
    pub rhythm: Rhythm,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time since which it is sent without a pause: periods whose letters were due before are left out.
    pub since_at: Timestamp,
    /// The time at which it was paused.
    pub paused_at: Option<Timestamp>,
    /// The time at which it ended, with the reason.
    pub ended: Option<(Timestamp, EndReason)>,
}

/// The audience of an e-mail report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A user, about sites that they may see.
    User {
        /// The user.
        user: UserId,
        /// The sites, by id; none once all of them are deleted.
        sites: Vec<SiteId>,
    },
    /// An address outside, which gets what a guest link shows.
    Outside(Outside),
}

/// The audience of an e-mail report to an address outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The site.
    pub site: SiteId,
    /// The guest link; `None` once it is removed.
    pub link: Option<LinkId>,
    /// The address.
    pub recipient: String,
    /// The user who made it; `None` for the command line, or when that user is gone.
    pub made_by: Option<UserId>,
    /// The time at which the address was last asked to confirm.
    pub asked_at: Option<Timestamp>,
    /// The time at which the address was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

/// The reason why an e-mail report ended, by its stored name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum EndReason {
    /// The user has access to none of its sites any more.
    NoAccess,
    /// The guest link was removed.
    LinkRemoved,
    /// The guest link has expired.
    LinkExpired,
}

impl EndReason {
    /// Returns the stored name.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

const COLUMNS: &str =
    "id, user_id, site_id, link_id, recipient, made_by, rhythm, created_at, since_at, paused_at, asked_at,
  confirmed_at, ended_at, ended_why";

fn read(row: &Row<'_>) -> rusqlite::Result<Digest> {
    let moment = |at: usize| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp))
    };
    let audience = match row.get::<_, Option<i64>>(1)? {
        Some(user) => Audience::User { user: UserId(user), sites: Vec::new() },
        None => Audience::Outside(Outside {
            site: SiteId(row.get::<_, Option<i64>>(2)?.unwrap_or(0)),
            link: row.get::<_, Option<i64>>(3)?.map(LinkId),
            recipient: row.get(4)?,
            made_by: row.get::<_, Option<i64>>(5)?.map(UserId),
            asked_at: moment(10)?,
            confirmed_at: moment(11)?,
        }),
    };
    let (rhythm, why): (String, Option<String>) = (row.get(6)?, row.get(13)?);
    let why = why.and_then(|why| why.parse().ok()).unwrap_or(EndReason::NoAccess);
    Ok(Digest {
        id: DigestId(row.get(0)?),
        audience,
        rhythm: rhythm.parse().unwrap_or(Rhythm::Weekly),
        created_at: Timestamp(row.get(7)?),
        since_at: Timestamp(row.get(8)?),
        paused_at: moment(9)?,
        ended: moment(12)?.map(|at| (at, why)),
    })
}

/// Runs a query for digests, and adds the sites of people's.
fn query(
    connection: &Connection,
    condition: &str,
    bound: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<Vec<Digest>> {
    let sql = format!("select {COLUMNS} from digests where {condition} order by id");
    let mut question = connection.prepare_cached(&sql)?;
    let mut digests: Vec<Digest> = question.query_map(bound, read)?.collect::<rusqlite::Result<_>>()?;
    let mut of_digest = connection
        .prepare_cached("select site_id from digest_sites where digest_id = :digest order by site_id")?;
    for digest in &mut digests {
        if let Audience::User { sites, .. } = &mut digest.audience {
            let found = of_digest.query_map([digest.id.0], |row| Ok(SiteId(row.get(0)?)))?;
            *sites = found.collect::<rusqlite::Result<_>>()?;
        }
    }
    Ok(digests)
}

/// Lists all e-mail reports.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection) -> Result<Vec<Digest>> {
    query(connection, "true", &[])
}

/// Lists the e-mail reports that may be sent: not ended, not paused, and confirmed if they go outside.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_active(connection: &Connection) -> Result<Vec<Digest>> {
    let condition =
        "ended_at is null and paused_at is null and (user_id is not null or confirmed_at is not null)";
    query(connection, condition, &[])
}

/// Lists the e-mail reports of a user.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_of_user(connection: &Connection, user: UserId) -> Result<Vec<Digest>> {
    query(connection, "user_id = :user", named_params! {":user": user.0})
}

/// Lists the e-mail reports of a site to addresses outside.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_outside(connection: &Connection, site: SiteId) -> Result<Vec<Digest>> {
    query(connection, "site_id = :site", named_params! {":site": site.0})
}

/// Lists the addresses outside that get what a site's guest links show, by link and address.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_mailed(connection: &Connection, site: SiteId) -> Result<Vec<(LinkId, String)>> {
    let mut question = connection.prepare_cached(
        "select distinct link_id, recipient from digests
         where site_id = :site and link_id is not null and confirmed_at is not null and ended_at is null
           and not exists (
             select 1 from unsubscribes
             where kind = 'digest' and item_id = digests.id and unsubscribes.ended_at is not null)
         order by link_id, recipient",
    )?;
    let rows = question.query_map([site.0], |row| Ok((LinkId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Finds an e-mail report.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, id: DigestId) -> Result<Digest> {
    query(connection, "id = :id", named_params! {":id": id.0})?.pop().ok_or(Error::Missing("e-mail report"))
}

/// Finds the e-mail report to an address outside that a link confirms.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_of_confirmation(connection: &Connection, link: &Token) -> Result<Option<Digest>> {
    Ok(query(connection, "confirm_hash = :hash", named_params! {":hash": link.hash()})?.pop())
}

/// Inserts an e-mail report.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    audience: &Audience,
    rhythm: Rhythm,
    at: Timestamp,
) -> Result<DigestId> {
    let (user, outside) = match audience {
        Audience::User { user, .. } => (Some(user.0), None),
        Audience::Outside(outside) => (None, Some(outside)),
    };
    transaction.execute(
        "insert into digests (user_id, site_id, link_id, recipient, made_by, rhythm, created_at, since_at)
         values (:user, :site, :link, :recipient, :made_by, :rhythm, :at, :at)",
        named_params! {
            ":user": user, ":site": outside.map(|outside| outside.site.0),
            ":link": outside.and_then(|outside| outside.link).map(|link| link.0),
            ":recipient": outside.map(|outside| &outside.recipient),
            ":made_by": outside.and_then(|outside| outside.made_by).map(|user| user.0),
            ":rhythm": rhythm.name(), ":at": at.0,
        },
    )?;
    let id = DigestId(transaction.last_insert_rowid());
    if let Audience::User { sites, .. } = audience {
        write_sites(transaction, id, sites)?;
    }
    Ok(id)
}

fn write_sites(transaction: &Transaction<'_>, id: DigestId, sites: &[SiteId]) -> Result<()> {
    transaction.execute("delete from digest_sites where digest_id = :id", [id.0])?;
    for site in sites {
        transaction.execute(
            "insert into digest_sites (digest_id, site_id) values (:id, :site)",
            named_params! {":id": id.0, ":site": site.0},
        )?;
    }
    Ok(())
}

/// Replaces the rhythm of an e-mail report, and the sites of a person's.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update(
    transaction: &Transaction<'_>,
    id: DigestId,
    rhythm: Rhythm,
    sites: &[SiteId],
    since_at: Timestamp,
) -> Result<()> {
    transaction.execute(
        "update digests set rhythm = :rhythm, since_at = :since where id = :id",
        named_params! {":rhythm": rhythm.name(), ":since": since_at.0, ":id": id.0},
    )?;
    write_sites(transaction, id, sites)
}

/// Returns true if an e-mail report begins later than [`limits::CLOCK_AHEAD_MAX`] from now: a clock that was ahead set it up.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn begin_in_future(connection: &Connection, now: Timestamp) -> Result<bool> {
    let mut question = connection.prepare_cached("select 1 from digests where since_at > :latest")?;
    Ok(question.exists([now.after(limits::CLOCK_AHEAD_MAX).0])?)
}

/// Lets the e-mail reports that a clock set up that was ahead begin now.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn begin_now(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    transaction.execute(
        "update digests set since_at = :now where since_at > :latest",
        named_params! {":now": now.0, ":latest": now.after(limits::CLOCK_AHEAD_MAX).0},
    )?;
    Ok(())
}

/// Pauses an e-mail report at a time.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn pause(transaction: &Transaction<'_>, id: DigestId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update digests set paused_at = :at where id = :id and paused_at is null",
        named_params! {":at": at.0, ":id": id.0},
    )?;
    Ok(())
}

/// Lets an e-mail report go on, also one that had ended; periods whose letters were due before stay unsent.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn resume(transaction: &Transaction<'_>, id: DigestId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update digests set paused_at = null, ended_at = null, ended_why = null, since_at = :at where id = :id",
        named_params! {":at": at.0, ":id": id.0},
    )?;
    Ok(())
}

/// Ends an e-mail report.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn end(transaction: &Transaction<'_>, id: DigestId, why: EndReason, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update digests set ended_at = :at, ended_why = :why where id = :id and ended_at is null",
        named_params! {":at": at.0, ":why": why.name(), ":id": id.0},
    )?;
    Ok(())
}

/// Stores the link that asks an address outside to confirm.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn ask(transaction: &Transaction<'_>, id: DigestId, link: &Token, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update digests set confirm_hash = :hash, asked_at = :at where id = :id",
        named_params! {":hash": link.hash(), ":at": at.0, ":id": id.0},
    )?;
    Ok(())
}

/// Confirms the address outside of an e-mail report, which begins at that time.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn confirm(transaction: &Transaction<'_>, id: DigestId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update digests set confirmed_at = :at, since_at = :at where id = :id and confirmed_at is null",
        named_params! {":at": at.0, ":id": id.0},
    )?;
    Ok(())
}

/// Deletes an e-mail report.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, id: DigestId) -> Result<()> {
    transaction.execute("delete from digests where id = :id", [id.0])?;
    Ok(())
}
