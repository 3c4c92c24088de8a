//! The deletion of old entries of the audit log.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::store::audit;
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "forget old acts",
    schedule: Schedule::Every(Duration::from_hours(24)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Deletes entries of the audit log that are older than a year.
async fn run(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    app.write(move |tx| audit::delete_old(tx, now)).await
}
