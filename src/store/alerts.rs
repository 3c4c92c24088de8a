//! Alerts: those of whole sites, and those of single people.

use super::users;
use crate::error::{Error, Result};
use crate::model::alert::{Alert, AlertKind, AlertSettings, GoalMode};
use crate::model::clock::Timestamp;
use crate::model::id::{AlertId, GoalId, SiteId, UserId, WebhookId};
use rusqlite::{Connection, Row, ToSql, Transaction, named_params};

/// The owner of alerts on a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertScope {
    /// The site that is watched.
    pub site: SiteId,
    /// The user whose own alerts they are; `None` for those of the whole site.
    pub owner: Option<UserId>,
}

impl AlertScope {
    fn user_id(self) -> Option<i64> {
        self.owner.map(|owner| owner.0)
    }
}

const COLUMNS: &str = "id, site_id, user_id, kind, threshold, percent, goal_id, mode, segment, tells_end, by_mail, created_at, \
                       stopped_at, stopped_because, state, \
                       (select group_concat(webhook_id, ' ') from alert_webhooks where alert_id = alerts.id)";

/// Reads an alert; `None` for a kind that this version does not know.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Alert>> {
    let (kind, mode): (String, String) = (row.get(3)?, row.get(7)?);
    let Ok(kind) = kind.parse::<AlertKind>() else { return Ok(None) };
    let because: Option<String> = row.get(13)?;
    let webhooks: Option<String> = row.get(15)?;
    Ok(Some(Alert {
        id: AlertId(row.get(0)?),
        site: SiteId(row.get(1)?),
        owner: row.get::<_, Option<i64>>(2)?.map(UserId),
        settings: AlertSettings {
            kind,
            threshold: row.get(4)?,
            percent: row.get(5)?,
            goal: row.get::<_, Option<i64>>(6)?.map(GoalId),
            mode: mode.parse::<GoalMode>().unwrap_or_default(),
            segment: row.get(8)?,
            tells_end: row.get(9)?,
            by_mail: row.get(10)?,
            webhooks: webhooks.iter().flat_map(|ids| ids.split(' ')).filter_map(WebhookId::parse).collect(),
        },
        created_at: Timestamp(row.get(11)?),
        stopped: row.get::<_, Option<i64>>(12)?.map(|at| (Timestamp(at), because.unwrap_or_default())),
        state: row.get(14)?,
    }))
}

fn list_where(connection: &Connection, condition: &str, bound: &[(&str, &dyn ToSql)]) -> Result<Vec<Alert>> {
    let sql = format!("select {COLUMNS} from alerts where {condition} order by site_id, id");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Lists the alerts of a scope, the oldest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, scope: AlertScope) -> Result<Vec<Alert>> {
    let bound = named_params! {":site": scope.site.0, ":owner": scope.user_id()};
    list_where(connection, "site_id = :site and user_id is :owner", bound)
}

/// Lists a user's own alerts on all sites.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_of_user(connection: &Connection, user: UserId) -> Result<Vec<Alert>> {
    list_where(connection, "user_id = :user", named_params! {":user": user.0})
}

/// Lists the alerts that watch, by site. Those of disabled users rest.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_watching(connection: &Connection) -> Result<Vec<Alert>> {
    let condition = "stopped_at is null
         and (user_id is null or user_id in (select id from users where disabled_at is null))";
    list_where(connection, condition, &[])
}

/// Lists the alerts of a site with filters, each with its owner's user name; `None` for one of the whole site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_filtered(connection: &Connection, site: SiteId) -> Result<Vec<(Alert, Option<String>)>> {
    let found = list_where(connection, "site_id = :site and segment <> ''", named_params! {":site": site.0})?;
    found
        .into_iter()
        .map(|alert| {
            let owner = alert.owner.map(|owner| users::get(connection, owner)).transpose()?;
            Ok((alert, owner.map(|user| user.username)))
        })
        .collect()
}

/// Returns an alert of a scope.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, scope: AlertScope, id: AlertId) -> Result<Alert> {
    let bound = named_params! {":site": scope.site.0, ":owner": scope.user_id(), ":id": id.0};
    let found = list_where(connection, "site_id = :site and user_id is :owner and id = :id", bound)?;
    found.into_iter().next().ok_or(Error::Missing("alert"))
}

