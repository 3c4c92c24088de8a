//! The deletion of old samples of filtered hits, and of the names of other hosts.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::store::{filtered, other_hosts, sites};
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "forget old samples",
    schedule: Schedule::Every(Duration::from_hours(1)),
    needs_trusted_clock: true,
    run: |app| Box::pin(async move { delete_old_samples(&app).await }),
};

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
