//! The deletion of past days' secrets: salts, and the address keys made with them.

use super::task::{Schedule, Task};
use super::write_ahead_log;
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, VisitId};
use crate::store::sites::Site;
use crate::store::{address_keys, imports, salts, sites};
use rusqlite::Connection;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "forget salts",
    schedule: Schedule::Every(Duration::from_mins(10)),
    needs_trusted_clock: true,
    run: |app| Box::pin(async move { delete_old(&app).await }),
};

/// Deletes the salts under which no visit can go on, those of days that ended longer ago than a visit
/// lasts, and with them their address keys, in slices between which other writes run. Copies of both in the
/// write-ahead log are removed at once.
///
/// # Errors
///
/// Fails with `Error::Busy` when a reader holds the log, and when the data file cannot be written.
pub async fn delete_old(app: &App) -> Result<()> {
    let Some(now) = app.trusted_clock.now() else { return Ok(()) };
    let old = app.read(move |connection| list_old(connection, now)).await?;
    if !old.is_empty() {
        app.write(move |tx| old.iter().try_for_each(|(site, day)| salts::delete(tx, *site, *day))).await?;
        app.upkeep.has_secrets_in_log.store(true, Ordering::Relaxed);
    }
    for site in app.read(sites::list).await? {
        forget_address_keys(app, site.id, first_keyed(&site, now)).await?;
    }
    if app.upkeep.has_secrets_in_log.load(Ordering::Relaxed) {
        write_ahead_log::empty(app).await?;
        app.upkeep.has_secrets_in_log.store(false, Ordering::Relaxed);
    }
    Ok(())
}

async fn forget_address_keys(app: &App, site: SiteId, end: VisitId) -> Result<()> {
    if !app.read(move |connection| address_keys::is_due(connection, site, end)).await? {
        return Ok(());
    }
    while !app.is_stopping() {
        let most = limits::DELETE_ROWS_PER_SLICE;
        let (forgotten, has_more) =
            app.write(move |tx| address_keys::forget_slice(tx, site, end, most)).await?;
        if forgotten > 0 {
            app.upkeep.has_secrets_in_log.store(true, Ordering::Relaxed);
        }
        if !has_more {
            break;
        }
    }
    Ok(())
}

/// Returns the first local day of a zone on which a visit may have begun that still goes on.
fn first_needed(zone: &Zone, now: Timestamp) -> Day {
    zone.day(now.before(Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs())))
}

/// Returns the first visit of a site whose address key may be needed.
fn first_keyed(site: &Site, now: Timestamp) -> VisitId {
    VisitId::first_at(site.zone.start(first_needed(&site.zone, now)))
}

/// Lists the salts that no visit needs any more.
///
/// # Errors
///
/// Fails when the data file cannot be read.
fn list_old(connection: &Connection, now: Timestamp) -> Result<Vec<(SiteId, Day)>> {
    let sites = sites::list(connection)?;
    // An import creates salts of its own for the days of its hits, and deletes them when it ends.
    let importing = imports::under_way(connection, now.before(limits::IMPORT_WITHIN))?;
    let is_old = |(site, day): &(SiteId, Day)| {
        if importing.contains(site) {
            return false;
        }
        let zone = sites
            .iter()
            .find(|candidate| candidate.id == *site)
            .map_or_else(Zone::utc, |candidate| candidate.zone.clone());
        // No hit comes from the day after tomorrow: the clock was ahead when the salt was created.
        *day < first_needed(&zone, now) || *day > zone.day(now).plus(1)
    };
    Ok(salts::days(connection)?.into_iter().filter(is_old).collect())
}