/// Finds an alert of any scope.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, id: AlertId) -> Result<Option<Alert>> {
    Ok(list_where(connection, "id = :id", named_params! {":id": id.0})?.into_iter().next())
}

/// Inserts an alert.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    scope: AlertScope,
    settings: &AlertSettings,
    at: Timestamp,
) -> Result<AlertId> {
    transaction.execute(
        "insert into alerts
           (site_id, user_id, kind, threshold, percent, goal_id, mode, segment, tells_end, by_mail, created_at)
         values (:site, :owner, :kind, :threshold, :percent, :goal, :mode, :segment, :tells_end, :by_mail, :at)",
        named_params! {
            ":site": scope.site.0, ":owner": scope.user_id(), ":kind": settings.kind.name(),
            ":threshold": settings.threshold, ":percent": settings.percent,
            ":goal": settings.goal.map(|goal| goal.0), ":mode": settings.mode.name(), ":segment": settings.segment,
            ":tells_end": settings.tells_end, ":by_mail": settings.by_mail, ":at": at.0,
        },
    )?;
    let id = AlertId(transaction.last_insert_rowid());
    write_webhooks(transaction, id, &settings.webhooks)?;
    Ok(id)
}

/// Replaces the settings of an alert, which watches again from now on: it forgets what it remembers.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn update(
    transaction: &Transaction<'_>,
    scope: AlertScope,
    id: AlertId,
    settings: &AlertSettings,
) -> Result<()> {
    let changed = transaction.execute(
        "update alerts
         set kind = :kind, threshold = :threshold, percent = :percent, goal_id = :goal, mode = :mode, segment = :segment,
           tells_end = :tells_end, by_mail = :by_mail, state = '{}', stopped_at = null, stopped_because = null
         where site_id = :site and user_id is :owner and id = :id",
        named_params! {
            ":site": scope.site.0, ":owner": scope.user_id(), ":id": id.0, ":kind": settings.kind.name(),
            ":threshold": settings.threshold, ":percent": settings.percent,
            ":goal": settings.goal.map(|goal| goal.0), ":mode": settings.mode.name(), ":segment": settings.segment,
            ":tells_end": settings.tells_end, ":by_mail": settings.by_mail,
        },
    )?;
    if changed == 0 {
        return Err(Error::Missing("alert"));
    }
    write_webhooks(transaction, id, &settings.webhooks)
}

fn write_webhooks(transaction: &Transaction<'_>, id: AlertId, webhooks: &[WebhookId]) -> Result<()> {
    transaction.execute("delete from alert_webhooks where alert_id = :id", [id.0])?;
    let mut insertion = transaction.prepare_cached(
        "insert or ignore into alert_webhooks (alert_id, webhook_id) values (:id, :webhook)",
    )?;
    for webhook in webhooks {
        insertion.execute(named_params! {":id": id.0, ":webhook": webhook.0})?;
    }
    Ok(())
}

/// Deletes an alert with its events.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete(transaction: &Transaction<'_>, scope: AlertScope, id: AlertId) -> Result<()> {
    let deleted = transaction.execute(
        "delete from alerts where site_id = :site and user_id is :owner and id = :id",
        named_params! {":site": scope.site.0, ":owner": scope.user_id(), ":id": id.0},
    )?;
    if deleted == 0 { Err(Error::Missing("alert")) } else { Ok(()) }
}

/// Saves what an alert remembers.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_state(transaction: &Transaction<'_>, id: AlertId, state: &str) -> Result<()> {
    transaction
        .prepare_cached("update alerts set state = :state where id = :id")?
        .execute(named_params! {":state": state, ":id": id.0})?;
    Ok(())
}

/// Stops an alert that watches; returns true if it did.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn stop(transaction: &Transaction<'_>, id: AlertId, at: Timestamp, because: &str) -> Result<bool> {
    let stopped = transaction.execute(
        "update alerts set stopped_at = :at, stopped_because = :because where id = :id and stopped_at is null",
        named_params! {":at": at.0, ":because": because, ":id": id.0},
    )?;
    Ok(stopped > 0)
}
