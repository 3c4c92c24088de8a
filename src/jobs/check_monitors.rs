//! The checks of monitors. Their times are in the data file: after a stop, those that are due are checked once.

use super::task::{Schedule, Task};
use crate::alerts::monitors::round;
use crate::app::App;
use crate::error::Result;
use actix_web::web::Data;
use std::time::Duration;

/// The task. Its period is the longest time for which a check's result waits to be written down.
pub const TASK: Task = Task {
    name: "check monitors",
    schedule: Schedule::Every(Duration::from_secs(1)),
    needs_trusted_clock: false,
    run: |app| Box::pin(run(app)),
};

/// Writes down the checks that were made, and begins those that are due. It waits for none: a slow server delays no other one.
async fn run(app: Data<App>) -> Result<()> {
    let done = app.probes.take_done();
    if !done.is_empty() {
        // What can't be written down is due still.
        app.write(move |tx| done.iter().try_for_each(|(checked, _)| round::record(tx, checked))).await?;
    }
    if app.is_stopping() {
        return Ok(());
    }
    let now = app.clock.now();
    let due = app.read(move |connection| round::due(connection, now)).await?;
    app.probes.begin(due)
}
