//! Deletion in the background: removed sites, visits past their retention, unused labels.

use super::{App, write_ahead_log};
use crate::error::{Error, Result};
use crate::limits;
use crate::log;
use crate::reports::engine::pruning::DayToPrune;
use crate::store::label_gc::MarkSet;
use crate::store::label_references::InternedTable;
use crate::store::site_deletion;
use crate::store::{retention, sites};
use rusqlite::Connection;
use std::sync::Arc;

/// Deletes the remains of removed sites, in slices between which other writes run.
///
/// # Errors
///
/// Fails with `Error::Busy` when an import runs meanwhile or the writer's queue is full, and when the data
/// file cannot be written.
pub async fn delete_removed_sites(app: &App) -> Result<()> {
    let _deleting = app.deleting.lock().await;
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

/// Deletes the visits past their site's retention: a day at a time, its totals first, then its rows in
/// slices between which other writes run. A pruning that was interrupted is continued. A site that fails
/// does not stop the others.
///
/// # Errors
///
/// Fails with the first error of a site, when labels cannot be swept, and when the data file cannot be
/// written.
pub async fn prune(app: &App) -> Result<()> {
    let _pruning = app.pruning.lock().await;
    let mut failed = None;
    for site in app.read(sites::list).await? {
        let id = site.id;
        if let Err(error) = prune_site(app, site).await {
            if let Some(left_out) = log::failure("prune", &error) {
                tracing::error!(site = id.0, %error, left_out, "the old visits of a site were not dropped");
            }
            failed = failed.or(Some(error));
        }
    }
    sweep(app).await?;
    failed.map_or(Ok(()), Err)
}

async fn prune_site(app: &App, site: sites::Site) -> Result<()> {
    let (id, mut tries) = (site.id, 0);
    while tries < limits::COUNT_TRIES {
        let rows = limits::DELETE_ROWS_PER_SLICE;
        while app.write(move |tx| retention::drop_slice(tx, id, rows)).await? {}
        if app.trusted_clock.now().is_none() {
            // Deleted visits do not come back when the clock does.
            return Ok(());
        }
        let site = site.clone();
        let Some(day) = app.snapshot(move |snapshot| DayToPrune::next(snapshot, &site)).await? else {
            return Ok(());
        };
        let Some(now) = app.trusted_clock.now() else { return Ok(()) };
        let is_written = app.write(move |tx| day.write(tx, now)).await?;
        tries = if is_written { 0 } else { tries + 1 };
    }
    Ok(())
}

/// Deletes labels that are unused since visits were deleted, and empties the write-ahead log, which holds
/// copies.
///
/// # Errors
///
/// Fails with `Error::Busy` when an import runs meanwhile or a reader holds the log, and when the data file
/// cannot be written.
pub async fn sweep(app: &App) -> Result<()> {
    let _deleting = app.deleting.lock().await;
    let unswept = app.read(retention::list_unswept).await?;
    if unswept.is_empty() {
        return Ok(());
    }
    delete_labels(app).await?;
    write_ahead_log::empty(app).await?;
    app.write(move |tx| retention::set_swept(tx, &unswept)).await
}

/// Deletes sources, devices, places and labels that no row refers to, in slices between which other writes
/// run.
///
/// # Errors
///
/// Fails with `Error::Busy` when an import runs meanwhile.
async fn delete_labels(app: &App) -> Result<()> {
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
            let deleted = app.writer.delete_labels(move |tx| marks.delete(tx, table, &slice))?;
            if !deleted.await.map_err(|_| Error::Busy)?? {
                return Err(Error::Busy);
            }
        }
        marks = Arc::into_inner(shared_marks).ok_or(Error::Busy)?;
    }
    Ok(())
}
