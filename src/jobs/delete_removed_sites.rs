//! The deletion of the remains of removed sites.

use super::sweep_labels::delete_labels;
use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::store::site_deletion;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "clear removed sites",
    schedule: Schedule::Every(Duration::from_mins(1)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { delete_removed_sites(&app).await }),
};

/// Deletes the remains of removed sites, in slices between which other writes run.
///
/// # Errors
///
/// Fails with `Error::Busy` when an import runs meanwhile or the writer's queue is full, and when the data
/// file cannot be written.
pub async fn delete_removed_sites(app: &App) -> Result<()> {
    let _deleting = app.upkeep.deleting.lock().await;
    let removed = app.read(site_deletion::list_removed).await?;
    if removed.is_empty() {
        return Ok(());
    }
    for site in removed.clone() {
        while app.write(move |tx| site_deletion::delete_rows(tx, site)).await? > 0 {}
    }
    delete_labels(app).await?;
    app.write(move |tx| removed.iter().try_for_each(|site| site_deletion::delete_last(tx, *site))).await
}
