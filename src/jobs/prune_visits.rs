//! The deletion of visits past their retention; their totals stay.

use super::sweep_labels::sweep;
use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::log;
use crate::reports::engine::pruning::DayToPrune;
use crate::store::{retention, sites};
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "drop old visits",
    // The days of sites end at different hours, by their time zones.
    schedule: Schedule::Every(Duration::from_hours(1)),
    needs_trusted_clock: true,
    run: |app| Box::pin(async move { prune(&app).await }),
};

/// Deletes the visits past their site's retention: a day at a time, its totals first, then its rows in
/// slices between which other writes run. A pruning that was interrupted is continued. A site that fails
/// does not stop the others; one that was removed meanwhile is passed over.
///
/// # Errors
///
/// Fails with the first error of a site, when labels cannot be swept, and when the data file cannot be
/// written.
pub async fn prune(app: &App) -> Result<()> {
    let _pruning = app.upkeep.pruning.lock().await;
    let mut failed = None;
    for site in app.read(sites::list).await? {
        let id = site.id;
        if let Err(error) = prune_site(app, site).await
            && app.read(move |connection| sites::find(connection, id)).await?.is_some()
        {
            if let Some(left_out) = log::failure("prune", &error) {
                tracing::error!(site = id.0, %error, left_out, "the old visits of a site were not dropped");
            }
            failed = failed.or(Some(error));
        }
    }
    sweep(app).await?;
    failed.map_or(Ok(()), Err)
}

async fn prune_site(app: &App, site: sites::Site) -> Result<()> {
    let (id, mut tries) = (site.id, 0);
    while tries < limits::COUNT_TRIES {
        let rows = limits::DELETE_ROWS_PER_SLICE;
        while app.write(move |tx| retention::drop_slice(tx, id, rows)).await? {}
        if app.trusted_clock.now().is_none() {
            // Deleted visits do not come back when the clock does.
            return Ok(());
        }
        let site = site.clone();
        let Some(day) = app.snapshot(move |snapshot| DayToPrune::next(snapshot, &site)).await? else {
            return Ok(());
        };
        let Some(now) = app.trusted_clock.now() else { return Ok(()) };
        let is_written = app.write(move |tx| day.write(tx, now)).await?;
        tries = if is_written { 0 } else { tries + 1 };
    }
    Ok(())
}
