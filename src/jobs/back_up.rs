//! The scheduled backups of the server.

use super::task::{Schedule, Task};
use crate::app::{App, blocking};
use crate::error::Result;
use crate::store;
use crate::store::backup::BackupSource;
use std::sync::Arc;

/// The task.
pub const TASK: Task = Task {
    name: "back up",
    schedule: Schedule::Configured(|config| config.backups.as_ref().map(|backups| backups.every)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { run(&app).await }),
};

/// Backs up the data file, if the server's settings say so. A stop cancels the backup and removes its
/// partial file.
///
/// # Errors
///
/// Fails when the data file cannot be read or the backup cannot be written, and when a stop cancels it.
pub async fn run(app: &App) -> Result<()> {
    let Some(config) = app.config.backups.clone() else { return Ok(()) };
    // The oldest backups are found by name, and names made by a clock that jumped are no evidence of age.
    let keep = app.trusted_clock.doubt().is_none().then_some(config.keep);
    let (data, now, stopping) = (app.config.data.clone(), app.clock.now(), app.stopping());
    blocking::outside(move || {
        let connection = store::open_as_it_is(&data)?;
        let is_over = Arc::new(move || *stopping.borrow());
        let source = BackupSource { connection: &connection, path: &data, is_over };
        let made = source.write_into(&config.folder, keep, now);
        store::close(connection)?;
        let made = made?;
        tracing::info!(file = %made.file.display(), bytes = made.bytes, "the data file is backed up");
        Ok(())
    })
    .await
}
