//! Reverse DNS in the background: the host names of visitors' addresses, written to their visits.

use super::task::{Schedule, Task};
use crate::app::{App, blocking};
use crate::error::Result;
use crate::ingest::reverse_dns;
use crate::limits;
use crate::model::clock::Zone;
use crate::store::{blocks, labels, visits};
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "find host names",
    schedule: Schedule::Every(Duration::from_secs(1)),
    needs_trusted_clock: false,
    run: |app| Box::pin(run(app)),
};

/// Looks up the host names of visitors' addresses, if the operator switched that on.
async fn run(app: Data<App>) -> Result<()> {
    if app.config.resolve_hostnames {
        while look_up(&app).await? {}
    }
    Ok(())
}

/// Looks up the host names of some visits' addresses and stores them. Returns true if more are waiting.
///
/// # Errors
///
/// Fails when the data file cannot be written.
async fn look_up(app: &App) -> Result<bool> {
    let batch = app.intake.lookups.take(limits::LOOKUPS_AT_ONCE);
    let has_more = batch.len() == limits::LOOKUPS_AT_ONCE;
    // Each look-up may wait for a distant server: all run in parallel.
    let lookups = batch
        .into_iter()
        .map(|pending| blocking::outside(move || Ok((pending, reverse_dns::find(&pending)))));
    let answers = futures_util::future::join_all(lookups).await;
    let named: Vec<_> =
        answers.into_iter().flatten().filter_map(|(pending, name)| Some((pending, name?))).collect();
    if named.is_empty() {
        return Ok(has_more);
    }
    let changed: Vec<_> = named.iter().map(|(pending, _)| (pending.site, pending.visit)).collect();
    let now = app.clock.now();
    let (lookups, day) = (app.intake.lookups.clone(), Zone::utc().day(now));
    app.write(move |tx| {
        for (pending, name) in &named {
            if visits::find_visit(tx, pending.site, pending.visit)?.is_none() {
                // The visit was erased meanwhile: its host name must not be stored.
                continue;
            }
            let label = match labels::find(tx, name)? {
                Some(label) => label,
                None if !lookups.take_room(pending, day) => continue,
                None => labels::create(tx, name)?,
            };
            visits::update_hostname(tx, pending.site, pending.visit, label)?;
            blocks::unseal_visit(tx, pending.site, pending.visit)?;
            if pending.visit.began().after(limits::DAY_SETTLES_AFTER) < now {
                // Reports take the day for a finished one.
                blocks::begin_generation(tx, pending.site)?;
            }
        }
        Ok(())
    })
    .await?;
    app.database.changes.publish(changed);
    Ok(has_more)
}
