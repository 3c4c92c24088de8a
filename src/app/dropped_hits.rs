//! The counts of hits refused before the writer: held in memory, written at intervals. Also deletes old samples
//! of filtered hits.

use super::App;
use crate::error::Result;
use crate::ingest::drop_reason::DropReason;
use crate::limits;
use crate::model::clock::Zone;
use crate::model::id::SiteId;
use crate::store::{filtered, other_hosts, sites};
use std::sync::PoisonError;

impl App {
    /// Counts a refused hit in memory, so that a flood of invalid hits does not slow the writer.
    pub fn refuse(&self, reason: DropReason) {
        *self.refusals.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    /// Writes the refusals counted since the last time. If writing fails, the counts stay for the next time.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub async fn count_refusals(&self) -> Result<()> {
        let counts = std::mem::take(&mut *self.refusals.lock().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() {
            return Ok(());
        }
        let (day, kept) = (Zone::utc().day(self.clock.now()), counts.clone());
        let written = self.write(move |tx| {
            kept.iter()
                .try_for_each(|(reason, count)| filtered::add(tx, SiteId(0), day, reason.name(), *count))
        });
        let outcome = written.await;
        if outcome.is_err() {
            let mut waiting = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            for (reason, count) in counts {
                *waiting.entry(reason).or_default() += count;
            }
        }
        outcome
    }

    /// Deletes the samples of filtered hits and the names of other hosts that are older than `SAMPLE_DAYS`.
    pub async fn forget_samples(&self) -> Result<()> {
        let Some(now) = self.trusted_now() else { return Ok(()) };
        for site in self.read(sites::list).await? {
            let (id, first) = (site.id, site.zone.day(now).plus(-limits::SAMPLE_DAYS));
            if self.read(move |connection| filtered::has_samples_before(connection, id, first)).await? {
                self.write(move |tx| filtered::delete_samples_before(tx, id, first)).await?;
            }
            if self.read(move |connection| other_hosts::has_before(connection, id, first)).await? {
                self.write(move |tx| other_hosts::delete_before(tx, id, first)).await?;
            }
        }
        Ok(())
    }
}
