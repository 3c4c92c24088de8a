//! The closing of months for accounts with a plan.

use super::task::{Schedule, Task};
use crate::accounts::billing::months;
use crate::app::App;
use crate::error::Result;
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "close statements",
    schedule: Schedule::Every(Duration::from_hours(1)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Closes the months that are over in every time zone, for all users with a plan.
async fn run(app: Data<App>) -> Result<()> {
    let due = app.view(months::due).await?;
    if due.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    app.write(move |tx| months::close(tx, &due, now)).await
}
