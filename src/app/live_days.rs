//! Live days in the background: unfinished days in the cache are brought up to date, so that however many hits
//! come, little is left to read for the next query.

use super::App;
use crate::log;
use crate::reports::engine::snapshot::Snapshot;
use std::sync::Arc;

impl App {
    /// Brings days up to date whenever many changes of their site are pending. Runs until the future is
    /// dropped.
    pub async fn keep_days_up(&self) {
        loop {
            self.changes.many_waiting().await;
            let (readers, days, now) = (self.readers.clone(), Arc::clone(&self.days), self.clock.now());
            let outcome = Self::block(move || {
                let mark = days.mark();
                readers.read_if_free(|connection| {
                    Snapshot::new(connection, &days, now, mark).refresh_live_days()
                })
            });
            if let Err(error) = outcome.await
                && let Some(left_out) = log::failure("live days", &error)
            {
                tracing::warn!(%error, left_out, "days that go on were not brought up to date");
            }
        }
    }
}
