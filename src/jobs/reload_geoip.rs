//! The renewed reading of the operator's file of locations.

use super::task::{Schedule, Task};
use crate::app::{App, blocking};
use crate::error::Result;
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "reload places",
    schedule: Schedule::Every(Duration::from_mins(1)),
    needs_trusted_clock: false,
    run: |app| Box::pin(run(app)),
};

/// Reads the operator's MMDB file again if it has changed.
async fn run(app: Data<App>) -> Result<()> {
    blocking::run(move || app.intake.geoip.reload_if_changed()).await
}
