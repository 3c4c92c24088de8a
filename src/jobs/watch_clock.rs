//! The watch over the clock.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::store::trusted_clock;
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "watch the clock",
    schedule: Schedule::Every(Duration::from_mins(1)),
    needs_trusted_clock: false,
    run: |app| Box::pin(run(app)),
};

/// Stores the last trusted time, and corrects times that were stored while the clock was ahead.
async fn run(app: Data<App>) -> Result<()> {
    let Some(now) = app.trusted_clock.now() else { return Ok(()) };
    app.write(move |tx| {
        trusted_clock::set(tx, now)?;
        trusted_clock::bring_back_moments(tx, now)
    })
    .await
}
