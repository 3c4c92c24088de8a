//! The deletion of labels that are unused since visits were erased.

use super::task::{Schedule, Task};
use super::write_ahead_log;
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits;
use crate::store::interned_table::InternedTable;
use crate::store::label_gc::MarkSet;
use crate::store::{sites, visit_erasure};
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "sweep texts",
    schedule: Schedule::Every(Duration::from_mins(1)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { sweep(&app).await }),
};

/// Deletes labels that are unused since visits were deleted, and empties the write-ahead log, which holds
/// copies.
///
/// # Errors
///
/// Fails with `Error::Busy` when an import runs meanwhile or a reader holds the log, and when the data file
/// cannot be written.
pub async fn sweep(app: &App) -> Result<()> {
    let _deleting = app.upkeep.deleting.lock().await;
    let unswept = app.read(visit_erasure::list_unswept).await?;
    if unswept.is_empty() {
        return Ok(());
    }
    delete_labels(app).await?;
    write_ahead_log::empty(app).await?;
    app.write(move |tx| visit_erasure::set_swept(tx, &unswept)).await
}

/// Deletes sources, devices, places and labels that no row refers to, in slices between which other writes
/// run.
///
/// # Errors
///
/// Fails with `Error::Busy` when an import runs meanwhile.
pub async fn delete_labels(app: &App) -> Result<()> {
    let now = app.clock.now();
    let (mut marks, sites) =
        app.read(move |connection| Ok((MarkSet::begin(connection, now)?, sites::list(connection)?))).await?;
    for site in sites {
        // One query a site: a long one would keep the log from being checkpointed.
        marks = app.read(move |connection| marks.add(connection, site.id).map(|()| marks)).await?;
    }
    for table in InternedTable::ALL {
        let find = move |connection: &Connection| Ok((marks.orphans(connection, table)?, marks));
        let (orphans, found_marks) = app.read(find).await?;
        let shared_marks = Arc::new(found_marks);
        for slice in orphans.chunks(limits::DELETE_ROWS_PER_SLICE) {
            let (marks, slice) = (Arc::clone(&shared_marks), slice.to_vec());
            if !app.delete_labels(move |tx| marks.delete(tx, table, &slice)).await? {
                return Err(Error::Busy);
            }
        }
        marks = Arc::into_inner(shared_marks).ok_or(Error::Busy)?;
    }
    Ok(())
}
