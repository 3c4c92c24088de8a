//! The deletion of old clicks and depths of pages, after the days that a site's owner chose.

use super::sweep_labels::sweep;
use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::model::id::VisitId;
use crate::store::{page_reads, sites};
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "forget old clicks and depths",
    // The days of sites end at different hours, by their time zones.
    schedule: Schedule::Every(Duration::from_hours(1)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Deletes what is older than the site keeps it, in slices between which other writes run, and the labels that nothing uses then.
async fn run(app: Data<App>) -> Result<()> {
    for site in app.read(sites::list).await? {
        let Some(now) = app.trusted_clock.now() else { return Ok(()) };
        let first_kept = VisitId::first_at(site.zone.start(site.heatmaps.first_kept(site.zone.day(now))));
        let (id, most) = (site.id, limits::HEATMAP_VISITS_PER_SLICE);
        while !app.is_stopping()
            && app.write(move |tx| page_reads::delete_old(tx, id, first_kept, most)).await?
        {}
    }
    sweep(&app).await
}
