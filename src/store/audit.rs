//! The audit log: who did what to a site, when and from where. Rows outlive their site and are deleted after a year.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The site id, used by no site, under which acts on an account are recorded; the row's `about` is the account's id.
pub const NO_SITE: SiteId = SiteId(0);

/// A row of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The site that was changed, or [`NO_SITE`].
    pub site: SiteId,
    /// The time of the act.
    pub at: Timestamp,
    /// The user who did it; `None` for the command line.
    pub actor: Option<String>,
    /// The sub-account that a parent user acted for.
    pub acting_for: Option<String>,
    /// The name of the act.
    pub act: String,
    /// The person or thing that the act concerns; may be empty.
    pub about: String,
    /// The IP address of the request; `None` for the command line.
    pub address: Option<String>,
}

/// Writes a row to the audit log, in the transaction of the act itself.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, record: &AuditEntry) -> Result<()> {
    let about = &record.about[..record.about.floor_char_boundary(limits::AUDIT_BYTES_MAX)];
    transaction.prepare_cached(
        "insert into audit (site_id, at, actor, acting_for, act, about, address)
         values (:site, :at, :actor, :acting_for, :act, :about, :address)",
    )?
    .execute(named_params! {
        ":site": record.site.0, ":at": record.at.0, ":actor": record.actor, ":acting_for": record.acting_for,
        ":act": record.act, ":about": about, ":address": record.address,
    })?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, AuditEntry)> {
    Ok((
        row.get(0)?,
        AuditEntry {
            site: SiteId(row.get(1)?),
            at: Timestamp(row.get(2)?),
            actor: row.get(3)?,
            acting_for: row.get(4)?,
            act: row.get(5)?,
            about: row.get(6)?,
            address: row.get(7)?,
        },
    ))
}

/// Lists at most `most` acts on a site with an id below `before`, the newest first, each with its id.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId, before: i64, most: u32) -> Result<Vec<(i64, AuditEntry)>> {
    let mut question = connection.prepare_cached(
        "select id, site_id, at, actor, acting_for, act, about, address
         from audit
         where site_id = :site and id < :before
         order by id desc
         limit :most",
    )?;
    let rows = question.query_map(named_params! {":site": site.0, ":before": before, ":most": most}, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the acts on all sites and accounts in an attached file that have an id above `after`, the oldest first.
pub(super) fn list_attached(connection: &Connection, schema: &str, after: i64) -> Result<Vec<AuditEntry>> {
    let mut question = connection.prepare(&format!(
        "select id, site_id, at, actor, acting_for, act, about, address
         from {schema}.audit
         where id > :after
         order by id"
    ))?;
    let rows = question.query_map([after], read)?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().map(|(_, record)| record).collect())
}

/// Returns the number of acts of one name on a site since a time.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_since(connection: &Connection, site: SiteId, act: &str, since: Timestamp) -> Result<i64> {
    let mut question = connection
        .prepare_cached("select count(*) from audit where site_id = :site and act = :act and at >= :since")?;
    let bound = named_params! {":site": site.0, ":act": act, ":since": since.0};
    Ok(question.query_row(bound, |row| row.get(0))?)
}

/// Returns true if the audit log of a site has an act like this one, by the same actor and address, since a time.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has_like(connection: &Connection, record: &AuditEntry, since: Timestamp) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select exists (select 1 from audit
                        where site_id = :site and at >= :since and act = :act and about = :about
                          and actor is :actor and address is :address)",
    )?;
    let bound = named_params! {
        ":site": record.site.0, ":since": since.0, ":act": record.act, ":about": record.about,
        ":actor": record.actor, ":address": record.address,
    };
    Ok(question.query_row(bound, |row| row.get(0))?)
}

/// Returns the newest act of one name on an account.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_on_account(connection: &Connection, user: UserId, act: &str) -> Result<Option<AuditEntry>> {
    let mut question = connection.prepare_cached(
        "select id, site_id, at, actor, acting_for, act, about, address
         from audit
         where site_id = :none and act = :act and about = :user
         order by id desc
         limit 1",
    )?;
    let bound = named_params! {":none": NO_SITE.0, ":act": act, ":user": user.to_string()};
    let found = question.query_row(bound, read).optional()?;
    Ok(found.map(|(_, record)| record))
}

/// Deletes acts older than [`limits::AUDIT_KEPT`].
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let oldest = now.before(limits::AUDIT_KEPT);
    transaction.execute("delete from audit where at <= :oldest", [oldest.0])?;
    Ok(())
}
