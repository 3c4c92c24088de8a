//! Webhooks of sites, with the keys that sign their messages.

use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, WebhookId};
use crate::model::webhook::{Webhook, WebhookSettings};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The keys of a webhook's signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKeys {
    /// The key.
    pub key: Vec<u8>,
    /// The key before the last rotation, with the time until which it signs too.
    pub old: Option<(Vec<u8>, Timestamp)>,
}

/// Lists the webhooks of a site, by name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Webhook>> {
    let mut question = connection.prepare_cached(
        "select id, site_id, name, format, url, is_paused, created_at from webhooks
         where site_id = :site order by name collate nocase, id",
    )?;
    let rows = question.query_map([site.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Finds a webhook of a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, site: SiteId, id: WebhookId) -> Result<Webhook> {
    list(connection, site)?.into_iter().find(|webhook| webhook.id == id).ok_or(Error::Missing("webhook"))
}

/// Finds a webhook by its id alone, with its signing keys.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_with_keys(connection: &Connection, id: WebhookId) -> Result<Option<(Webhook, SigningKeys)>> {
    let mut question = connection.prepare_cached(
        "select id, site_id, name, format, url, is_paused, created_at, secret, old_secret, old_secret_until
         from webhooks where id = :id",
    )?;
    let found = question.query_row([id.0], |row| {
        let (old, until): (Option<Vec<u8>>, Option<i64>) = (row.get(8)?, row.get(9)?);
        let keys = SigningKeys { key: row.get(7)?, old: old.zip(until.map(Timestamp)) };
        Ok((read(row)?, keys))
    });
    Ok(found.optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    let format: String = row.get(3)?;
    let settings =
        WebhookSettings { name: row.get(2)?, format: format.parse().unwrap_or_default(), url: row.get(4)? };
    Ok(Webhook {
        id: WebhookId(row.get(0)?),
        site: SiteId(row.get(1)?),
        settings,
        is_paused: row.get(5)?,
        created_at: Timestamp(row.get(6)?),
    })
}

/// Inserts a webhook.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    site: SiteId,
    settings: &WebhookSettings,
    key: &[u8],
    at: Timestamp,
) -> Result<WebhookId> {
    transaction.execute(
        "insert into webhooks (site_id, name, format, url, secret, created_at)
         values (:site, :name, :format, :url, :key, :at)",
        named_params! {
            ":site": site.0, ":name": settings.name, ":format": settings.format.name(), ":url": settings.url,
            ":key": key, ":at": at.0,
        },
    )?;
    Ok(WebhookId(transaction.last_insert_rowid()))
}

/// Replaces the settings of a webhook.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn update(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: WebhookId,
    settings: &WebhookSettings,
) -> Result<()> {
    let changed = transaction.execute(
        "update webhooks set name = :name, format = :format, url = :url where site_id = :site and id = :id",
        named_params! {
            ":site": site.0, ":id": id.0, ":name": settings.name, ":format": settings.format.name(),
            ":url": settings.url,
        },
    )?;
    if changed == 0 { Err(Error::Missing("webhook")) } else { Ok(()) }
}

/// Pauses a webhook, or lets it go on.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn set_paused(transaction: &Transaction<'_>, site: SiteId, id: WebhookId, is_paused: bool) -> Result<()> {
    let changed = transaction.execute(
        "update webhooks set is_paused = :paused where site_id = :site and id = :id",
        named_params! {":site": site.0, ":id": id.0, ":paused": is_paused},
    )?;
    if changed == 0 { Err(Error::Missing("webhook")) } else { Ok(()) }
}

/// Replaces the key of a webhook's signatures; the old one signs too until a time.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such webhook.
pub fn rotate_key(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: WebhookId,
    key: &[u8],
    old_until: Timestamp,
) -> Result<()> {
    let changed = transaction.execute(
        "update webhooks set old_secret = secret, old_secret_until = :until, secret = :key
         where site_id = :site and id = :id",
        named_params! {":site": site.0, ":id": id.0, ":key": key, ":until": old_until.0},
    )?;
    if changed == 0 { Err(Error::Missing("webhook")) } else { Ok(()) }
}

/// Deletes a webhook with its deliveries.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, id: WebhookId) -> Result<()> {
    let deleted = transaction.execute(
        "delete from webhooks where site_id = :site and id = :id",
        named_params! {":site": site.0, ":id": id.0},
    )?;
    if deleted == 0 { Err(Error::Missing("webhook")) } else { Ok(()) }
}
