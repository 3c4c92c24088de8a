//! Export and import of the alerts of a whole site. Those of single people, what alerts told, and the webhooks they call belong to the
//! people and programs of one installation and stay there.

use super::alert_records::AlertRecord;
use super::goal_records::Currencies;
use super::outcome::ImportOutcome;
use super::records::Record;
use crate::error::Result;
use crate::limits;
use crate::model::alert::{Alert, AlertKind, AlertSettings};
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::store::alerts::{self, AlertScope};
use crate::store::goals;
use rusqlite::{Connection, Transaction};

/// The reason why an imported alert does not watch.
const IMPORTED: &str = "It came with an imported site.";

/// Passes the alerts of a whole site on to `emit`.
pub(super) fn read(
    connection: &Connection,
    site: SiteId,
    emit: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    for Alert { settings, created_at, .. } in alerts::list(connection, AlertScope { site, owner: None })? {
        let goal = match settings.goal {
            Some(goal) => goals::code_and_name(connection, goal)?.map(|(code, _)| code),
            None => None,
        };
        emit(&Record::Alert(Box::new(AlertRecord {
            kind: settings.kind.name().to_owned(),
            threshold: settings.threshold,
            percent: settings.percent,
            goal,
            mode: settings.mode.name().to_owned(),
            segment: settings.segment,
            tells_end: settings.tells_end,
            by_mail: settings.by_mail,
            created_at: created_at.0,
        })))?;
    }
    Ok(())
}

/// Writes an alert, unless there is one like it. It is stopped: nobody here asked for it yet.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    alert: &AlertRecord,
    currencies: Currencies,
    now: Timestamp,
) -> Result<ImportOutcome> {
    let goal = match &alert.goal {
        Some(code) => match goals::find_of_code(tx, site, code)? {
            Some(goal) => Some(goal.id),
            None => return Ok(ImportOutcome::Full("neither the file nor the site has the goal of an alert")),
        },
        None => None,
    };
    let Some(mut settings) = alert.settings(goal) else { return Ok(ImportOutcome::Known) };
    if settings.kind == AlertKind::Revenue {
        settings.threshold = currencies.amount(settings.threshold);
    }
    let scope = AlertScope { site, owner: None };
    let here = alerts::list(tx, scope)?;
    let is_like =
        |other: &Alert| AlertSettings { webhooks: Vec::new(), ..other.settings.clone() } == settings;
    if here.iter().any(is_like) {
        return Ok(ImportOutcome::Known);
    }
    if here.len() >= limits::ALERTS_PER_SITE_MAX {
        return Ok(ImportOutcome::Full("the site has as many alerts as it may have"));
    }
    let id = alerts::create(tx, scope, &settings, Timestamp(alert.created_at))?;
    alerts::stop(tx, id, now, IMPORTED)?;
    Ok(ImportOutcome::Made)
}
