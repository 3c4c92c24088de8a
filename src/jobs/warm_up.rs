//! The preparation of patterns at the start.

use super::task::{Schedule, Task};
use crate::app::{App, blocking};
use crate::error::Result;
use actix_web::web::Data;

/// The task.
pub const TASK: Task = Task {
    name: "warm up",
    schedule: Schedule::AtStart,
    needs_trusted_clock: false,
    run: |app| Box::pin(run(app)),
};

/// Compiles the patterns of user agents and bots before the first hit needs them.
async fn run(_: Data<App>) -> Result<()> {
    blocking::run(|| {
        crate::ingest::user_agent::warm();
        crate::ingest::bots::warm();
        Ok(())
    })
    .await
}
