//! The deletion of old checks and outages of monitors.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::store::{monitor_checks, outages};
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "forget old checks",
    schedule: Schedule::Every(Duration::from_hours(1)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Deletes checks after `MONITOR_CHECKS_KEPT`, their sums by hour and ended outages after `MONITOR_HOURS_KEPT`, in slices
/// between which other writes run.
async fn run(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    let (checks, outages_before) =
        (now.before(limits::MONITOR_CHECKS_KEPT), now.before(limits::MONITOR_HOURS_KEPT));
    let hours = outages_before.0.div_euclid(3_600_000);
    let most = limits::DELETE_ROWS_PER_SLICE;
    while !app.is_stopping()
        && app.write(move |tx| monitor_checks::delete_old_checks(tx, checks, most)).await? == most
    {}
    while !app.is_stopping()
        && app.write(move |tx| monitor_checks::delete_old_hours(tx, hours, most)).await? == most
    {}
    while !app.is_stopping()
        && app.write(move |tx| outages::delete_old(tx, outages_before, most)).await? == most
    {}
    Ok(())
}
