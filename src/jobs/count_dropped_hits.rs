//! The counts of hits that were dropped before the writer, written to the data file at intervals.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::ingest::dropped_hits::PendingDroppedHits;
use crate::model::clock::Zone;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "count refusals",
    schedule: Schedule::Every(Duration::from_secs(10)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { write_counts(&app).await }),
};

/// Writes the dropped hits counted since the last time. If writing fails, the counts stay for the next time.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub async fn write_counts(app: &App) -> Result<()> {
    let counts = app.intake.dropped_hits.take();
    if counts.is_empty() {
        return Ok(());
    }
    let (day, written) = (Zone::utc().day(app.clock.now()), counts.clone());
    let outcome = app.write(move |tx| PendingDroppedHits::write(tx, day, &written)).await;
    if outcome.is_err() {
        app.intake.dropped_hits.put_back(counts);
    }
    outcome
}
