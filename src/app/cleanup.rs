//! Deletion in the background: removed sites, visits past their retention, unused labels.

use super::App;
use crate::error::{Error, Result};
use crate::limits;
use crate::log;
use crate::reports::engine::pruning::DayToPrune;
use crate::store::label_gc::{InternedTable, MarkSet};
use crate::store::{retention, sites};
use rusqlite::Connection;
use std::sync::Arc;

impl App {
    /// Deletes the remains of removed sites, in slices between which other writes run.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when an import runs meanwhile or the writer's queue is full, and when the data
    /// file cannot be written.
    pub async fn clear_removed_sites(&self) -> Result<()> {
        let _clearing = self.clearing.lock().await;
        let removed = self.read(sites::list_removed).await?;
        if removed.is_empty() {
            return Ok(());
        }
        for site in removed.clone() {
            while self.write(move |tx| sites::delete_rows(tx, site)).await? > 0 {}
        }
        self.clear_labels().await?;
        self.write(move |tx| removed.iter().try_for_each(|site| sites::delete_last(tx, *site))).await
    }

    /// Deletes the visits past their site's retention: a day at a time, its totals first, then its rows in
    /// slices between which other writes run. A pruning that was interrupted is continued. A site that fails
    /// does not stop the others.
    ///
    /// # Errors
    ///
    /// Fails with the first error of a site, when labels cannot be swept, and when the data file cannot be
    /// written.
    pub async fn prune(&self) -> Result<()> {
        let _pruning = self.pruning.lock().await;
        let mut failed = None;
        for site in self.read(sites::list).await? {
            let id = site.id;
            if let Err(error) = self.prune_site(site).await {
                if let Some(left_out) = log::failure("prune", &error) {
                    tracing::error!(site = id.0, %error, left_out, "the old visits of a site were not dropped");
                }
                failed = failed.or(Some(error));
            }
        }
        self.sweep().await?;
        failed.map_or(Ok(()), Err)
    }

    async fn prune_site(&self, site: sites::Site) -> Result<()> {
        let (id, mut tries) = (site.id, 0);
        while tries < limits::COUNT_TRIES {
            let rows = limits::DELETE_ROWS_PER_SLICE;
            while self.write(move |tx| retention::drop_slice(tx, id, rows)).await? {}
            if self.trusted_now().is_none() {
                // Deleted visits do not come back when the clock does.
                return Ok(());
            }
            let site = site.clone();
            let Some(leaving) = self.report(move |reader| DayToPrune::next(reader, &site)).await? else {
                return Ok(());
            };
            let Some(now) = self.trusted_now() else { return Ok(()) };
            let is_written = self.write(move |tx| leaving.write(tx, now)).await?;
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
    pub async fn sweep(&self) -> Result<()> {
        let _clearing = self.clearing.lock().await;
        let unswept = self.read(retention::list_unswept).await?;
        if unswept.is_empty() {
            return Ok(());
        }
        self.clear_labels().await?;
        self.empty_log().await?;
        self.write(move |tx| retention::set_swept(tx, &unswept)).await
    }

    /// Deletes sources, devices, places and labels that no row refers to, in slices between which other writes
    /// run.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when an import runs meanwhile.
    async fn clear_labels(&self) -> Result<()> {
        let now = self.clock.now();
        let (mut marks, known) = self
            .read(move |connection| Ok((MarkSet::begin(connection, now)?, sites::list(connection)?)))
            .await?;
        for site in known {
            // One query a site: a long one would keep the log from being checkpointed.
            marks = self.read(move |connection| marks.add(connection, site.id).map(|()| marks)).await?;
        }
        for shared in InternedTable::ALL {
            let find = move |connection: &Connection| Ok((marks.orphans(connection, shared)?, marks));
            let (orphans, found) = self.read(find).await?;
            let found = Arc::new(found);
            for slice in orphans.chunks(limits::DELETE_ROWS_PER_SLICE) {
                let (marks, slice) = (Arc::clone(&found), slice.to_vec());
                let deleted = self.writer.delete_labels(move |tx| marks.delete(tx, shared, &slice))?;
                if !deleted.await.map_err(|_| Error::Busy)?? {
                    return Err(Error::Busy);
                }
            }
            marks = Arc::into_inner(found).ok_or(Error::Busy)?;
        }
        Ok(())
    }
}
