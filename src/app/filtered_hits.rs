//! The filtered hits in the data file: the counts of dropped hits are written at intervals, and old samples are
//! deleted.

use super::App;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Zone;
use crate::model::id::SiteId;
use crate::store::{filtered, other_hosts, sites};

/// Writes the dropped hits counted since the last time. If writing fails, the counts stay for the next time.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub async fn write_counts(app: &App) -> Result<()> {
    let counts = app.dropped_hits.take();
    if counts.is_empty() {
        return Ok(());
    }
    let (day, written) = (Zone::utc().day(app.clock.now()), counts.clone());
    let outcome = app
        .write(move |tx| {
            let mut counts = written.iter();
            counts.try_for_each(|(reason, count)| filtered::add(tx, SiteId(0), day, reason.name(), *count))
        })
        .await;
    if outcome.is_err() {
        app.dropped_hits.put_back(counts);
    }
    outcome
}

/// Deletes the samples of filtered hits and the names of other hosts that are older than `SAMPLE_DAYS`.
///
/// # Errors
///
/// Fails when the data file cannot be read or written.
pub async fn delete_old_samples(app: &App) -> Result<()> {
    let Some(now) = app.trusted_clock.now() else { return Ok(()) };
    for site in app.read(sites::list).await? {
        let (id, first) = (site.id, site.zone.day(now).plus(-limits::SAMPLE_DAYS));
        if app.read(move |connection| filtered::has_samples_before(connection, id, first)).await? {
            app.write(move |tx| filtered::delete_samples_before(tx, id, first)).await?;
        }
        if app.read(move |connection| other_hosts::has_before(connection, id, first)).await? {
            app.write(move |tx| other_hosts::delete_before(tx, id, first)).await?;
        }
    }
    Ok(())
}
