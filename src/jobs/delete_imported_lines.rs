//! The deletion of fingerprints of imported lines.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::store::imported_lines;
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "forget imported lines",
    schedule: Schedule::Every(Duration::from_hours(1)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Deletes the fingerprints of imported lines that no import has met for their time of retention, in slices
/// between which other writes run.
async fn run(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    while app.write(move |tx| imported_lines::delete_old(tx, now)).await? {}
    Ok(())
}
